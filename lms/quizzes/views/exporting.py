"""The bank's questions as files for other programs."""

from io import BytesIO
from typing import Any

from flask import current_app, render_template, request

from lms import clock
from lms.accounts import handing_out
from lms.accounts.handing_out import Made
from lms.courses import files
from lms.db import reading
from lms.kernel.errors import NotFound
from lms.quizzes.formats.moodle_writer import Media
from lms.quizzes.formats.writing import WRITERS, no_media
from lms.quizzes.rules.bank import BankWish
from lms.quizzes.service import bank
from lms.quizzes.service.importing import media_by_name
from lms.quizzes.views.bank import load_course
from lms.quizzes.views.blueprint import blueprint

# A file that is larger is not taken in again; base64 makes a third more of them.
MOST_PICTURES = 12 * 1024 * 1024


@blueprint.get("/courses/<slug>/questions/export")
def export_questions(slug: str) -> str:
    """Show what each format would hold, and what not."""
    wish = BankWish.read(request.args.to_dict())
    with reading() as db:
        course = load_course(db, slug)
        found = bank.read_bank(db, course, wish)
    questions = [line.question for line in found.lines]
    written = {name: writer(questions, no_media) for name, writer in WRITERS.items()} if questions else {}
    return render_template("quizzes/export_questions.html", course=course, bank=found, wish=wish, written=written)


@blueprint.get("/courses/<slug>/questions/export/<kind>")
def questions_file(slug: str, kind: str) -> Any:
    """Hand out the questions that the address asks for as one file."""
    writer = WRITERS.get(kind)
    if writer is None:
        raise NotFound()
    wish = BankWish.read(request.args.to_dict())
    with reading() as db:
        course = load_course(db, slug)
        questions = [line.question for line in bank.read_bank(db, course, wish).lines]
        media = _media(media_by_name(db, course))
    written = writer(questions, media)
    made = Made(BytesIO(written.content), f"{slug}-questions.{written.ending}", written.ending,
                len(questions) - len(written.left_out))  # fmt: skip
    return handing_out.send(made, "questions:exported", "course", course.id, at=clock.now())


def _media(hashes: dict[str, str]) -> Media:
    """Return what gives a picture of the course by its name, until the file would be too large."""
    uploads = current_app.config["SETTINGS"].uploads
    left = MOST_PICTURES

    def read(name: str) -> bytes | None:
        nonlocal left
        path = files.path_of(uploads, hashes[name]) if name in hashes else None
        if path is None or not path.is_file() or path.stat().st_size > left:
            return None
        left -= path.stat().st_size
        return path.read_bytes()

    return read
