"""Statements as they are stored beside a row: code and parameters, days as text, and back again."""

from datetime import date
from typing import Any

from lms.kernel.errors import Said


def stored(said: Said) -> list[Any]:
    """Return [code, parameters] that JSON can hold."""
    return [said.code, {name: _plain(value) for name, value in said.params.items()}]


def said_of(kept: list[Any]) -> Said:
    """Return the statement that was stored."""
    code, params = kept
    return Said(code, {name: _back(value) for name, value in params.items()})


def _plain(value: Any) -> Any:
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _back(value: Any) -> Any:
    return date.fromisoformat(value["day"]) if isinstance(value, dict) else value
