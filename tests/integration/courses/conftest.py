"""A course from a folder, taught to the five people's batch, and one nobody of them knows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms.courses import files
from lms.courses.models import Course, Module, Revision
from lms.courses.service import syncing
from lms.courses.source import read_folder
from lms.db import reading, writing
from lms.programmes.models import ProgrammeCourse
from tests.factories import NINE, World

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle r="5"/></svg>'
FILES = {
    "course.toml": (
        '[title]\nid = "Pelayanan Prima"\nen = "Service Excellence"\n'
        '[summary]\nid = "Melayani warga."\nen = "Serving citizens."\n'
    ),
    "01-sopan.id.md": "# Sopan santun\n\n## Salam\n\nSenyum.\n\n![Loket](media/loket.svg)\n",
    "01-sopan.en.md": "# Courtesy\n\n## Greeting\n\nSmile.\n",
    "02-antre.id.md": "# Antrean\n\nNomor.\n",
    "02-antre.en.md": "# Queues\n\nNumbers.\n",
    "03-lapor.id.md": "# Pengaduan\n\nDengarkan.\n",
    "media/loket.svg": SVG,
}


@dataclass
class Library:
    """The folder on disk, and how to sync it as it stands."""

    folder: Path
    uploads: Path
    slug: str = "prima"

    def write(self, name: str, content: str | None) -> None:
        path = self.folder / name
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def sync(self, **options: Any) -> syncing.Synced:
        source, problems = read_folder(self.folder)
        assert source is not None, problems
        files.keep_media(self.uploads, source)
        with writing() as db:
            return syncing.sync(db, source, **{"at": NINE, **options})

    def id(self) -> int:
        with reading() as db:
            return db.scalars(select(Course.id).where(Course.slug == self.slug)).one()

    def module(self, key: str) -> Module:
        with reading() as db:
            return db.scalars(select(Module).where(Module.course_id == self.id(), Module.key == key)).one()

    def revisions(self, key: str, language: str = "id") -> list[Revision]:
        """Return the publications of a module in this language, the oldest first."""
        with reading() as db:
            statement = select(Revision).where(Revision.module_id == self.module(key).id, Revision.language == language)
            return list(db.scalars(statement.order_by(Revision.number)))


@pytest.fixture
def library(app: Flask, world: World, tmp_path: Path) -> Library:
    library = Library(tmp_path / "prima", app.config["SETTINGS"].uploads)
    for name, content in FILES.items():
        library.write(name, content)
    course_id = library.sync().course.id
    with writing() as db:
        db.add(ProgrammeCourse(programme_id=world.programme, course_id=course_id, position=2))
    return library


@pytest.fixture
def hidden(world: World) -> str:
    """Slug of a course that is taught to nobody."""
    with writing() as db:
        db.add(Course(slug="rahasia", title_id="Rahasia", created_at=NINE))
    return "rahasia"


Client = Callable[[int], Any]
