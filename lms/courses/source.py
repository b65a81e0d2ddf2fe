"""A course folder → the course and every problem in it, each with file and line. Reads files, touches nothing."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from lms.courses import limits
from lms.courses.kinds import fits_name, recognise
from lms.courses.render import render
from lms.courses.rules import (
    LANGUAGES,
    MEDIA_NAME,
    RESERVED,
    SLUG,
    CourseSource,
    FindMedia,
    MediaSource,
    ModuleSource,
    ModuleText,
    QuizFile,
    Shown,
    Size,
    is_error,
)
from lms.courses.sizes import measure
from lms.courses.source_head import MOST_TITLE, Head
from lms.kernel.errors import Problem

MOST_MEDIA = 50 * 1024**2
MOST_TOML = 200_000

_MODULE = re.compile(rf"(?P<number>\d\d)-(?P<key>{SLUG})\.(?P<language>[a-z]{{2}})\.md")
_QUIZ = re.compile(rf"quiz-{SLUG}\.toml")
_TITLE = re.compile(r"#(?!#)[ \t]*(.*?)[ \t]*#*")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def media_address(slug: str, name: str) -> str:
    """Return where a course's media file is served; stored HTML refers to it."""
    return f"/courses/{slug}/media/{name}"


def media_finder(slug: str, sizes: Mapping[str, Size | None]) -> FindMedia:
    """Return what finds a course's media by name, given the name and size of each file there is."""
    return lambda name: Shown(media_address(slug, name), sizes[name]) if name in sizes else None


def module_address(slug: str, key: str) -> str:
    """Return where a module is read."""
    return f"/courses/{slug}/{key}"


def read_folder(path: Path) -> tuple[CourseSource | None, list[Problem]]:
    """Return the course and its problems in the order of files and lines; None if any of them is an error.

    `where` of a problem is `<folder>/<file>:<line>`, so that a terminal can open it. Problems that
    `rules.is_error` does not count are warnings.
    """
    reader = _Reader(Path(path))
    course = reader.read()
    problems = sorted(reader.problems, key=_place)
    return (None if any(is_error(problem) for problem in problems) else course), problems


def _place(problem: Problem) -> tuple[str, int]:
    file, _, line = (problem.where or "").rpartition(":")
    return (file, int(line)) if line.isdecimal() else (problem.where or "", 0)


class _Reader:
    """Collects the problems of one folder while reading it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def tell(self, code: str, file: str, line: int = 1, **params: Any) -> None:
        where = f"{self.folder.name}/{file}" if file else self.folder.name
        self.problems.append(Problem.of(code, where=f"{where}:{line}", **params))

    def read(self) -> CourseSource | None:
        slug = self.folder.name
        if not self.folder.is_dir():
            self.tell("course_no_folder", "")
            return None
        if not re.fullmatch(SLUG, slug) or len(slug) > 80 or slug in RESERVED:
            self.tell("course_bad_slug", "", slug=slug)
        entries = sorted(entry for entry in self.folder.iterdir() if not entry.name.startswith("."))
        by_name = {entry.name: entry for entry in entries}
        head = self._read_head(by_name.pop("course.toml", None))
        media_folder = by_name.pop("media", None)
        media = self._read_media(media_folder) if media_folder else ()
        by_name.pop("README.md", None)
        module_files: list[tuple[re.Match[str], Path]] = []
        quizzes = []
        for name, entry in by_name.items():
            if entry.is_symlink() or not entry.is_file():
                self.tell("source_not_a_file", name)
            elif found := _MODULE.fullmatch(name):
                module_files.append((found, entry))
            elif _QUIZ.fullmatch(name):
                text = self._read_text(entry, MOST_TOML)
                if text is not None:
                    quizzes.append(QuizFile(name, f"{slug}/{name}", text))
            else:
                self.tell("source_unknown_file", name, name=name)
        languages = head["languages"] if head else LANGUAGES
        modules = self._read_modules(module_files, languages, {file.name: file.pixels for file in media})
        if head is None:
            return None
        return CourseSource(slug, modules=modules, media=media, quizzes=tuple(quizzes), **head)

    def _read_text(self, path: Path, most: int) -> str | None:
        if path.stat().st_size > most * 4:
            self.tell("source_too_large", path.name, most=most)
            return None
        content = path.read_bytes()
        try:
            return limits.tidy(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            self.tell("source_not_utf8", path.name, content.count(b"\n", 0, error.start) + 1)
            return None

    def _read_head(self, path: Path | None) -> dict[str, Any] | None:
        """Return the fields that course.toml gives, or None if it cannot be used."""
        if path is None or not path.is_file():
            self.tell("source_missing_head", "course.toml")
            return None
        text = self._read_text(path, MOST_TOML)
        if text is None:
            return None
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = _AT_LINE.search(str(error))
            # tomllib names no line for an error at the end of the document.
            line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
            self.tell("source_bad_toml", path.name, line, reason=_AT_LINE.sub("", str(error)).strip())
            return None
        before = len(self.problems)
        head = Head(text, given, lambda code, line, **params: self.tell(code, path.name, line, **params)).read()
        return head if len(self.problems) == before else None

    def _read_modules(
        self, files: list[tuple[re.Match[str], Path]], languages: tuple[str, ...], media: Mapping[str, Size | None]
    ) -> tuple[ModuleSource, ...]:
        keys = {found["key"] for found, _ in files}
        present = {(int(found["number"]), found["key"], found["language"]) for found, _ in files}
        used: set[str] = set()
        texts: dict[tuple[int, str], dict[str, ModuleText]] = defaultdict(dict)
        for found, path in files:
            number, key, language = int(found["number"]), found["key"], found["language"]
            if language not in languages:
                self.tell("module_unknown_language", path.name, language=language)
            elif number == 0:
                self.tell("module_number_zero", path.name)
            elif len(key) > 80 or key in RESERVED:
                self.tell("module_bad_slug", path.name, slug=key)
            elif (text := self._read_module(path, language, media, keys, used)) is not None:
                texts[number, key][language] = text
        self._find_twins(files)
        for name in sorted(media.keys() - used):
            self.tell("media_unused", f"media/{name}", name=name)
        modules = []
        for (number, key), found_texts in sorted(texts.items()):
            first = next(iter(found_texts.values()))
            for language in languages:
                if (number, key, language) not in present:
                    self.tell("module_missing_translation", Path(first.path).name, language=language)
            ordered = {language: found_texts[language] for language in languages if language in found_texts}
            modules.append(ModuleSource(key, number, ordered))
        return tuple(modules)

    def _find_twins(self, files: list[tuple[re.Match[str], Path]]) -> None:
        """Tell of numbers and slugs that two modules claim."""
        by_number: dict[str, str] = {}
        by_key: dict[str, str] = {}
        for found, path in sorted(files, key=lambda pair: pair[1].name):
            number, key = found["number"], found["key"]
            if by_number.setdefault(number, key) != key:
                self.tell("module_number_twice", path.name, number=number, other=by_number[number])
            if by_key.setdefault(key, number) != number:
                self.tell("module_slug_twice", path.name, slug=key, other=by_key[key])

    def _read_module(
        self, path: Path, language: str, media: Mapping[str, Size | None], keys: set[str], used: set[str]
    ) -> ModuleText | None:
        text = self._read_text(path, limits.MOST_CHARACTERS)
        if text is None:
            return None
        lines = text.split("\n")
        title_at = next((index for index, line in enumerate(lines) if line.strip()), None)
        title = _TITLE.fullmatch(lines[title_at].rstrip()) if title_at is not None else None
        if title_at is None or title is None or not title[1]:
            self.tell("module_no_title", path.name, (title_at or 0) + 1)
            return None
        if len(title[1]) > MOST_TITLE:
            self.tell("module_title_too_long", path.name, title_at + 1, most=MOST_TITLE)
            return None
        body_at = next((i for i in range(title_at + 1, len(lines)) if lines[i].strip()), len(lines))
        body = "\n".join(lines[body_at:]).rstrip()
        if not body:
            self.tell("module_empty", path.name, title_at + 1)
            return None

        known = media_finder(self.folder.name, media)

        def find_media(name: str) -> Shown | None:
            used.add(name)
            return known(name)

        def module_url(key: str) -> str | None:
            return module_address(self.folder.name, key) if key in keys else None

        rendered = render(body, language=language, find_media=find_media, module_url=module_url)
        for problem in rendered.problems:
            params = dict(problem.params)
            self.tell(problem.code, path.name, body_at + params.pop("line"), **params)
        return ModuleText(title[1], body, f"{self.folder.name}/{path.name}", body_at + 1, rendered)

    def _read_media(self, folder: Path) -> tuple[MediaSource, ...]:
        if folder.is_symlink() or not folder.is_dir():
            self.tell("source_media_no_folder", "media")
            return ()
        return tuple(self._read_media_files(folder))

    def _read_media_files(self, folder: Path) -> Iterator[MediaSource]:
        for path in sorted(entry for entry in folder.iterdir() if not entry.name.startswith(".")):
            place = f"media/{path.name}"
            if path.is_symlink() or not path.is_file():
                self.tell("source_not_a_file", place)
                continue
            if not re.fullmatch(MEDIA_NAME, path.name):
                self.tell("media_bad_name", place, name=path.name)
                continue
            size = path.stat().st_size
            if size > MOST_MEDIA:
                self.tell("media_too_large", place, megabytes=MOST_MEDIA // 1024**2)
                continue
            with path.open("rb") as file:
                kind = recognise(file)
                pixels = None if isinstance(kind, Problem) else measure(file, kind)
            if isinstance(kind, Problem):
                params = dict(kind.params)
                self.tell(kind.code, place, params.pop("line", 1), **params)
            elif not fits_name(kind, path.name):
                self.tell("media_wrong_ending", place, name=path.name, ending=kind.endings[0])
            else:
                yield MediaSource(path.name, str(path), size, sha256(path.read_bytes()).hexdigest(), kind, pixels)
