"""Asking, answering and reading questions of a running session."""
