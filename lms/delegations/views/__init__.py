"""Pages of a study visit."""
