"""Text in two languages, either of which may be missing."""

import re
from dataclasses import dataclass

LANGUAGES = ("id", "en")


@dataclass(frozen=True)
class Wording:
    """One text in Indonesian and English; at least one of them is there."""

    id: str | None = None
    en: str | None = None

    @classmethod
    def same(cls, text: str) -> "Wording":
        """Return a wording that reads the same in both languages (a number, a name)."""
        return cls(text, text)

    def read(self, language: str) -> tuple[str, str]:
        """Return the text for a reader of `language` and the language it is really in.

        The two differ when only the other language was written; the page then says so.
        """
        wanted, other = (self.en, self.id) if language == "en" else (self.id, self.en)
        if wanted is not None:
            return wanted, "en" if language == "en" else "id"
        return other or "", "id" if language == "en" else "en"

    def spellings(self) -> tuple[str, ...]:
        """Return the different texts, Indonesian first."""
        return tuple(dict.fromkeys(text for text in (self.id, self.en) if text is not None))


# What Markdown says by signs, and what stays of it when it is told in one line. Formulas stay as they are written.
_SIGNS = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), " "),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\{\{[^{}]*\}\}"), "…"),
    (re.compile(r"^[ \t]*(?:#{1,6}|>|[-*+]|\d{1,2}\.)[ \t]+", re.MULTILINE), ""),
    (re.compile(r"(?<!\\)(\*\*|__|~~|==|`+)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\\\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\\\w])_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


# More than any list or sheet shows; the work of looking for pairs of signs grows faster than the text.
_ENOUGH = 2000


def in_one_line(markdown: str) -> str:
    """Return a text's beginning in one line, for lists and sheets: no signs, no pictures, an ellipsis for each gap.

    A text that is nothing but pictures is told by their descriptions.
    """
    text = markdown = markdown[:_ENOUGH]
    for sign, rest in _SIGNS:
        text = sign.sub(rest, text)
    words = " ".join(text.split())
    return words or " ".join(" ".join(re.findall(r"!\[([^\]]*)\]", markdown)).split())
