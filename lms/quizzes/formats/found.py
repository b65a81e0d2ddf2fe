"""What a file brought: its questions, each with its line, those refused with their reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lms.kernel.errors import Invalid, Problem, Said
from lms.quizzes.rules.questions import AnyQuestion

MOST_BYTES = 20 * 1024 * 1024
MOST_TEXT = 4_000_000
MOST_ENTRIES = 500
LONGEST_NAME = 160


@dataclass(frozen=True)
class Entry:
    """One question of a file, or why it is refused; `notes` say what of it could not be taken over.

    `has_id` tells that the file names the question for good; else its key is only made from its title or its words.
    """

    line: int
    name: str
    question: AnyQuestion | None
    problems: Sequence[Problem] = ()
    notes: Sequence[Said] = ()
    has_id: bool = False
    # The file within a package.
    part: str = ""


@dataclass(frozen=True)
class Bundle:
    """A whole file: its format, in which encoding it was written, its entries, and the pictures in it by name."""

    format: str
    encoding: str
    entries: Sequence[Entry]
    pictures: Mapping[str, bytes] = field(default_factory=dict)


class Refused(Exception):
    """A question that cannot be taken, with the reason and, where it is known, a line closer than its beginning."""

    def __init__(self, code: str, /, *, line: int | None = None, **params: Any) -> None:
        super().__init__(code)
        self.line = line
        self.problem = Problem.of(code, **params)


def refuse_file(code: str, /, **params: Any) -> Invalid:
    """Return the refusal of a whole file."""
    return Invalid(Problem.of(code, field="file", **params))
