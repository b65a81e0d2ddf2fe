"""Moodle XML: from a file to its questions. A `category` among them is the topic of those after it."""

import base64
import binascii
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from lms.kernel.errors import Said
from lms.quizzes.formats import extras, moodle_kinds
from lms.quizzes.formats.found import MOST_BYTES, MOST_ENTRIES, Bundle, Entry, Refused, refuse_file
from lms.quizzes.formats.moodle_parts import Reading
from lms.quizzes.formats.naming import key_by_words, key_of, shown_name
from lms.quizzes.formats.numbers import read_decimal
from lms.quizzes.formats.pictures import media_name, renamed
from lms.quizzes.formats.tables import problems_of
from lms.quizzes.formats.topics import topic_of
from lms.quizzes.formats.xml_tree import Node
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.wording import Wording

ROOT = "quiz"


@dataclass
class _Pictures:
    """The pictures of a whole file; two of one name and different content get two names."""

    content: dict[str, bytes] = field(default_factory=dict)

    def take(self, node: Node) -> dict[str, str]:
        """Return by which names the files in this question go from now on. Raises Refused for a damaged one."""
        names = {}
        for file in node.inside("file"):
            name = file.attributes.get("name", "")
            try:
                content = base64.b64decode("".join(file.own_text.split()), validate=True)
            except (binascii.Error, ValueError):
                raise Refused("import_picture_damaged", name=name[:60]) from None
            given, number = media_name(name), 2
            while self.content.get(given, content) != content:
                stem, _, ending = media_name(name).rpartition(".")
                given, number = f"{stem}-{number}.{ending}", number + 1
            self.content[given] = content
            if sum(map(len, self.content.values())) > MOST_BYTES:
                raise refuse_file("import_large", megabytes=MOST_BYTES // 1024**2)
            names[name] = given
        return names


def read(root: Node, encoding: str, language: str) -> Bundle:
    """Return the file's questions; text without a language's mark is in `language` ("both" for all).

    Raises Invalid where there are none or too many.
    """
    # In what we wrote, text without a mark reads the same in both languages.
    is_ours = any(one.startswith(extras.MARK) for one in root.comments)
    pictures = _Pictures()
    entries: list[Entry] = []
    topic = ""
    for node in root.all("question"):
        if node.attributes.get("type") == "category":
            category = node.first("category")
            topic = topic_of(category.text_of("text") if category else "")
            continue
        if len(entries) == MOST_ENTRIES:
            raise refuse_file("import_many", most=MOST_ENTRIES)
        entries.append(_entry(node, topic, "both" if is_ours else language, pictures))
    if not entries:
        raise refuse_file("import_nothing")
    return Bundle("moodle", encoding, entries, pictures.content)


def _entry(node: Node, topic: str, language: str, pictures: _Pictures) -> Entry:
    name = node.first("name")
    entry = Entry(node.line, shown_name(name.text if name else ""), None)
    notes: list[Said] = []
    try:
        names = pictures.take(node)
        question = renamed(read_question(node, topic, language, notes), names)
    except Refused as refused:
        return replace(entry, line=refused.line or entry.line, problems=[refused.problem])
    entry = replace(entry, name=entry.name or shown_name(question.text.read("id")[0])[:80])
    if told := next((one for one in node.comments if one.startswith(extras.MARK)), None):
        try:
            question = extras.completed(question, told.removeprefix(extras.MARK).strip())
        except ValueError:
            notes.append(Said("import_extra_unreadable"))
    problems = problems_of(question)
    if problems:
        return replace(entry, problems=problems)
    return replace(entry, question=question, notes=notes, has_id=bool(key_of(node.text_of("idnumber"))))


def read_question(node: Node, topic: str, language: str, notes: list[Said]) -> AnyQuestion:
    """Return what Moodle's elements say, not yet held against our rules. Raises Refused."""
    reading = Reading(language, notes)
    text = reading.markdown(node.first("questiontext"))
    points = Fraction(read_decimal(node.text_of("defaultgrade") or node.text_of("grade") or "1"))
    tags = node.first("tags")
    words = [shown_name(tag.text)[:40] for tag in tags.all("tag")] if tags else []
    common: dict[str, Any] = {
        "key": "",
        "text": text or Wording(),
        "points": points,
        "feedback": reading.plain(node.first("generalfeedback")),
        "feedback_right": reading.plain(node.first("correctfeedback")),
        "feedback_wrong": reading.plain(node.first("incorrectfeedback")),
        "hints": tuple(hint for one in node.all("hint") if (hint := reading.plain(one)) is not None),
        "topic": topic,
        "tags": tuple(dict.fromkeys(word for word in words if word))[:20],
    }
    question = moodle_kinds.read(node, reading, common)
    name = node.first("name")
    key = key_of(node.text_of("idnumber")) or key_of(shown_name(name.text) if name else "")
    return replace(question, key=key or key_by_words(*question.text.spellings()))
