"""What the addresses of quiz lists ask for: which quizzes, and which results in which order. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from lms.quizzes.rules.questions import Purpose
from lms.quizzes.service.results import PersonResult

Show = Literal["", "passed", "failed", "open", "none", "late"]
Sort = Literal["name", "-name", "result", "-result", "submitted", "-submitted"]

_SHOWS: dict[str, Callable[[PersonResult], bool]] = {
    "": lambda person: True,
    "passed": lambda person: person.counted is not None and person.counted.passed is True,
    "failed": lambda person: person.counted is not None and person.counted.passed is False,
    "open": lambda person: person.state == "open",
    "none": lambda person: person.state == "none",
    "late": lambda person: person.late > 0,
}
# None: there is nothing to order by yet; such lines stand last either way.
_KEYS: dict[str, Callable[[PersonResult], Any]] = {
    "name": lambda person: person.name.casefold(),
    "result": lambda person: person.counted.percent if person.counted else None,
    "submitted": lambda person: person.counted.submitted_at if person.counted else None,
}


def has_all(words: str, text: str) -> bool:
    """Return whether each of the words stands somewhere in the text, whatever its case."""
    return all(word in text.casefold() for word in words.casefold().split())


@dataclass(frozen=True)
class QuizWish:
    """Which quizzes of a list; what the address says and nobody understands is the default."""

    q: str = ""
    purpose: str = ""

    @classmethod
    def read(cls, asked: dict[str, str]) -> "QuizWish":
        """Return the wish in these query parameters."""
        purpose = asked.get("purpose", "")
        return cls(asked.get("q", "").strip()[:100], purpose if purpose in set(Purpose) else "")

    @property
    def is_narrow(self) -> bool:
        return bool(self.q or self.purpose)

    def fits(self, purpose: str, *titles: str | None) -> bool:
        """Return whether a quiz of this purpose and these titles (its own, its course's) is asked for."""
        return self.purpose in ("", purpose) and has_all(self.q, " ".join(title or "" for title in titles))


@dataclass(frozen=True)
class ResultsWish:
    """Which lines of a batch's results, in which order; what nobody understands is the default."""

    q: str = ""
    show: Show = ""
    sort: Sort = "name"

    @classmethod
    def read(cls, asked: dict[str, str]) -> "ResultsWish":
        """Return the wish in these query parameters."""
        show, sort = asked.get("show", ""), asked.get("sort", "")
        return cls(
            q=asked.get("q", "").strip()[:100],
            show=cast(Show, show) if show in get_args(Show) else "",
            sort=cast(Sort, sort) if sort in get_args(Sort) else "name",
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.q or self.show)

    def as_query(self, **changed: str) -> dict[str, str]:
        """Return the query parameters of this wish with some changed; defaults are left out."""
        default = ResultsWish()
        asked = {name: getattr(self, name) for name in ("q", "show", "sort")} | changed
        return {name: value for name, value in asked.items() if value != getattr(default, name)}

    def choose(self, people: Iterable[PersonResult]) -> list[PersonResult]:
        """Return the lines asked for, in the order asked for; equal ones by name."""
        found = [one for one in people if has_all(self.q, f"{one.name} {one.unit}") and _SHOWS[self.show](one)]
        found.sort(key=_KEYS["name"])
        key = _KEYS[self.sort.removeprefix("-")]
        known = [one for one in found if key(one) is not None]
        known.sort(key=key, reverse=self.sort.startswith("-"))
        return known + [one for one in found if key(one) is None]
