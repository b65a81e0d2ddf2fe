"""The demo's people, units, programme and batches, made as coordinators make them, in the past."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms.accounts.models import Person
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.rules.drafts import PersonDraft, UnitDraft
from lms.accounts.service.credentials import set_password
from lms.accounts.service.people import create_person
from lms.accounts.service.rights import grant_role
from lms.accounts.service.units import add_unit
from lms.courses.models import Course, Module
from lms.db import Db
from lms.demo.people import ADMIN, BATCHES, CITRA, HALIMAH, HENDRA, ISKANDAR, PASSWORD, STAFF, UNITS, WEILING, Invented
from lms.demo.plan import COURSE, PROGRAMME_EN, PROGRAMME_ID, ROOM, SUMMARY_EN, SUMMARY_ID, WITA
from lms.kernel.errors import NotFound
from lms.programmes.models import Batch
from lms.programmes.rules.drafts import BatchDraft, ProgrammeDraft
from lms.programmes.service.batches import create_batch, create_programme
from lms.programmes.service.enrolling import enrol

# Days from the loading: first and last day of each batch.
DAYS = {"Angkatan Perdana": (-136, -114), "Angkatan I": (-40, -1), "Angkatan II": (-16, 40)}


@dataclass(frozen=True)
class House:
    """Everything the sessions of the demo refer to, by the keys of the plan."""

    course: Course
    modules: dict[str, int]
    people: dict[str, int]
    programme_id: int
    batches: dict[str, Batch]

    @property
    def coordinator(self) -> int:
        return self.people[CITRA.key]

    def trainees(self, batch: str) -> dict[str, int]:
        """Return key → id of the batch's trainees, in the plan's order."""
        return {person.key: self.people[person.key] for person in BATCHES[batch]}


def settle(db: Db, password_hash: str, *, at: datetime) -> House:
    """Return the house of the demo, everybody in it able to sign in with the demo's password.

    Raises NotFound("demo_needs_course") when the course it is about has not been synced.
    """
    course = db.scalar(select(Course).where(Course.slug == COURSE))
    if course is None:
        raise NotFound("demo_needs_course", slug=COURSE)
    begun = at - timedelta(days=160)
    modules = modules_of(db, course.id)
    units = _add_units(db, begun)
    people: dict[str, int] = {}
    for person in STAFF + BATCHES["Angkatan I"] + BATCHES["Angkatan II"] + BATCHES["Angkatan Perdana"]:
        by = people.get(CITRA.key) or people.get(ADMIN.key)
        people[person.key] = _add_person(db, person, units, password_hash, by=by, at=begun).id
    admin, citra = people[ADMIN.key], people[CITRA.key]
    grant_role(db, admin, Role.ADMIN, ScopeKind.EVERYTHING, by=None, at=begun)
    grant_role(db, citra, Role.COORDINATOR, ScopeKind.EVERYTHING, by=admin, at=begun)
    grant_role(db, people[HENDRA.key], Role.COORDINATOR, ScopeKind.UNIT, units["sehat"], by=admin, at=begun)
    grant_role(db, people[HALIMAH.key], Role.UNIT_HEAD, ScopeKind.UNIT, units["sehat"], by=admin, at=begun)
    draft = ProgrammeDraft(
        title_id=PROGRAMME_ID,
        title_en=PROGRAMME_EN,
        summary_id=SUMMARY_ID,
        summary_en=SUMMARY_EN,
        course_ids=[course.id],
    )
    programme = create_programme(db, draft, by=citra, at=begun)
    house = House(course, modules, people, programme.id, {})
    today = at.astimezone(ZoneInfo(WITA)).date()
    for name, (first, last) in DAYS.items():
        starts_on, ends_on = today + timedelta(days=first), today + timedelta(days=last)
        batch_draft = BatchDraft(name=name, starts_on=starts_on, ends_on=ends_on, place=ROOM)
        when = at + timedelta(days=first - 7)
        batch = create_batch(db, programme, batch_draft, coordinator_id=citra, by=citra, at=when)
        house.batches[name] = batch
        for instructor in (ISKANDAR, WEILING):
            enrol(db, batch, people[instructor.key], "instructor", by=citra, at=when, is_told=False)
        for person_id in house.trainees(name).values():
            enrol(db, batch, person_id, "trainee", by=citra, at=when, is_told=False)
    return house


def modules_of(db: Db, course_id: int) -> dict[str, int]:
    """Return key → id of the course's modules in their order."""
    rows = db.execute(
        select(Module.key, Module.id)
        .where(Module.course_id == course_id, Module.archived_at.is_(None))
        .order_by(Module.position, Module.id)
    )
    return {row.key: row.id for row in rows}


def _add_units(db: Db, at: datetime) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, (name, below) in UNITS.items():
        found[key] = add_unit(db, UnitDraft(name=name), by=None, at=at).id
        for key_below, name_below in below.items():
            found[key_below] = add_unit(db, UnitDraft(name=name_below, parent_id=found[key]), by=None, at=at).id
    return found


def _add_person(
    db: Db, person: Invented, units: dict[str, int], password_hash: str, *, by: int | None, at: datetime
) -> Person:
    draft = PersonDraft.model_validate(
        {
            "name": person.name,
            "title_before": person.before,
            "title_after": person.after,
            "email": person.email,
            "nip": person.nip,
            "phone": person.phone,
            "unit_id": units[person.unit] if person.unit else None,
            "position": person.position,
            "rank": person.rank,
            "language": person.language,
            "zone": person.zone,
        }
    )
    made = create_person(db, draft, by=by, at=at)
    set_password(db, made, PASSWORD, password_hash, by=made.id, at=at)
    return made
