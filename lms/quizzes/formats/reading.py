"""Whose file it is, by what stands in it, never by its name; then its reader."""

from lms.quizzes.formats import gift, moodle
from lms.quizzes.formats.encodings import decode
from lms.quizzes.formats.found import MOST_BYTES, Bundle, refuse_file
from lms.quizzes.formats.xml_tree import parse

FORMATS = ("gift", "moodle")


def read_file(content: bytes, language: str) -> Bundle:
    """Return the questions of a file; text without a language's mark is in `language` ("id", "en" or "both").

    Raises Invalid for a file that is none of those known, or one that is damaged or too large.
    """
    if not content.strip():
        raise refuse_file("file_empty")
    if len(content) > MOST_BYTES:
        raise refuse_file("import_large", megabytes=MOST_BYTES // 1024**2)
    head = decode(content[:4000])[0].lstrip()
    if head.startswith("<"):
        root, encoding = parse(content)
        if root.tag == moodle.ROOT:
            return moodle.read(root, encoding, language)
        raise refuse_file("import_root", root=root.tag[:40])
    if "\ufffd" not in head and gift.looks_like(decode(content)[0]):
        return gift.read(content, language)
    raise refuse_file("import_unknown")
