"""A TOML text whose every key knows its line, so that a problem can be told as `file:line`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lms.kernel.errors import Problem
from lms.quizzes.rules.wording import LANGUAGES, Wording

Path = tuple[str | int, ...]

LONGEST_FILE = 500_000


@dataclass
class Report:
    """The problems found so far in one file."""

    file: str
    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, code: str, /, **params: Any) -> None:
        """Note a problem at the line of the path, or of the nearest table around it."""
        while path and path not in self.lines:
            path = path[:-1]
        self.problems.append(Problem.of(code, where=f"{self.file}:{self.lines.get(path, 1)}", **params))


def parse_toml(file: str, text: str) -> tuple[dict[str, Any], Report]:
    """Return the document and the report that knows its lines; on a syntax error the report holds it.

    Numbers with a point come as Decimal. Never raises, whatever the text.
    """
    report = Report(file, {})
    if len(text) > LONGEST_FILE:
        report.add((), "quiz_file_long", most=LONGEST_FILE)
        return {}, report
    text = text.removeprefix("\ufeff")
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        # TOMLDecodeError is a ValueError; a number of thousands of digits is a plain one.
        place = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        reason = re.sub(r"\s*\(at [^)]*\)", "", str(error)) if isinstance(error, tomllib.TOMLDecodeError) else ""
        report.problems.append(Problem.of("quiz_toml", where=f"{file}:{line}", reason=reason or "?"))
        return {}, report
    report.lines = find_lines(text)
    return document, report


@dataclass(frozen=True)
class Table:
    """One table of the document; reading a key checks it and notes what is wrong with it in the report.

    A value that is missing or wrong comes back as None or the default, so that reading goes on and one look at the
    report shows everything.
    """

    values: Mapping[str, Any]
    path: Path
    report: Report

    def problem(self, key: str | None, code: str, /, **params: Any) -> None:
        """Note a problem of this key (None: of the table)."""
        self.report.add(self.path if key is None else (*self.path, key), code, **params)

    def has(self, key: str) -> bool:
        return key in self.values

    def only(self, known: set[str]) -> None:
        """Note every key that is not known: it is a misspelt one, and what it meant would be lost in silence."""
        for key in self.values:
            if key not in known:
                self.problem(key, "quiz_key_unknown", key=key)

    def wording(self, key: str, *, required: bool = False, most: int = 5000) -> Wording | None:
        """Return the text in its languages."""
        given = self.values.get(key)
        if given is None:
            if required:
                self.problem(None, "quiz_key_missing", key=key)
            return None
        texts = dict.fromkeys(LANGUAGES, given) if isinstance(given, str) else given
        if not isinstance(texts, dict) or not texts or set(texts) - set(LANGUAGES):
            self.problem(key, "quiz_needs_wording", key=key)
            return None
        for text in texts.values():
            if not isinstance(text, str) or not text.strip() or "\0" in text:
                self.problem(key, "quiz_needs_wording", key=key)
                return None
            if len(text) > most:
                self.problem(key, "quiz_text_long", key=key, most=most)
                return None
        return Wording(**{language: text.strip() for language, text in texts.items()})

    def wordings(self, key: str, *, most: int = 1000) -> tuple[Wording, ...]:
        """Return one text or a list of texts, each in its languages."""
        given = self.values.get(key, [])
        many = given if isinstance(given, list) else [given]
        read = (Table({key: one}, self.path, self.report).wording(key, most=most) for one in many)
        return tuple(wording for wording in read if wording is not None)

    def strings(self, key: str, *, most: int, longest: int) -> tuple[str, ...]:
        """Return a list of plain texts of one line, each once."""
        given = self.values.get(key, [])
        many = given if isinstance(given, list) else [given]
        if len(many) > most:
            self.problem(key, "quiz_list_long", key=key, most=most)
            return ()
        read = (Table({key: one}, self.path, self.report).string(key, most=longest) for one in many)
        return tuple(dict.fromkeys(text for text in read if text is not None))

    def string(self, key: str, *, most: int = 200) -> str | None:
        """Return a plain text of one line."""
        given = self.values.get(key)
        if given is None:
            return None
        if not isinstance(given, str) or not given.strip() or "\0" in given or len(given) > most:
            self.problem(key, "quiz_needs_text", key=key, most=most)
            return None
        return given.strip()

    def number(self, key: str, *, low: int | None = None, high: int | None = None) -> Decimal | None:
        """Return a number, whole or with a point, within the limits given."""
        given = self.values.get(key)
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, int | Decimal):
            self.problem(key, "quiz_needs_number", key=key)
            return None
        number = Decimal(given)
        if not number.is_finite() or abs(number) >= 10**15 or number != round(number, 9):
            self.problem(key, "quiz_number_unusable", key=key)
            return None
        if low is not None and high is None and number < low:
            self.problem(key, "quiz_number_low", key=key, low=low)
            return None
        if (low is not None and number < low) or (high is not None and number > high):
            self.problem(key, "quiz_number_range", key=key, low=low, high=high)
            return None
        return number

    def whole(self, key: str, *, low: int, high: int) -> int | None:
        """Return a whole number within the limits."""
        number = self.number(key, low=low, high=high)
        if number is None or number == number.to_integral_value():
            return None if number is None else int(number)
        self.problem(key, "quiz_needs_whole", key=key)
        return None

    def boolean(self, key: str, default: bool) -> bool:
        given = self.values.get(key, default)
        if isinstance(given, bool):
            return given
        self.problem(key, "quiz_needs_boolean", key=key)
        return default

    def option(self, key: str, options: Iterable[str]) -> str | None:
        """Return one of the words allowed."""
        given = self.values.get(key)
        if given is None or (isinstance(given, str) and given in set(options)):
            return given
        self.problem(key, "quiz_option_unknown", key=key, allowed=", ".join(options))
        return None

    def tables(self, key: str) -> list["Table"]:
        """Return the tables of an array of tables, written as `[[…]]` or inline."""
        given = self.values.get(key)
        if given is None:
            return []
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self.problem(key, "quiz_needs_tables", key=key)
            return []
        return [Table(one, (*self.path, key, at), self.report) for at, one in enumerate(given)]


_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*=\s*")
_ONE_KEY = re.compile(_KEY)


def find_lines(text: str) -> dict[Path, int]:
    """Return the line of each table, key and table within an array of a text that is valid TOML.

    Reads only as much of the grammar as places need: headers, keys, strings, brackets.
    """
    scan = _Scan()
    for number, line in enumerate(text.split("\n"), start=1):
        scan.read(line, number)
    return scan.lines


class _Scan:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.table: Path = ()
        self.counts: dict[Path, int] = {}
        self.quotes = ""
        self.brackets = ""
        self.array: Path = ()
        self.elements = 0

    def read(self, line: str, number: int) -> None:
        start = 0
        if not self.quotes and not self.brackets:
            header, assignment = _HEADER.match(line), _ASSIGNMENT.match(line)
            if header:
                self._enter(_keys(header[2]), is_array=header[1] == "[[", number=number)
                return
            if assignment:
                self.array, self.elements, start = self.table, 0, assignment.end()
                for key in _keys(assignment[1]):
                    self.array += (key,)
                    self.lines.setdefault(self.array, number)
        self._skip_value(line, start, number)

    def _enter(self, keys: list[str], *, is_array: bool, number: int) -> None:
        path: Path = ()
        for key in keys[:-1]:
            path = self._inside((*path, key))
        path = (*path, keys[-1])
        if is_array:
            self.counts[path] = self.counts.get(path, -1) + 1
            self.lines.setdefault(path, number)
            path = self._inside(path)
            # A new element begins its own count of what is nested in it.
            self.counts = {p: n for p, n in self.counts.items() if p[: len(path)] != path}
        self.table = path
        self.lines.setdefault(path, number)

    def _inside(self, path: Path) -> Path:
        return (*path, self.counts[path]) if path in self.counts else path

    def _skip_value(self, line: str, at: int, number: int) -> None:
        while at < len(line):
            if self.quotes:
                end = _end_of_string(line, at, self.quotes)
                if end < 0:
                    if len(self.quotes) == 1:
                        self.quotes = ""
                    return
                at, self.quotes = end, ""
                continue
            character = line[at]
            if character == "#":
                return
            if character in "\"'":
                self.quotes = character * 3 if line.startswith(character * 3, at) else character
                at += len(self.quotes)
                continue
            if character in "[{":
                if character == "{" and self.brackets == "[":
                    self.lines.setdefault((*self.array, self.elements), number)
                    self.elements += 1
                self.brackets += character
            elif character in "]}":
                self.brackets = self.brackets[:-1]
            at += 1


def _keys(dotted: str) -> list[str]:
    return [key[1:-1] if key[0] in "\"'" else key for key in (match[0] for match in _ONE_KEY.finditer(dotted))]


def _end_of_string(line: str, at: int, quotes: str) -> int:
    while at < len(line):
        if line[at] == "\\" and quotes[0] == '"':
            at += 2
        elif line.startswith(quotes, at):
            at += len(quotes)
            # Up to two more quotes may belong to the string's end: """she said "yes"""".
            while len(quotes) == 3 and at < len(line) and line[at] == quotes[0]:
                at += 1
            return at
        else:
            at += 1
    return -1
