"""The job of reports: sending them to those who asked, with the page to print in the letter."""

from datetime import datetime

from sqlalchemy import ColumnElement, select

from lms import clock
from lms.accounts.guard import allowed
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.accounts.principal import read_principal
from lms.db import Db, reading, writing
from lms.outbox.enclosures import Enclosed, Paper, enclose_with
from lms.outbox.jobs import every
from lms.outbox.models import Message
from lms.programmes.models import Programme
from lms.reports import service
from lms.reports.papers import in_words, report_pdf
from lms.reports.queries.programme import Report, read_report
from lms.reports.rules import file_stem
from lms.reports.standings import ReportWish
from lms.settings import Settings
from lms.web.i18n import Reader, reader, reading_as

P = Permission


@every(300, name="send_reports")
def send_reports(at: datetime) -> int:
    """Send the reports that are due; return how many left. Read outside the writing, which claims each once.

    Whoever may no longer read a report is sent none and asked no more.
    """
    with reading() as db:
        due = service.due_subscriptions(db, at=at)
    sent = 0
    for subscription_id, person_id, programme_id, due_at in due:
        with reading() as db:
            who = read_principal(db, person_id)
            report = _report(db, Programme.id == programme_id, person_id, at=at)
        if who is None or report is None:
            with writing() as db:
                service.drop(db, subscription_id)
            continue
        with reading_as(Reader(who.language, who.zone)):
            words = in_words(report)
        title = {"id": report.programme.title_id, "en": report.programme.title_en or report.programme.title_id}
        link = f"/programmes/{report.programme.slug}/report"
        params = {"programme": title, "summary": words}
        with writing() as db:
            sent += service.send(db, subscription_id, due_at, params, link, zone=who.zone, at=at)
    return sent


def _report(db: Db, which: ColumnElement[bool], person_id: int, *, at: datetime) -> Report | None:
    """Return the report as this person may see it now, None where she may not."""
    who = read_principal(db, person_id)
    if who is None:
        return None
    found = db.scalars(select(Programme).where(which, allowed(Programme, needs=P.REPORT_READ, who=who))).one_or_none()
    return read_report(db, found, ReportWish(), who, zone=who.zone, at=at) if found is not None else None


def _paper(message: Message, person: Person, settings: Settings) -> Enclosed | None:
    """Return the page to print, as things stand when the letter leaves."""
    at = clock.now()
    slug = message.link.split("/")[2]
    with reading() as db:
        report = _report(db, Programme.slug == slug, person.id, at=at)
    if report is None:
        return None
    name = file_stem("laporan", slug, at.astimezone(reader().zone).date().isoformat())
    return Paper(report_pdf(report, settings, settings.public_url + message.link, at=at), f"{name}.pdf")


enclose_with("programme_report", _paper)
