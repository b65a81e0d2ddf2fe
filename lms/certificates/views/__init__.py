"""Pages of hours and certificates."""
