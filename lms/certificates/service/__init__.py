"""Use cases on hours and certificates."""
