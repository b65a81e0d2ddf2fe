"""Pages of one session: what it is and how to join it, the forms that cancel it, and how it is judged."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.programmes import agenda
from lms.programmes.models import Batch
from lms.sessions import beside, calendar_views, invitations, meeting_log, room, scheduling_views, self_test
from lms.sessions.devices import views as devices
from lms.sessions.meeting_place import meeting_servers, server_of
from lms.sessions.models import LiveSession
from lms.sessions.recordings import views as recordings
from lms.sessions.recordings.service import showing
from lms.sessions.rules import CancelDraft, Policy, PolicyDraft, doors, read_breaks
from lms.sessions.service import listing, scheduling, series, telling
from lms.sessions.service.server_log import read_log
from lms.web.forms import draft_from, form_values, problems_of

P = Permission

blueprint = Blueprint("sessions", __name__)
room.register(blueprint)
calendar_views.register(blueprint)
scheduling_views.register(blueprint)
self_test.register(blueprint)
meeting_log.register(blueprint)
recordings.register(blueprint)
devices.register(blueprint)
invitations.register()
agenda.read_with(lambda db, batch_id, at: listing.cards(db, listing.of_batch(batch_id), at=at))

_SHOWN_RIGHTS = {
    P.PULSE_ASK,
    P.REGISTER_CORRECT,
    P.REGISTER_READ,
    P.SESSION_ATTEND,
    P.SESSION_MODERATE,
    P.SESSION_SCHEDULE,
}
_WITH_BATCH = joinedload(LiveSession.batch).joinedload(Batch.programme)
_WITH_CONTACT = joinedload(LiveSession.batch).joinedload(Batch.contact)


@blueprint.get("/sessions/<int:session_id>")
def session(session_id: int) -> str:
    """One session: when in both zones, where, who teaches, what to read before, whom to call, and the way in."""
    at = clock.now()
    who = guard.principal()
    with reading() as db:
        found = guard.load(db, LiveSession, session_id, needs=P.SESSION_READ, options=[_WITH_BATCH, _WITH_CONTACT])
        rights = guard.rights_on(db, LiveSession, session_id, _SHOWN_RIGHTS)
        return render_template(
            "sessions/session.html",
            session=found,
            phase=listing.phase_of(found, at),
            doors=doors(found.starts_at, found.ends_at),
            breaks=read_breaks(found.breaks),
            instructors=listing.instructors_of(db, [found.id]).get(found.id, ()),
            readings=listing.readings(db, found.id, who.id),
            overlaps=listing.overlaps(db, found) if P.SESSION_SCHEDULE in rights else (),
            series=series.of_series(db, found),
            recordings=showing.of_session(db, found.id, everything=P.SESSION_MODERATE in rights)
            if P.SESSION_ATTEND in rights
            else (),
            recording_days=current_app.config["SETTINGS"].recording_days,
            policy=Policy.of(found.policy),
            beside=beside.beside(db, found, at),
            story=read_log(db, found.id, at=at) if P.REGISTER_READ in rights else None,
            servers=meeting_servers(),
            server=server_of(found),
            rights=rights,
            at=at,
        )


@blueprint.route("/sessions/<int:session_id>/cancel", methods=["GET", "POST"])
def cancel(session_id: int) -> Any:
    """Asks why, cancels, and tells everyone concerned."""
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            with writing() as db:
                kept = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, lock=True)
                draft = draft_from(CancelDraft, form_values(CancelDraft, request.form))
                scheduling.cancel(db, kept, draft.reason, by=guard.principal().id, at=clock.now())
            flash(gettext("The session is cancelled and everyone is told."), "success")
            return redirect(url_for("sessions.session", session_id=session_id))
        except (Invalid, Conflict) as refusal:
            problems = problems_of(refusal)
    with reading() as db:
        found = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, options=[_WITH_BATCH])
        told = len(telling.concerned(db, found) - {guard.principal().id})
    page = render_template(
        "sessions/cancel.html",
        session=found,
        told=told,
        problems=problems,
        reason=request.form.get("reason", ""),
    )
    return page, 422 if problems else 200


@blueprint.post("/sessions/<int:session_id>/restore")
def restore(session_id: int) -> Any:
    """Take a cancellation back."""
    with writing() as db:
        kept = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, lock=True)
        scheduling.restore(db, kept, by=guard.principal().id, at=clock.now())
    flash(gettext("The session takes place after all; everyone is told."), "success")
    return redirect(url_for("sessions.session", session_id=session_id))


@blueprint.route("/sessions/<int:session_id>/policy", methods=["GET", "POST"])
def policy(session_id: int) -> Any:
    """The numbers the session is judged by: a form until its doors open, afterwards only to read."""
    at = clock.now()
    with reading() as db:
        found = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, options=[_WITH_BATCH])
    now_held = Policy.of(found.policy)
    is_settled = at >= doors(found.starts_at, found.ends_at).start
    values: dict[str, Any] = {
        "minimum_percent": round(now_held.minimum_share * 100),
        "late_after_minutes": now_held.late_after_seconds // 60,
        "left_early_minutes": now_held.left_early_seconds // 60,
        "grace_seconds": now_held.grace_seconds,
        "bridged_limit_minutes": now_held.bridged_limit_seconds // 60,
        "check_out": now_held.check_out,
    }
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        sent = form_values(PolicyDraft, request.form)
        try:
            draft = draft_from(PolicyDraft, sent)
            with writing() as db:
                kept = guard.load(db, LiveSession, session_id, needs=P.SESSION_SCHEDULE, lock=True)
                scheduling.set_policy(db, kept, draft.policy, by=guard.principal().id, at=at)
            flash(gettext("Saved."), "success")
            return redirect(url_for("sessions.session", session_id=session_id))
        except (Invalid, Conflict) as refusal:
            problems = problems_of(refusal)
            # Settled numbers are shown as they hold, not as somebody would have liked them.
            values |= {} if is_settled else sent
    page = render_template("sessions/policy.html", session=found, values=values, problems=problems, settled=is_settled)
    return page, 422 if problems else 200
