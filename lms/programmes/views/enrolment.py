"""Pages of enrolment: who is in a batch, adding people by a pasted list, ending an enrolment."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission, ScopeKind
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Forbidden, Invalid, Problem
from lms.programmes.models import Batch, Enrolment
from lms.programmes.people_wish import PeopleWish
from lms.programmes.rules.drafts import EnrolDraft
from lms.programmes.rules.lines import Outcome, read_people
from lms.programmes.service import asking, enrolling, members
from lms.programmes.views.blueprint import blueprint
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import reader
from lms.web.row_numbers import row_number

P = Permission
# How long what was ended together can be taken back, and how long its letters wait for that.
UNDO = timedelta(minutes=10)
HELD_BACK = timedelta(minutes=2)
MOST_AT_ONCE = 500


@blueprint.get("/batches/<int:batch_id>/people")
def people(batch_id: int) -> str:
    """Everyone ever enrolled in a batch, as the address narrows and sorts them, to be reached or withdrawn."""
    at = clock.now()
    wish = PeopleWish.read(request.args.to_dict())
    ended_at = _instant(request.args.get("ended", ""))
    with reading() as db:
        batch = guard.load(db, Batch, batch_id, needs=P.PEOPLE_READ, options=[joinedload(Batch.programme)])
        everyone = members.everyone_ever(db, batch_id, narrowed=guard.allowed(Enrolment, needs=P.PEOPLE_READ))
        rights = guard.rights_on(db, Batch, batch_id, {P.ENROLMENT_EDIT})
        # The line is the whole batch's: whoever reads some units alone does not see who else stands in it.
        waiting = asking.waiting_list(db, batch_id) if _units_of_rights(batch_id) is None else []
        left = asking.places_left(db, batch)
    current = [member for member in everyone if member.ends_at is None or member.ends_at > at]
    past = [member for member in everyone if member.ends_at is not None and member.ends_at <= at]
    is_undoable = ended_at is not None and at - ended_at <= UNDO
    return render_template(
        "programmes/people.html",
        batch=batch,
        count=len(current),
        current=wish.choose(current),
        past=past,
        wish=wish,
        units=[(name, name) for name in sorted({one.unit for one in current if one.unit}, key=str.casefold)],
        just_ended=[member for member in past if ended_at and member.ends_at == ended_at] if is_undoable else [],
        ended=request.args.get("ended", ""),
        rights=rights,
        whole_batch=_units_of_rights(batch_id) is None,
        waiting=waiting,
        left=left,
        at=at,
    )


@blueprint.route("/batches/<int:batch_id>/enrol", methods=["GET", "POST"])
def enrol(batch_id: int) -> Any:
    """Takes pasted NIPs and e-mail addresses, and reports line by line what became of each."""
    values: dict[str, Any] = {"role": "trainee"}
    problems: Sequence[Problem] = ()
    reports = None
    at = clock.now()
    with reading() as db:
        batch = guard.load(db, Batch, batch_id, needs=P.ENROLMENT_EDIT, options=[joinedload(Batch.programme)])
    units = _units_of_rights(batch_id)
    if request.method == "POST":
        values = form_values(EnrolDraft, request.form)
        try:
            draft = draft_from(EnrolDraft, values)
            _refuse_beyond(units, draft.role)
            with writing() as db:
                kept = guard.load(db, Batch, batch_id, needs=P.ENROLMENT_EDIT)
                reports = enrolling.enrol_many(
                    db,
                    kept,
                    read_people(draft.lines),
                    draft.role,
                    starts_at=_begin(draft),
                    within_units=units,
                    by=guard.principal().id,
                    at=at,
                    mail_at=at + HELD_BACK,
                )
            # What worked is gone from the box; what did not stays, to be corrected and sent again.
            undone = [
                report.line.text for report in reports if report.outcome not in (Outcome.ENROLLED, Outcome.ALREADY)
            ]
            values |= {"lines": "\n".join(undone)}
        except (Conflict, Invalid) as refusal:
            problems = problems_of(refusal)
    page = render_template(
        "programmes/enrol.html",
        batch=batch,
        values=values,
        problems=problems,
        reports=reports,
        # From a day of its own, a session may already have counted them: then it is to be ended, not taken back.
        undo="" if values.get("starts_on") else f"{at:%Y%m%dT%H%M%S%f}",
        whole_batch=units is None,
    )
    return page, 422 if problems else 200


@blueprint.post("/batches/<int:batch_id>/enrol/undo")
def undo_enrol(batch_id: int) -> Any:
    """Take back whom the asker enrolled together a moment ago."""
    at = clock.now()
    by = guard.principal().id
    enrolled_at = _instant(request.form.get("enrolled", ""))
    units = _units_of_rights(batch_id)
    count = 0
    with writing() as db:
        guard.load(db, Batch, batch_id, needs=P.ENROLMENT_EDIT)
        if enrolled_at is not None and at - enrolled_at <= UNDO:
            together = [Enrolment.starts_at == enrolled_at, Enrolment.enrolled_by == by]
            for enrolment in db.scalars(_changeable(batch_id).where(*together)).all():
                if units is None or enrolment.role == "trainee":
                    count += enrolling.take_back(db, enrolment, enrolled_at=enrolled_at, by=by, at=at)
    if count:
        flash(ngettext("%(num)s enrolment is taken back.", "%(num)s enrolments are taken back.", count), "success")
    else:
        flash(gettext("That can no longer be taken back. End the enrolments instead."), "warning")
    return redirect(url_for("programmes.people", batch_id=batch_id))


@blueprint.post("/enrolments/<int:enrolment_id>/withdraw")
def withdraw(enrolment_id: int) -> Any:
    """End an enrolment now. The row stays, for the registers of past sessions."""
    with writing() as db:
        enrolment = guard.load(db, Enrolment, enrolment_id, needs=P.ENROLMENT_EDIT, lock=True)
        _refuse_beyond(_units_of_rights(enrolment.batch_id), enrolment.role)
        is_news = enrolling.withdraw(db, enrolment, by=guard.principal().id, at=clock.now())
    flash(gettext("The enrolment has ended.") if is_news else gettext("That enrolment had already ended."), "success")
    # Somebody who withdraws herself may no longer look at the batch's people.
    if enrolment.person_id == guard.principal().id:
        return redirect(url_for("programmes.programmes"))
    return redirect(url_for("programmes.people", batch_id=enrolment.batch_id))


@blueprint.post("/batches/<int:batch_id>/withdraw")
def withdraw_many(batch_id: int) -> Any:
    """End the enrolments that were ticked; the page that follows can take it back."""
    at = clock.now()
    units = _units_of_rights(batch_id)
    with writing() as db:
        guard.load(db, Batch, batch_id, needs=P.ENROLMENT_EDIT)
        chosen = _ticked(db, batch_id)
        ended = [
            enrolment
            for enrolment in chosen
            if (units is None or enrolment.role == "trainee")
            and enrolling.withdraw(db, enrolment, by=guard.principal().id, at=at, mail_at=at + HELD_BACK)
        ]
        herself = any(enrolment.person_id == guard.principal().id for enrolment in ended)
    if not ended:
        flash(gettext("Choose at least one enrolment that you may end."), "warning")
        return redirect(url_for("programmes.people", batch_id=batch_id))
    if herself:
        return redirect(url_for("programmes.programmes"))
    return redirect(url_for("programmes.people", batch_id=batch_id, ended=f"{at:%Y%m%dT%H%M%S%f}"))


@blueprint.post("/batches/<int:batch_id>/restore")
def restore(batch_id: int) -> Any:
    """Take back what was ended together a moment ago."""
    at = clock.now()
    ended_at = _instant(request.form.get("ended", ""))
    units = _units_of_rights(batch_id)
    with writing() as db:
        guard.load(db, Batch, batch_id, needs=P.ENROLMENT_EDIT)
        count = 0
        if ended_at is not None and at - ended_at <= UNDO:
            for enrolment in _ticked(db, batch_id):
                if units is None or enrolment.role == "trainee":
                    by = guard.principal().id
                    count += enrolling.restore(db, enrolment, ended_at=ended_at, by=by, at=at)
    if count:
        flash(ngettext("%(num)s enrolment is back.", "%(num)s enrolments are back.", count), "success")
    else:
        flash(gettext("That can no longer be taken back. Enrol the people anew instead."), "warning")
    return redirect(url_for("programmes.people", batch_id=batch_id))


def _ticked(db: Db, batch_id: int) -> Sequence[Enrolment]:
    """Return the enrolments of this batch that the form names and the asker may change, locked."""
    ids = request.form.getlist("enrolment", type=row_number)[:MOST_AT_ONCE]
    return db.scalars(_changeable(batch_id).where(Enrolment.id.in_(ids))).all()


def _changeable(batch_id: int) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .where(Enrolment.batch_id == batch_id, guard.allowed(Enrolment, needs=P.ENROLMENT_EDIT))
        .order_by(Enrolment.id)
        .with_for_update()
    )


def _instant(text: str) -> datetime | None:
    """Return the instant an address names; None for nonsense."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _units_of_rights(batch_id: int) -> frozenset[int] | None:
    """Return the units to whose people the asker's right to enrol is limited; None when it holds for the batch."""
    scopes = guard.principal().scopes(P.ENROLMENT_EDIT)
    if ScopeKind.EVERYTHING in scopes or batch_id in scopes.get(ScopeKind.BATCH, ()):
        return None
    return scopes.get(ScopeKind.UNIT, frozenset())


def _refuse_beyond(units: frozenset[int] | None, role: str) -> None:
    """Refuse that a right limited to units makes or unmakes instructors and coordinators of a whole batch."""
    if units is not None and role != "trainee":
        raise Forbidden("enrol_role_beyond_unit")


def _begin(draft: EnrolDraft) -> datetime | None:
    """Return the start of the day the enrolment begins, where the reader is; None for from now on."""
    if draft.starts_on is None:
        return None
    return datetime.combine(draft.starts_on, time(), reader().zone)
