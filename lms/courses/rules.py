"""Courses as values: what a folder says, what a lesson renders to, what a person may type into the editor."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from lms.kernel.errors import AtField, Problem

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
MEDIA_NAME = r"[a-z0-9][a-z0-9._-]{0,99}"

# Problems that are worth a line but no refusal: the course is understood without them.
WARNINGS = frozenset(
    {
        "formula_not_understood",
        "link_not_allowed",
        "media_unused",
        "module_missing_translation",
        "picture_from_outside",
        "picture_without_description",
    }
)


class Origin(StrEnum):
    """Where a revision's text was written."""

    FOLDER = "folder"
    WEB = "web"


class FileKind(StrEnum):
    """What a file is, told by its content; the value is its media type."""

    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    GIF = "image/gif"
    JPEG = "image/jpeg"
    MP3 = "audio/mpeg"
    MP4 = "video/mp4"
    PDF = "application/pdf"
    PNG = "image/png"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    SVG = "image/svg+xml"
    WEBM = "video/webm"
    WEBP = "image/webp"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @property
    def endings(self) -> tuple[str, ...]:
        """The file name endings this content may go by, the usual one first."""
        return ENDINGS[self]


ENDINGS: Mapping[FileKind, tuple[str, ...]] = {
    FileKind.DOCX: (".docx",),
    FileKind.GIF: (".gif",),
    FileKind.JPEG: (".jpg", ".jpeg"),
    FileKind.MP3: (".mp3",),
    FileKind.MP4: (".mp4", ".m4v"),
    FileKind.PDF: (".pdf",),
    FileKind.PNG: (".png",),
    FileKind.PPTX: (".pptx",),
    FileKind.SVG: (".svg",),
    FileKind.WEBM: (".webm",),
    FileKind.WEBP: (".webp",),
    FileKind.XLSX: (".xlsx",),
}
# What a person may upload. SVG is a document that can hold scripts and therefore comes from the repository alone.
UPLOADS = frozenset(FileKind) - {FileKind.SVG, FileKind.GIF}
PICTURES = frozenset({FileKind.GIF, FileKind.JPEG, FileKind.PNG, FileKind.SVG, FileKind.WEBP})
# Shown in the page; everything else is handed over as a download.
SHOWN_INLINE = PICTURES | {FileKind.MP4, FileKind.WEBM, FileKind.MP3}


class Size(NamedTuple):
    """Width and height of a picture in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Shown:
    """A media file as a page shows it: its address and, of a picture that tells it, its size."""

    address: str
    size: Size | None = None


FindMedia = Callable[[str], Shown | None]
"""What turns the name of a file in a course's media into what a page needs of it, None where there is no such file."""


@dataclass(frozen=True)
class Heading:
    """A heading inside a lesson: `level` 2 to 6, `anchor` the id it has in the page."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A lesson ready to show. `html` is clean; `problems` carry a parameter `line`, counted in the text given."""

    html: str
    headings: tuple[Heading, ...] = ()
    minutes: int = 1
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ModuleText:
    """One module in one language; `line` is where the text below the title begins in its file."""

    title: str
    markdown: str
    path: str
    line: int
    rendered: Rendered

    @property
    def hash(self) -> str:
        return text_hash(self.title, self.markdown)


@dataclass(frozen=True)
class ModuleSource:
    """A module of a course folder: `position` from its number, `key` its slug."""

    key: str
    position: int
    texts: Mapping[str, ModuleText]


@dataclass(frozen=True)
class MediaSource:
    """A file of a course's media folder; `path` is where its bytes can be read now."""

    name: str
    path: str
    size: int
    sha256: str
    kind: FileKind
    pixels: Size | None = None


@dataclass(frozen=True)
class QuizFile:
    """A quiz file of a course folder as raw text; the quizzes feature reads it."""

    name: str
    path: str
    text: str


@dataclass(frozen=True)
class CourseSource:
    """A whole course folder, understood."""

    slug: str
    order: int
    languages: tuple[str, ...]
    title: Mapping[str, str]
    summary: Mapping[str, str]
    modules: tuple[ModuleSource, ...] = ()
    media: tuple[MediaSource, ...] = ()
    quizzes: tuple[QuizFile, ...] = ()


def text_hash(title: str, markdown: str) -> str:
    """Return the identity of a text: equal hashes mean that nothing changed."""
    return sha256(f"{title}\n\n{markdown}".encode()).hexdigest()


def is_error(problem: Problem) -> bool:
    """Return whether the problem forbids storing; the others are warnings."""
    return problem.code not in WARNINGS


def choose(texts: Mapping[str, str], wanted: str, languages: tuple[str, ...] | list[str]) -> str:
    """Return the wording in the wanted language, else in the course's main language, else any, else ''."""
    for language in (wanted, *languages):
        if texts.get(language):
            return texts[language]
    return next((text for text in texts.values() if text), "")


def make_slug(title: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """Return an unused slug for a title: letters a-z, digits and single hyphens, at most 80 characters."""
    base = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:70].strip("-") or "modul"
    slug, number = base, 2
    while slug in taken or slug in RESERVED:
        slug, number = f"{base}-{number}", number + 1
    return slug


# Words that stand in addresses where a course's or a module's slug would.
RESERVED = frozenset({"attachments", "edit", "media", "modules", "move", "new", "preview", "quizzes", "sync"})

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class Draft(BaseModel):
    """Base of what people type: unknown fields are refused, values are stripped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def drop_controls(cls, value: object) -> object:
        return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", value) if isinstance(value, str) else value


class CourseDraft(Draft):
    """A course written in the browser; one title is enough."""

    title_id: Title = ""
    title_en: Title = ""
    summary_id: Summary = ""
    summary_en: Summary = ""

    @model_validator(mode="after")
    def need_a_title(self) -> "CourseDraft":
        if not (self.title_id or self.title_en):
            raise AtField("course_needs_title", "title_id")
        return self

    def main_title(self) -> str:
        return self.title_id or self.title_en

    def languages(self) -> list[str]:
        """Return the languages titled, Indonesian first."""
        return [language for language, title in (("id", self.title_id), ("en", self.title_en)) if title]


class ModuleDraft(Draft):
    """A new module: its title in one language; the text follows in the editor."""

    language: Language
    title: Line


class TextDraft(Draft):
    """A module's text in one language as the editor sends it.

    `base` is the number of the revision the writer started from (0: none) and `seen` the version of the
    draft on the page (0: none): a colleague's newer publication or save is noticed, not overwritten.
    """

    language: Language
    title: Line
    markdown: Annotated[str, Field(max_length=100_000)] = ""
    base: Annotated[int, Field(ge=0)] = 0
    seen: Annotated[int, Field(ge=0)] = 0

    @field_validator("markdown", mode="after")
    @classmethod
    def tidy_lines(cls, value: str) -> str:
        # Browsers send CRLF; the same text must have the same hash from a folder and from the editor.
        return value.replace("\r\n", "\n").replace("\r", "\n").rstrip()


class MoveDraft(Draft):
    """One step of a module up (-1) or down (1) in its course."""

    module: int
    step: Literal[-1, 1]

    @field_validator("step", mode="before")
    @classmethod
    def read_number(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value in ("-1", "1") else value


class PreviewDraft(Draft):
    """A text to look at before it is published."""

    language: Language
    markdown: Annotated[str, Field(max_length=100_000)] = ""


class AttachmentDraft(Draft):
    """What is said about an upload besides its bytes."""

    title: Title = ""
