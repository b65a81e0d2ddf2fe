"""The one path from one shape of the database to the next, the same on SQLite and PostgreSQL."""
