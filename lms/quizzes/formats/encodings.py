"""In which encoding a text is written, told by its bytes."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


def decode(content: bytes) -> tuple[str, str]:
    """Return the text and the encoding it was written in: by its mark, its XML head, or what its bytes allow.

    What is neither UTF-8 nor UTF-16 is Windows-1252: every byte has a meaning there, and old editors wrote it.
    Line ends come as `\\n`.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _lines(content[len(mark) :].decode(name, "replace")), name
    for name in _likely(content):
        try:
            return _lines(content.decode(name)), name
        except (UnicodeDecodeError, LookupError):
            continue
    return _lines(content.decode("cp1252", "replace")), "windows-1252"


def _likely(content: bytes) -> list[str]:
    head = content[:2000]
    if b"\0" in head:
        # Without a mark: letters leave every second byte empty.
        return ["utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"]
    declared = _DECLARED.match(head.lstrip())
    named = [declared[1].decode().lower()] if declared else []
    # Nothing but text encodings: "zip" and "rot13" are codecs too.
    return [name for name in named if _is_text(name)] + ["utf-8"]


def _is_text(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding and not name.startswith(("utf-16", "utf-32", "utf-7"))
    except LookupError:
        return False


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
