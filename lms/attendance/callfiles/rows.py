"""What a call's file says, before anybody asks whom it means."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.kernel.errors import Problem


class Provider(StrEnum):
    """Whose file it is."""

    TEAMS = "teams"
    ZOOM = "zoom"


@dataclass(frozen=True)
class Stay:
    """That somebody was in the call from `start` to `end`, both without a zone: by the clock the file was written by.

    `is_estimated`: the file tells only the first and the last minute and how long it was in all, so that `end` is
    `start` and that length; never more than the provider counted.
    """

    line: int
    name: str
    email: str
    start: datetime
    end: datetime
    is_estimated: bool = False


@dataclass(frozen=True)
class Total:
    """How many minutes somebody was in the call, and not when."""

    line: int
    name: str
    email: str
    minutes: int


@dataclass(frozen=True)
class CallFile:
    """A file read to its end. It has either `stays` or `totals`; `problems` are about single lines (`where`).

    `waiting` counts lines left out because their people were still in the waiting room.
    """

    provider: Provider
    title: str = ""
    stays: tuple[Stay, ...] = ()
    totals: tuple[Total, ...] = ()
    problems: tuple[Problem, ...] = ()
    waiting: int = 0
