"""Whose file it is, by what stands in it, never by its name; then its reader."""

import io
import zipfile

from lms.kernel.archives import DAMAGED_ZIP
from lms.quizzes.formats import gift, moodle, qti, sheet
from lms.quizzes.formats.encodings import decode
from lms.quizzes.formats.found import MOST_BYTES, Bundle, refuse_file
from lms.quizzes.formats.qti_item import is_item
from lms.quizzes.formats.xml_tree import parse

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def read_file(content: bytes, language: str) -> Bundle:
    """Return the questions of a file; text without a language's mark is in `language` ("id", "en" or "both").

    Raises Invalid for a file that is none of those known, or one that is damaged or too large.
    """
    if not content.strip():
        raise refuse_file("file_empty")
    if len(content) > MOST_BYTES:
        raise refuse_file("import_large", megabytes=MOST_BYTES // 1024**2)
    if content.startswith(b"PK"):
        return sheet.read(content) if _is_workbook(content) else qti.read_package(content, language)
    if content.startswith(_OLD_OFFICE):
        return sheet.read(content)
    text, encoding = decode(content)
    head = text[:4000].lstrip()
    if head.startswith("<"):
        root, encoding = parse(content)
        if root.tag == moodle.ROOT:
            return moodle.read(root, encoding, language)
        if is_item(root):
            return qti.read_item(root, encoding, language)
        raise refuse_file("import_root", root=root.tag[:40])
    if "\ufffd" in head or "\0" in head or head.startswith("%PDF"):
        raise refuse_file("import_unknown")
    if gift.looks_like(text):
        return gift.read(content, language)
    if sheet.looks_like(text):
        return sheet.read(content)
    raise refuse_file("import_unknown")


def _is_workbook(content: bytes) -> bool:
    """Return whether the zip is a spreadsheet; a damaged one is left to the reader of packages, which says so."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except DAMAGED_ZIP:
        return False
    return "[Content_Types].xml" in names or "content.xml" in names
