"""Keys for questions that come from elsewhere, and what people know them by."""

import re
import unicodedata
from hashlib import sha256

from lms.quizzes.formats.found import LONGEST_NAME
from lms.quizzes.formats.html import as_plain
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.wording import in_one_line

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def key_of(name: str) -> str:
    """Return the name as a key, "" where nothing of it can be one."""
    if _KEY.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")


def key_by_words(*words: str) -> str:
    """Return a key that the same words always get."""
    return f"x{sha256(chr(0).join(words).encode('utf-8', 'replace')).hexdigest()[:12]}"


def title_of(question: AnyQuestion) -> str:
    """Return the beginning of a question's text in one line, as other programs name a question."""
    return (in_one_line(as_plain(question.text.read("id")[0])) or question.key)[:80].strip()


def shown_name(name: str) -> str:
    """Return a name in one line and of a sane length."""
    return " ".join(name.replace("\0", "").split())[:LONGEST_NAME]
