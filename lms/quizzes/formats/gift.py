"""GIFT, Moodle's text format: from a file to its questions. One question a block, a blank line between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lms.kernel.errors import Said
from lms.quizzes.formats import extras, gift_answers
from lms.quizzes.formats.encodings import decode
from lms.quizzes.formats.found import MOST_ENTRIES, MOST_TEXT, Bundle, Entry, Refused, refuse_file
from lms.quizzes.formats.gift_marks import hide, show
from lms.quizzes.formats.naming import key_by_words, key_of, shown_name
from lms.quizzes.formats.tables import problems_of
from lms.quizzes.formats.topics import topic_of
from lms.quizzes.rules.questions import AnyQuestion

_LABEL = re.compile(r"\[(id|tag):((?:[^\]\\\n]|\\.)*)\]")
_EXTRA = re.compile(rf"//\s*{extras.MARK}\s+(\{{.*)")
_TITLE = re.compile(r"::(.*?)::", re.DOTALL)
_MARKUP = re.compile(r"\[(html|moodle|plain|markdown)\]", re.IGNORECASE)


@dataclass
class Block:
    """The lines of one question, and what the comments before them say."""

    line: int
    topic: str
    lines: list[str] = field(default_factory=list)
    id: str = ""
    tags: list[str] = field(default_factory=list)
    extra: str = ""
    # Where the first line of the question itself stands.
    begins: int = 0


def looks_like(text: str) -> bool:
    """Return whether the text may be GIFT: it has a title, a category or an answer in braces."""
    return bool(re.search(r"(?m)^\s*(?:::|\$CATEGORY:)|(?<!\\)\{[^{}]*(?<!\\)\}", text[:200_000]))


def read(content: bytes, language: str) -> Bundle:
    """Return the file's questions; text without a language's mark is in `language` ("both" for all).

    Raises Invalid for a file that is none: too long, too many questions, nothing in it.
    """
    text, encoding = decode(content)
    if len(text) > MOST_TEXT:
        raise refuse_file("import_long", most=MOST_TEXT)
    is_ours = re.search(rf"(?m)^// {extras.MARK}", text) is not None
    blocks = list(_blocks(text))
    if not blocks:
        raise refuse_file("import_nothing")
    if len(blocks) > MOST_ENTRIES:
        raise refuse_file("import_many", most=MOST_ENTRIES)
    # In what we wrote, text without a mark reads the same in both languages.
    return Bundle("gift", encoding, [read_block(one, "both" if is_ours else language) for one in blocks])


def _blocks(text: str) -> Iterator[Block]:
    topic, block = "", None
    for number, raw in enumerate([*text.split("\n"), ""], start=1):
        line = raw.strip()
        if line.startswith("$CATEGORY:") and not (block and block.lines):
            topic = topic_of(line.removeprefix("$CATEGORY:"))
            block = replace(block, topic=topic) if block else None
        elif not line:
            if block is not None and block.lines:
                yield block
            block = None
        else:
            block = block or Block(number, topic)
            if line.startswith("//"):
                _read_comment(block, line)
            else:
                block.begins = block.begins or number
                block.lines.append(raw)


def _read_comment(block: Block, line: str) -> None:
    if found := _EXTRA.match(line):
        block.extra = found[1]
        return
    for label in _LABEL.finditer(line):
        said = re.sub(r"\\(.)", r"\1", label[2]).strip()
        if label[1] == "id":
            block.id = said
        elif said:
            block.tags.append(said)


def read_block(block: Block, language: str) -> Entry:
    """Return one question, or why it is none."""
    text = hide("\n".join(block.lines)).strip()
    name = ""
    if title := _TITLE.match(text):
        name, text = shown_name(show(title[1])), text[title.end() :].strip()
    entry = Entry(block.begins, name or shown_name(show(text))[:80], None)
    notes: list[Said] = []
    try:
        question = read_question(block, text, name, language, notes)
    except Refused as refused:
        return replace(entry, problems=[refused.problem])
    if block.extra:
        try:
            question = extras.completed(question, block.extra)
        except ValueError:
            notes.append(Said("import_extra_unreadable"))
    problems = problems_of(question)
    if problems:
        return replace(entry, problems=problems)
    return replace(entry, question=question, notes=notes, has_id=bool(key_of(block.id)))


def read_question(block: Block, text: str, name: str, language: str, notes: list[Said]) -> AnyQuestion:
    """Return what GIFT alone says, not yet held against our rules. Raises Refused."""
    markup, text = _markup(text)
    question = gift_answers.read(_halves(text), markup, language, notes)
    key = key_of(block.id) or key_of(name) or key_by_words(*question.text.spellings())
    tags = tuple(dict.fromkeys(tag[:40] for tag in block.tags))[:20]
    return replace(question, key=key, topic=block.topic, tags=tags)


def _halves(text: str) -> tuple[str, str | None, str]:
    """Return what stands before the answers, the answers, and what stands after them."""
    opening, closing = text.find("{"), text.find("}")
    if opening < 0 and closing < 0:
        return text, None, ""
    rest = text[closing + 1 :]
    if opening < 0 or closing < opening or "{" in text[opening + 1 : closing] or "{" in rest or "}" in rest:
        raise Refused("gift_braces")
    return text[:opening], text[opening + 1 : closing], rest


def _markup(text: str) -> tuple[str, str]:
    found = _MARKUP.match(text)
    return (found[1].lower(), text[found.end() :]) if found else ("moodle", text)
