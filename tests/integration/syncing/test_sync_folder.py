"""A course folder into the library: whole or not at all, and nothing where nothing changed."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms import syncing
from lms.courses.models import Course, Revision
from lms.db import reading
from lms.quizzes.models import QuizVersion
from lms.settings import ROOT
from tests.factories import NINE

OURS = ROOT / "courses" / "pelayanan-publik-prima"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of our own course under a name nobody has."""
    return Path(shutil.copytree(OURS, tmp_path / "salinan-pelayanan"))


def sync(app: Flask, folder: Path, **more: bool) -> syncing.FolderReport:
    return syncing.sync_folder(folder, app.config["SETTINGS"], at=NINE, **more)


def counts() -> tuple[int, int, int]:
    with reading() as db:
        models = (Course, Revision, QuizVersion)
        return tuple(db.scalar(select(func.count()).select_from(model)) or 0 for model in models)  # type: ignore[return-value]


def test_our_own_course_is_without_a_problem(app: Flask, folder: Path) -> None:
    report = sync(app, folder)
    assert report.problems == []
    assert counts() == (2, 12, 3)


def test_syncing_again_changes_nothing(app: Flask, folder: Path) -> None:
    sync(app, folder)
    before = counts()
    assert sync(app, folder).changes == []
    assert sync(app, folder, unless_same=True).changes == []
    assert counts() == before


def test_one_changed_text_is_one_new_revision(app: Flask, folder: Path) -> None:
    sync(app, folder)
    text = next(folder.glob("02-*.id.md"))
    text.write_text(text.read_text() + "\n\nSatu kalimat tambahan.\n")
    assert sync(app, folder, unless_same=True).changes == ["new revision: kebersihan.id"]
    assert counts() == (2, 13, 3)


def test_a_broken_quiz_leaves_course_and_quizzes_as_they_were(app: Flask, folder: Path) -> None:
    sync(app, folder)
    before = counts()
    (folder / "course.toml").write_text((folder / "course.toml").read_text().replace("Service", "Services"))
    quiz = folder / "quiz-post.toml"
    quiz.write_text(quiz.read_text() + "\n[[question]\n")
    report = sync(app, folder)
    assert report.failed
    assert any("quiz-post.toml:" in (problem.where or "") for problem in report.problems)
    assert counts() == before
    with reading() as db:
        titles = db.scalars(select(Course.title_en)).all()
    assert not any("Services" in title for title in titles)


def test_a_broken_module_names_its_file_and_line(app: Flask, folder: Path) -> None:
    text = next(folder.glob("03-*.en.md"))
    text.write_text(text.read_text() + "\n\n![gone](media/gone.svg)\n")
    report = sync(app, folder)
    last = len(text.read_text().rstrip().splitlines())
    assert any(f"{text.name}:{last}" in (problem.where or "") for problem in report.problems)
