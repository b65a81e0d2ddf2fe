"""Read-only questions across features; each a fixed number of statements, whatever the number of rows."""
