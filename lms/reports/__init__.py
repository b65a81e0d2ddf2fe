"""Read-only questions across features, as pages, tables, CSV and XLSX."""
