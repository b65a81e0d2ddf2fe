"""A programme as those see it who answer upward: its figures as charts and tables, and the people behind each."""

from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.accounts.rules.names import with_titles
from lms.db import Db, reading, writing
from lms.evaluations.rules.results import FEW, LEAST
from lms.kernel.languages import CONTENT
from lms.programmes.models import Enrolment, Programme
from lms.reports import service
from lms.reports.papers import report_pdf
from lms.reports.queries.overview import read_overview
from lms.reports.queries.programme import Report, names_of, read_report, sorting_names
from lms.reports.rhythm import RHYTHMS, Rhythm, RhythmDraft
from lms.reports.rules import file_stem
from lms.reports.standings import ReportWish, choose
from lms.web.forms import draft_from, form_values
from lms.web.i18n import Reader, locale, reader, reading_as, when

P = Permission
_LINES_A_PAGE = 100


def register(blueprint: Blueprint) -> None:
    """Bind these pages to the blueprint of reports."""
    blueprint.add_url_rule("/reports", "overview", overview)
    blueprint.add_url_rule("/programmes/<slug>/report", "programme", programme)
    blueprint.add_url_rule("/programmes/<slug>/report.pdf", "programme_pdf", programme_pdf)
    blueprint.add_url_rule("/programmes/<slug>/report/by-mail", "by_mail", by_mail, methods=["POST"])
    blueprint.add_url_rule("/programmes/<slug>/report/people", "programme_people", programme_people)


def overview() -> Any:
    """Show the programmes that run, each in a few figures, for whoever answers for them or for a unit's people."""
    at = clock.now()
    who = guard.require(needs=P.REPORT_READ)
    with reading() as db:
        found = read_overview(db, who, today=at.astimezone(reader().zone).date(), at=at)
    return render_template("reports/overview.html", found=found, today=at.astimezone(reader().zone).date())


def programme(slug: str) -> Any:
    """Show the programme's figures, narrowed to a batch and a unit as the address says."""
    wish = ReportWish.read(request.args.to_dict())
    with reading() as db:
        report = _load(db, slug, wish, needs=P.REPORT_READ)
        subscription = service.find_subscription(db, guard.principal().id, report.programme.id)
    return render_template(
        "reports/programme.html",
        report=report,
        least=LEAST,
        few=FEW,
        subscription=subscription,
        rhythms=[(str(one), _rhythm_words(one)) for one in RHYTHMS],
        **_ways(report),
    )


def by_mail(slug: str) -> Any:
    """Have the report sent to oneself every week or month, or no more."""
    who = guard.principal()
    draft = None if "stop" in request.form else draft_from(RhythmDraft, form_values(RhythmDraft, request.form))
    with writing() as db:
        found = guard.load(db, Programme, slug=slug, needs=P.REPORT_READ, lock=True)
        if draft is None:
            service.unsubscribe(db, who.id, found.id)
            told = gettext("You are sent this report no more.")
        else:
            own = service.subscribe(db, who.id, found, draft.chosen(), zone=who.zone, at=clock.now())
            told = gettext("Saved. The first report leaves on %(when)s.", when=when(own.due_at))
    flash(told, "success")
    return redirect(url_for("reports.programme", slug=slug, _anchor="by-mail"))


def _rhythm_words(rhythm: Rhythm) -> str:
    if rhythm.every == "weekly":
        return gettext("every %(day)s", day=locale().days["format"]["wide"][rhythm.day - 1])
    return gettext("every month on day %(day)s", day=rhythm.day)


def programme_pdf(slug: str) -> Any:
    """Hand out the report as one page to print, in the language the address names."""
    at = clock.now()
    wish = ReportWish.read(request.args.to_dict())
    with reading() as db:
        report = _load(db, slug, wish, needs=P.REPORT_READ)
    settings = current_app.config["SETTINGS"]
    language = request.args.get("language", "")
    address = settings.public_url + _ways(report)["address"]()
    with reading_as(Reader(language if language in CONTENT else reader().language, reader().zone)):
        paper = report_pdf(report, settings, address, at=at)
    narrowed = (report.batch.name if report.batch else "", report.unit)
    name = file_stem("laporan", slug, *narrowed, at.astimezone(reader().zone).date().isoformat())
    return send_file(BytesIO(paper), mimetype="application/pdf", as_attachment=True, download_name=f"{name}.pdf")


def programme_people(slug: str) -> Any:
    """Show the trainees behind a figure of the report, narrowed and sorted as the address says."""
    wish = ReportWish.read(request.args.to_dict())
    with reading() as db:
        report = _load(db, slug, wish, needs=P.REPORT_READ, only_people=True)
        ids = [one.batch.id for one in report.shown]
        names = sorting_names(db, Enrolment.batch_id.in_(ids), guard.allowed(Enrolment, needs=P.REPORT_READ))
        chosen = choose(report.standings, wish, names)
        pages = max(1, -(-len(chosen) // _LINES_A_PAGE))
        page = min(wish.page, pages)
        lines = chosen[(page - 1) * _LINES_A_PAGE : page * _LINES_A_PAGE]
        people = names_of(db, {one.person_id for one in lines})
    return render_template(
        "reports/programme_people.html",
        report=report,
        lines=lines,
        count=len(chosen),
        page=page,
        pages=pages,
        query={"slug": slug, **wish.as_query()},
        people={
            person.id: (with_titles(person.title_before, person.name, person.title_after), person.position)
            for person in people.values()
        },
        batches={one.batch.id: one for one in report.batches},
        **_ways(report),
    )


def _load(db: Db, slug: str, wish: ReportWish, *, needs: Permission, only_people: bool = False) -> Report:
    found = guard.load(db, Programme, slug=slug, needs=needs)
    who, zone = guard.principal(), reader().zone
    return read_report(db, found, wish, who, zone=zone, at=clock.now(), only_people=only_people)


def _ways(report: Report) -> dict[str, Any]:
    """Return what makes the page's links: to itself with another choice, and to the people behind a figure."""
    slug = report.programme.slug

    def address(**changed: Any) -> str:
        values: dict[str, Any] = report.wish.as_query(**{"show": None, "sort": None} | changed)
        return url_for("reports.programme", slug=slug, **values)

    def people(show: str = "all", **changed: Any) -> str:
        values: dict[str, Any] = report.wish.as_query(**{"show": show, "sort": None} | changed)
        return url_for("reports.programme_people", slug=slug, **values)

    def paper(language: str) -> str:
        values: dict[str, Any] = report.wish.as_query(show=None, sort=None)
        return url_for("reports.programme_pdf", slug=slug, language=language, **values)

    return {
        "pdf_address": paper,
        "address": address,
        "people_address": people,
        "may_read_person": guard.principal().can(P.PEOPLE_READ),
    }
