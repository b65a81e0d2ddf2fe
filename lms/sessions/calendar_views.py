"""The schedule as a list, and as files and a feed for people's own calendars."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask import Blueprint, Response, current_app, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch
from lms.sessions import calendar as ics
from lms.sessions.invitations import entry_of
from lms.sessions.models import LiveSession
from lms.sessions.service import listing
from lms.web.i18n import Reader, reader, reading_as
from lms.web.row_numbers import row_number

P = Permission

PAGE_LENGTH = 40
# How far the list and the feed look: a programme lasts months, and a feed is fetched every hour.
AHEAD = timedelta(days=400)
FEED_BEHIND = timedelta(days=90)


def register(blueprint: Blueprint) -> None:
    """Bind these pages to the blueprint of sessions, and give every template its filter `by_day`."""
    blueprint.add_app_template_filter(by_day)
    blueprint.add_url_rule("/calendar", "calendar", calendar)
    blueprint.add_url_rule("/calendar/feed/<token>.ics", "feed", feed)
    blueprint.add_url_rule("/sessions/<int:session_id>/session.ics", "ics", session_ics)


def by_day(cards: Iterable[listing.SessionCard]) -> list[tuple[date, list[listing.SessionCard]]]:
    """Return the cards in their order as (day where the reader is, cards of that day)."""
    zone = reader().zone
    return [
        (day, list(group))
        for day, group in groupby(cards, key=lambda card: card.session.starts_at.astimezone(zone).date())
    ]


def calendar() -> str:
    """The asker's sessions by day: those to come, or with `past=1` those gone by."""
    at = clock.now()
    who = guard.require(needs=P.SESSION_READ)
    is_past = request.args.get("past") == "1"
    batch_id = request.args.get("batch", type=row_number)
    page = max(1, request.args.get("page", 1, type=int))
    midnight = datetime.combine(at.astimezone(who.zone).date(), time(), who.zone)
    window = Interval(at - 10 * AHEAD, midnight) if is_past else Interval(midnight, at + AHEAD)
    statement = guard.visible(listing.between(window, newest_first=is_past), LiveSession, needs=P.SESSION_READ)
    if batch_id is not None:
        statement = statement.where(LiveSession.batch_id == batch_id)
    with reading() as db:
        count = db.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
        pages = max(1, -(-count // PAGE_LENGTH))
        page = min(page, pages)
        cards = listing.cards(db, statement.limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH), at=at)
        batches = db.scalars(
            guard.visible(select(Batch).where(Batch.archived_at.is_(None)), Batch, needs=P.BATCH_READ)
            .options(joinedload(Batch.programme))
            .order_by(Batch.starts_on.desc(), Batch.id)
        ).all()
        plannable = db.scalars(
            guard.visible(select(Batch.id).where(Batch.archived_at.is_(None)), Batch, needs=P.SESSION_SCHEDULE)
        ).all()
    return render_template(
        "sessions/calendar.html",
        days=by_day(cards),
        today=midnight.date(),
        batches=batches,
        plannable=set(plannable),
        batch_id=batch_id,
        is_past=is_past,
        page=page,
        pages=pages,
        feed_url=_public_url() + url_for("sessions.feed", token=ics.feed_token(_secret(), who.id, who.stamp)),
        at=at,
    )


def session_ics(session_id: int) -> Response:
    """One session as a file for the reader's own calendar; a cancelled one takes its entry away."""
    with reading() as db:
        found = guard.load(
            db,
            LiveSession,
            session_id,
            needs=P.SESSION_READ,
            options=[joinedload(LiveSession.batch).joinedload(Batch.programme)],
        )
    method = ics.Method.CANCEL if found.status == "cancelled" else ics.Method.PUBLISH
    return _calendar_file([found], method=method, filename=f"jembatan-{found.id}.ics")


@guard.public
def feed(token: str) -> Response:
    """A person's sessions at an address only they know, for calendars that fetch by themselves."""
    person_id = ics.feed_owner(token)
    at = clock.now()
    with reading() as db:
        person = db.get(Person, person_id) if person_id is not None else None
        if person is None or not person.active or not ics.is_feed_token(token, _secret(), person.id, person.stamp):
            raise NotFound()
        statement = listing.between(Interval(at - FEED_BEHIND, at + AHEAD)).where(listing.of_person(person.id))
        sessions = list(db.scalars(listing.with_batch(statement)))
    with reading_as(Reader(person.language)):
        response = _calendar_file(sessions, method=ics.Method.PUBLISH, filename="jembatan.ics", name="Jembatan")
    response.headers["Cache-Control"] = "private, max-age=900"
    return response


def _calendar_file(sessions: Iterable[LiveSession], *, method: ics.Method, filename: str, name: str = "") -> Response:
    content = ics.write(
        [entry_of(session, _public_url()) for session in sessions], method=method, at=clock.now(), name=name
    )
    response = Response(content, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _public_url() -> str:
    return str(current_app.config["SETTINGS"].public_url)


def _secret() -> str:
    return str(current_app.config["SETTINGS"].secret_key)
