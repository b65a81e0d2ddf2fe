"""The form of a session: for a new one, once or repeated, and for one that exists, alone or with those that follow."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch
from lms.sessions.meeting_place import meeting_servers
from lms.sessions.models import LiveSession
from lms.sessions.repeating import MOST, Repeat, RepeatDraft
from lms.sessions.rules import Mode, SessionDraft, read_breaks
from lms.sessions.service import listing, scheduling, series
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import ZONES, day_span, reader

P = Permission

_WITH_BATCH = joinedload(LiveSession.batch).joinedload(Batch.programme)


def register(blueprint: Blueprint) -> None:
    """Bind the forms to the sessions blueprint."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/batches/<int:batch_id>/sessions/new", "new_session", new_session, methods=both)
    blueprint.add_url_rule("/sessions/<int:session_id>/edit", "edit_session", edit_session, methods=both)


def new_session(batch_id: int) -> Any:
    """A form for a new session of a batch; one that is repeated shows its days before anything is stored."""
    with reading() as db:
        batch = guard.under(db, Batch, batch_id, needs=P.SESSION_SCHEDULE, options=[joinedload(Batch.programme)])
    if request.method == "GET":
        return _form(batch, None, _empty_values(), ())
    values = form_values(SessionDraft, request.form) | form_values(RepeatDraft, request.form)
    days: Sequence[date] = ()
    try:
        draft, repeat = _draft(values), draft_from(RepeatDraft, values)
        if repeat.repeat is not None:
            days = repeat.days(draft.on)
            if repeat.previewed != repeat.signature(draft.on):
                # Another beginning or end: the ticks are those of days that are no longer meant.
                values |= {"dates": list(days), "previewed": repeat.signature(draft.on)}
                return _form(batch, None, values, (), draft=draft, days=days)
            values["dates"] = repeat.dates
            return _create_series(batch_id, draft, repeat.chosen(draft.on), clock.now())
        return _create(batch_id, draft, clock.now())
    except (Invalid, Conflict) as refusal:
        problems = problems_of(refusal)
    return _form(batch, None, values, problems, draft=draft if days else None, days=days)


def _draft(values: dict[str, Any], found: LiveSession | None = None) -> SessionDraft:
    """Return the form as a draft; a new session keeps today's standard server. Raises Invalid, also for a server that
    is not (or no longer) configured."""
    draft = draft_from(SessionDraft, values)
    servers = meeting_servers()
    if not servers.may_choose(draft.meeting_server):
        raise Invalid(Problem.of("meeting_server_unknown", field="meeting_server"))
    if draft.meeting_server or found is not None:
        return draft
    return draft.model_copy(update={"meeting_server": servers.standard})


def _create(batch_id: int, draft: SessionDraft, at: datetime) -> Any:
    with writing() as db:
        batch = guard.under(db, Batch, batch_id, needs=P.SESSION_SCHEDULE)
        session_id = scheduling.schedule(db, batch, draft, by=guard.principal().id, at=at).id
        is_outside = not batch.starts_on <= draft.on <= batch.ends_on
        span = day_span(batch.starts_on, batch.ends_on)
    if draft.ends_at > at:
        flash(gettext("The session is scheduled and everyone in the batch is told."), "success")
    else:
        flash(gettext("The session is scheduled. Its time has already passed, so nobody was told."), "warning")
    if is_outside:
        flash(gettext("Its day lies outside the batch, which runs %(span)s.", span=span), "warning")
    return redirect(url_for("sessions.session", session_id=session_id))


def _create_series(batch_id: int, draft: SessionDraft, days: Sequence[date], at: datetime) -> Any:
    with writing() as db:
        batch = guard.under(db, Batch, batch_id, needs=P.SESSION_SCHEDULE)
        made = series.schedule_series(db, batch, draft, days, by=guard.principal().id, at=at)
    told = ngettext(
        "%(num)s session is scheduled and everyone in the batch is told.",
        "%(num)s sessions are scheduled and everyone in the batch is told.",
        len(made),
    )
    flash(told, "success")
    return redirect(url_for("programmes.batch", batch_id=batch_id))


def edit_session(session_id: int) -> Any:
    """A form for an existing session, alone or with those that follow in its series; moving it tells everyone."""
    at = clock.now()
    with reading() as db:
        found = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, options=[_WITH_BATCH])
        values = _values_of(db, found)
        later = len(series.following(db, found, at))
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        values = form_values(SessionDraft, request.form) | {"reach": request.form.get("reach", "")}
        try:
            draft = _draft(values, found)
            with writing() as db:
                kept = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, lock=True)
                _edit(db, kept, draft, at)
            return redirect(url_for("sessions.session", session_id=session_id))
        except (Invalid, Conflict) as refusal:
            problems = problems_of(refusal)
    return _form(found.batch, found, values, problems, later=later)


def _edit(db: Db, session: LiveSession, draft: SessionDraft, at: datetime) -> None:
    by = guard.principal().id
    if request.form.get("reach") != "following":
        was_moved = scheduling.edit(db, session, draft, by=by, at=at)
        flash(gettext("Saved, and everyone is told.") if was_moved else gettext("Saved."), "success")
        return
    number, was_moved = series.edit_following(db, session, draft, by=by, at=at)
    saved = ngettext("%(num)s session is saved.", "%(num)s sessions are saved.", number)
    flash(f"{saved} {gettext('Everyone is told.')}" if was_moved else saved, "success")


def _empty_values() -> dict[str, Any]:
    return {
        "mode": Mode.TELECONFERENCE.value,
        "meeting_server": meeting_servers().standard,
        "zone": str(reader().zone),
        "instructor_ids": [],
        "module_ids": [],
        "may_be_recorded": False,
        "break_starts": [],
        "break_ends": [],
    }


def _values_of(db: Db, found: LiveSession) -> dict[str, Any]:
    """Return the session as its form shows it, in the reader's zone."""
    zone = reader().zone

    def at_clock(instant: datetime) -> str:
        return f"{instant.astimezone(zone):%H:%M}"

    breaks = read_breaks(found.breaks)
    return {
        "mode": found.mode,
        "title_id": found.title_id,
        "title_en": found.title_en,
        "place": found.place,
        "meeting_server": meeting_servers().key_of(found.meeting_server),
        "zone": str(zone),
        "on": found.starts_at.astimezone(zone).date().isoformat(),
        "starts": at_clock(found.starts_at),
        "ends": at_clock(found.ends_at),
        "break_starts": [at_clock(pause.start) for pause in breaks],
        "break_ends": [at_clock(pause.end) for pause in breaks],
        "instructor_ids": listing.instructor_ids(db, found.id),
        "module_ids": listing.module_ids(db, found.id),
        "may_be_recorded": found.may_be_recorded,
        "sequence": found.sequence,
    }


def _form(
    batch: Batch,
    found: LiveSession | None,
    values: dict[str, Any],
    problems: Sequence[Problem],
    *,
    draft: SessionDraft | None = None,
    days: Sequence[date] = (),
    later: int = 0,
) -> Any:
    with reading() as db:
        choices = listing.choices(db, batch)
        taken = _taken(db, batch, draft, days) if draft is not None else set()
    page = render_template(
        "sessions/edit_session.html",
        batch=batch,
        session=found,
        values=values,
        problems=problems,
        choices=choices,
        chosen_instructors={str(person_id) for person_id in values["instructor_ids"]},
        chosen_modules={str(module_id) for module_id in values["module_ids"]},
        zones=ZONES,
        modes=tuple(Mode),
        servers=meeting_servers(),
        repeats=tuple(Repeat),
        most=MOST,
        days=days,
        taken=taken,
        later=later,
    )
    return page, 422 if problems else 200


def _taken(db: Db, batch: Batch, draft: SessionDraft, days: Sequence[date]) -> set[date]:
    """Return those of these days on which the batch has something at the same time already."""
    windows = {}
    for day in days:
        own = draft.model_copy(update={"on": day})
        windows[Interval(own.starts_at, own.ends_at)] = day
    return {windows[window] for window in listing.taken_days(db, batch.id, list(windows))}
