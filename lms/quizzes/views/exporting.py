"""The bank's questions as files for other programs."""

from io import BytesIO
from typing import Any

from flask import current_app, render_template, request, send_file

from lms import clock
from lms.accounts import handing_out
from lms.accounts.handing_out import Made
from lms.courses import files
from lms.db import reading
from lms.kernel.errors import NotFound
from lms.quizzes.formats import sheet_writer
from lms.quizzes.formats.moodle_writer import Media
from lms.quizzes.formats.sheet_words import PAGES
from lms.quizzes.formats.writing import WRITERS, no_media
from lms.quizzes.rules.bank import BankWish
from lms.quizzes.rules.wording import LANGUAGES
from lms.quizzes.service import bank
from lms.quizzes.service.importing import media_by_name
from lms.quizzes.views.bank import load_course
from lms.quizzes.views.blueprint import blueprint
from lms.web.i18n import reader

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
    language = _language()
    written = {name: writer(questions, no_media, language) for name, writer in WRITERS.items()} if questions else {}
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
    written = writer(questions, media, _language())
    made = Made(BytesIO(written.content), f"{slug}-questions.{written.ending}", written.ending,
                len(questions) - len(written.left_out))  # fmt: skip
    return handing_out.send(made, "questions:exported", "course", course.id, at=clock.now())


@blueprint.get("/courses/<slug>/questions/template.xlsx")
def question_sheet(slug: str) -> Any:
    """Hand out the empty sheet that questions are written into, with a guide and examples in it."""
    with reading() as db:
        load_course(db, slug)
    content, _ = sheet_writer.write((), _language())
    return send_file(
        BytesIO(content), mimetype=handing_out.TYPES["xlsx"], as_attachment=True,
        download_name=f"{PAGES[0][LANGUAGES.index(_language())].lower()}.xlsx",
    )  # fmt: skip


def _language() -> str:
    """Return the language of the sheet's headings: the reader's, where it is one we write questions in."""
    return reader().language if reader().language in LANGUAGES else LANGUAGES[0]


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
