"""Use cases of recordings: arriving, showing and deleting, watching."""
