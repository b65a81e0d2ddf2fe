"""course.toml: what a course's head may say, and the line of whatever it says wrongly."""

import re
from collections.abc import Callable
from typing import Any

from lms.courses.rules import LANGUAGES

MOST_TITLE = 200
MOST_SUMMARY = 500
DEFAULT_ORDER = 1000


class Head:
    """Checks the content of course.toml against what it may say."""

    KEYS = frozenset({"order", "languages", "title", "summary"})

    def __init__(self, text: str, given: dict[str, Any], tell: Callable[..., None]) -> None:
        self.lines, self.given, self.tell = text.split("\n"), given, tell

    def read(self) -> dict[str, Any]:
        for key in self.given.keys() - self.KEYS:
            self.tell("source_unknown_key", self.line(key), key=key)
        languages = self._languages()
        return {
            "order": self._order(),
            "languages": languages,
            "title": self._wordings("title", languages, MOST_TITLE),
            "summary": self._wordings("summary", languages, MOST_SUMMARY),
        }

    def line(self, key: str, table: str | None = None) -> int:
        """Return the line of a key, of its table, or 1."""
        if table is None:
            return self._find(rf"\s*\[?\s*[\"']?{re.escape(key)}\b") or 1
        start = self.line(table)
        return self._find(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", start, until=r"\s*\[") or start

    def _find(self, pattern: str, start: int = 0, until: str | None = None) -> int:
        for index in range(start, len(self.lines)):
            if re.match(pattern, self.lines[index]):
                return index + 1
            if until is not None and re.match(until, self.lines[index]):
                break
        return 0

    def _order(self) -> int:
        order = self.given.get("order", DEFAULT_ORDER)
        if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= 1_000_000:
            self.tell("source_bad_order", self.line("order"))
            return DEFAULT_ORDER
        return order

    def _languages(self) -> tuple[str, ...]:
        given = self.given.get("languages", list(LANGUAGES))
        known = isinstance(given, list) and given and all(language in LANGUAGES for language in given)
        if not known or len(set(given)) != len(given):
            self.tell("source_bad_languages", self.line("languages"))
            return LANGUAGES
        return tuple(given)

    def _wordings(self, name: str, languages: tuple[str, ...], most: int) -> dict[str, str]:
        table = self.given.get(name)
        if not isinstance(table, dict):
            self.tell(f"source_missing_{name}", self.line(name) if name in self.given else 1)
            return {}
        for key in table.keys() - set(languages):
            self.tell("source_unknown_key", self.line(str(key), name), key=f"{name}.{key}")
        for language in languages:
            words = table.get(language)
            if not isinstance(words, str) or not words.strip():
                self.tell(f"source_missing_{name}", self.line(language, name), language=language)
            elif len(words) > most:
                self.tell(f"source_long_{name}", self.line(language, name), language=language, most=most)
        return {language: table[language].strip() for language in languages if isinstance(table.get(language), str)}
