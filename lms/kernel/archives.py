"""Zips that somebody else made."""

import zipfile

DAMAGED_ZIP = (zipfile.BadZipFile, ValueError, RuntimeError, OSError, EOFError)
"""What opening or listing one raises that is cut off, made up, or packed in a way Python does not know."""
