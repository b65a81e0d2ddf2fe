"""What can go wrong, said as codes with parameters; `lms.web.i18n.say` puts them into the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Said:
    """A statement to a person as a catalogue code with parameters, not yet in any language.

    Parameters are plain values (str, int, float, aware datetime, timedelta); the edge formats them
    for the reader's language and zone.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMS)


@dataclass(frozen=True)
class Problem(Said):
    """One thing wrong with what somebody gave us, tied to the field or the place it stands in."""

    field: str | None = None
    where: str | None = None

    @classmethod
    def of(cls, code: str, /, *, field: str | None = None, where: str | None = None, **params: Any) -> "Problem":
        """Return a problem; `field` names a form field, `where` a file and line."""
        return cls(code, MappingProxyType(params), field, where)


class AtField(ValueError):
    """A draft's complaint that takes several fields to see and one to mend: the edge marks that one.

    For drafts that validate as a whole; a validator of one field raises ValueError(code), and its field is known.
    """

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code)
        self.field = field


class Refusal(Exception):
    """Base of everything a use case refuses to do; carries codes, never sentences."""

    status = 400

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.said = Said(code, MappingProxyType(params))

    @property
    def code(self) -> str:
        return self.said.code


class NotFound(Refusal):
    """The thing does not exist, or the asker may not know that it does."""

    status = 404

    def __init__(self, code: str = "not_found", /, **params: Any) -> None:
        super().__init__(code, **params)


class Forbidden(Refusal):
    """The asker knows the thing but lacks the right."""

    status = 403

    def __init__(self, code: str = "forbidden", /, **params: Any) -> None:
        super().__init__(code, **params)


class Conflict(Refusal):
    """The request was sound, but the state of things moved or does not allow it."""

    status = 409


class Invalid(Refusal):
    """What was given cannot be taken as it is; `problems` tells all of it at once."""

    status = 422

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        first = self.problems[0]
        super().__init__(first.code, **first.params)
