"""Texts and shares in Moodle's elements."""

from dataclasses import dataclass
from fractions import Fraction

from lms.kernel.errors import Said
from lms.quizzes.formats.found import Refused
from lms.quizzes.formats.html import pictures_in
from lms.quizzes.formats.numbers import read_share
from lms.quizzes.formats.wordings import read_markdown, read_plain
from lms.quizzes.formats.xml_tree import Node
from lms.quizzes.rules.wording import Wording

_MARKUPS = {"html": "html", "moodle_auto_format": "moodle", "plain_text": "plain", "markdown": "markdown"}


@dataclass(frozen=True)
class Reading:
    """How texts of a file are read: in which language those are that carry no mark, and where notes go."""

    language: str
    notes: list[Said]

    def markdown(self, node: Node | None) -> Wording | None:
        """Return a question's text, None where there is none."""
        text, markup = _text(node)
        return read_markdown(text, markup, self.language) if text.strip() else None

    def plain(self, node: Node | None) -> Wording | None:
        """Return text without mark-up: a choice, feedback, a hint; None where there is none."""
        text, markup = _text(node)
        return read_plain(text, markup, self.language) if text.strip() else None

    def bare(self, text: str) -> Wording | None:
        """Return text of an element that has no mark-up of its own."""
        return read_plain(text, "moodle", self.language) if text.strip() else None

    def choice(self, node: Node) -> tuple[Wording, str | None]:
        """Return a choice's words and the name of its picture; a picture alone is named by what is seen on it."""
        text, markup = _text(node)
        shown = pictures_in(text) if markup in ("html", "moodle") and "<img" in text.lower() else []
        words = read_plain(text, markup, self.language)
        if words is None and shown:
            words = read_plain(shown[0][1] or shown[0][0], "plain", self.language)
        return words or Wording(), shown[0][0] if shown else None

    def note(self, code: str) -> None:
        if all(one.code != code for one in self.notes):
            self.notes.append(Said(code))


def share_of(answer: Node) -> Fraction:
    """Return what an answer earns of the points. Raises Refused with the answer's line."""
    try:
        return read_share(answer.attributes.get("fraction", "0"))
    except Refused as refused:
        refused.line = answer.line
        raise


def is_true(text: str, default: bool = False) -> bool:
    """Return what Moodle writes as true/false or 1/0."""
    return text.strip().lower() in ("true", "1") if text.strip() else default


def _text(node: Node | None) -> tuple[str, str]:
    if node is None:
        return "", "moodle"
    inner = node.first("text")
    text = inner.text if inner is not None else node.own_text
    return text, _MARKUPS.get(node.attributes.get("format", ""), "moodle")
