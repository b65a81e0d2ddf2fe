"""Questions as a file of each format that is written, and which of them it cannot hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lms.quizzes.formats import gift_writer, moodle_writer, sheet_writer
from lms.quizzes.formats.moodle_writer import Media
from lms.quizzes.rules.questions import AnyQuestion


@dataclass(frozen=True)
class Written:
    """A file, its ending, and the questions that are not in it because the format knows no such thing."""

    content: bytes
    ending: str
    left_out: Sequence[AnyQuestion]


def _moodle(questions: Sequence[AnyQuestion], media: Media, _language: str) -> Written:
    return Written(moodle_writer.write(questions, media).encode(), "xml", ())


def _gift(questions: Sequence[AnyQuestion], _media: Media, _language: str) -> Written:
    text, left_out = gift_writer.write(questions)
    # Without its mark, Windows takes the file for one in its own old encoding.
    return Written(text.encode("utf-8-sig"), "gift", left_out)


def _sheet(questions: Sequence[AnyQuestion], _media: Media, language: str) -> Written:
    content, left_out = sheet_writer.write(questions, language)
    return Written(content, "xlsx", left_out)


Writer = Callable[[Sequence[AnyQuestion], Media, str], Written]
WRITERS: dict[str, Writer] = {"moodle": _moodle, "gift": _gift, "spreadsheet": _sheet}


def no_media(_name: str) -> bytes | None:
    """Return no picture: for a look at what a format can hold."""
    return None
