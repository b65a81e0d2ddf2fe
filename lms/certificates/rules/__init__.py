"""Pure rules of hours and certificates."""
