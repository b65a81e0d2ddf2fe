"""Use cases of a study visit."""
