"""What a programme requires for its certificate, the number books, and a specimen to look at."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.certificates.models.certificates import NumberBook
from lms.certificates.rules.drafts import BookDraft, RuleDraft
from lms.certificates.rules.numbering import DEFAULT_PATTERN, write_number
from lms.certificates.service import books, ruling
from lms.certificates.service.content import criteria
from lms.certificates.views.blueprint import P, blueprint, settings
from lms.certificates.views.papers import certificate_pdf
from lms.db import reading, writing
from lms.kernel.errors import NotFound, Problem, Refusal
from lms.programmes.models import Programme
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import DEFAULT_ZONE


@blueprint.route("/programmes/<slug>/certificate", methods=["GET", "POST"])
def rule(slug: str) -> Any:
    """A form for what a programme requires and what stands on its certificate."""
    at = clock.now()
    problems: Sequence[Problem] = ()
    with reading() as db:
        programme = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
        found = ruling.find_rule(db, programme.id)
        values: dict[str, Any] = (
            {**found.terms, "book_id": found.book_id} if found is not None else ruling.usual_terms(db)
        )
    if request.method == "POST":
        values = form_values(RuleDraft, request.form)
        try:
            draft = draft_from(RuleDraft, values)
            with writing() as db:
                kept = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT, lock=True)
                ruling.save_rule(db, kept, draft, by=guard.principal().id, at=at)
            flash(gettext("Saved. Certificates already issued stay as they are."), "success")
            return redirect(url_for("certificates.rule", slug=slug))
        except Refusal as refusal:
            problems = problems_of(refusal)
    with reading() as db:
        shelves = books.shelves(db, at.astimezone(DEFAULT_ZONE).date())
    page = render_template(
        "certificates/rule.html",
        programme=programme,
        is_set=found is not None,
        values=values,
        problems=problems,
        shelves=shelves,
    )
    return page, 422 if problems else 200


@blueprint.get("/programmes/<slug>/certificate/specimen.pdf")
def specimen(slug: str) -> Any:
    """Hand out a specimen: the programme's certificate as it would be, for an invented person and without a number."""
    at = clock.now()
    today = at.astimezone(DEFAULT_ZONE).date()
    with reading() as db:
        programme = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
        found = ruling.find_rule(db, programme.id)
        pattern = found.book.pattern if found is not None else DEFAULT_PATTERN
        terms = found.terms if found is not None else ruling.usual_terms(db)
    content = {
        "wording": terms["wording"],
        "name": "CONTOH Nama Peserta, S.Sos.",
        "nip": "199001012015012999",
        "rank": "Penata Muda Tingkat I (III/b)",
        "position": "Analis Kebijakan Ahli Pertama",
        "unit": "Dinas Contoh",
        "programme": {"id": programme.title_id, "en": programme.title_en},
        "batch": "Angkatan Contoh",
        "starts_on": today.isoformat(),
        "ends_on": today.isoformat(),
        "venue": "",
        "subjects": [{"id": "Mata pelatihan contoh", "en": "A subject as a specimen", "hours": "20", "by": ["–"]}],
        "hours": "20",
        "grade": "very_good" if terms["wording"] == "passed" and terms.get("grade_very_good") else None,
        "mean": 85.0,
        "share": 95,
        "criteria": criteria(terms, programme.minimum_share),
        "agency": {"id": terms["agency_id"], "en": terms["agency_en"]},
        "place": terms["place"],
        "issued_on": today.isoformat(),
        "signer": {
            "name": terms.get("signer_name", ""),
            "nip": terms.get("signer_nip", ""),
            "rank": terms.get("signer_rank", ""),
            "position": {"id": terms["signer_position_id"], "en": terms["signer_position_en"]},
        },
    }
    # Serial 0 is never given; the code leads to the page that says there is no such certificate.
    made = certificate_pdf(content, write_number(pattern, 0, today), "SPECXMENSPEC", settings().public_url)
    return send_file(BytesIO(made), mimetype="application/pdf", download_name="contoh-sertifikat.pdf", max_age=0)


@blueprint.get("/certificates/books")
def number_books() -> Any:
    """The number books: how their numbers are written, and the next one of each."""
    guard.everywhere(needs=P.CERTIFICATE_ISSUE)
    with reading() as db:
        shelves = books.shelves(db, clock.now().astimezone(DEFAULT_ZONE).date())
    return render_template("certificates/books.html", shelves=shelves)


@blueprint.route("/certificates/books/new", methods=["GET", "POST"])
def new_book() -> Any:
    """A form for a new number book."""
    guard.everywhere(needs=P.CERTIFICATE_ISSUE)
    return _book_form(None, {"pattern": DEFAULT_PATTERN, "next_serial": 1})


@blueprint.route("/certificates/books/<int:book_id>", methods=["GET", "POST"])
def edit_book(book_id: int) -> Any:
    """A form for a number book's name and pattern."""
    guard.everywhere(needs=P.CERTIFICATE_ISSUE)
    with reading() as db:
        shelf = _shelf(db, book_id)
    values = {"name": shelf.book.name, "pattern": shelf.book.pattern, "next_serial": shelf.last + 1}
    return _book_form(shelf, values)


def _book_form(shelf: books.Shelf | None, values: dict[str, Any]) -> Any:
    at = clock.now()
    today = at.astimezone(DEFAULT_ZONE).date()
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        values = values | form_values(BookDraft, request.form)
        try:
            draft = draft_from(BookDraft, values)
            with writing() as db:
                book = db.get(NumberBook, shelf.book.id) if shelf is not None else None
                books.save_book(db, book, draft, today=today, by=guard.principal().id, at=at)
            flash(gettext("Saved. The next number will be %(number)s.", number=_sample(draft, today)), "success")
            return redirect(url_for("certificates.number_books"))
        except Refusal as refusal:
            problems = problems_of(refusal)
    page = render_template("certificates/book.html", shelf=shelf, values=values, problems=problems)
    return page, 422 if problems else 200


def _sample(draft: BookDraft, today: Any) -> str:
    return write_number(draft.pattern, draft.next_serial, today)


def _shelf(db: Any, book_id: int) -> books.Shelf:
    for shelf in books.shelves(db, clock.now().astimezone(DEFAULT_ZONE).date()):
        if shelf.book.id == book_id:
            return shelf
    raise NotFound()
