"""Ways to look at and apply the invented files of a call, as tests of their import do."""

from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from lms.attendance.callfiles.callers import Caller
from lms.attendance.models import Mark
from lms.attendance.service import importing
from lms.attendance.service.previewing import Preview, preview
from lms.db import reading, writing
from lms.sessions.models import LiveSession
from tests.factories import World
from tests.integration.attendance.conftest import at

WITA, WIB, UTC = (ZoneInfo(name) for name in ("Asia/Makassar", "Asia/Jakarta", "UTC"))
ZONES = [WITA, WIB, UTC]
# The call of the invented files lasted until 11.05.
LATER = 130
BUDI_IN_ZOOM = Caller("santoso, budi", "", "", ()).key


def look(
    call: int, raw: bytes, picks: dict[str, int] | None = None, zone: ZoneInfo | None = WITA, **kw: object
) -> Preview:
    with reading() as db:
        values = {"units": None, "at": at(LATER)} | kw
        return preview(db, db.get_one(LiveSession, call), raw, zone=zone, zones=ZONES, picks=picks or {}, **values)  # type: ignore[arg-type]


def apply(call: int, raw: bytes, world: World, picks: dict[str, int] | None = None, minutes: float = LATER) -> int:
    with writing() as db:
        session = db.scalars(select(LiveSession).where(LiveSession.id == call).with_for_update()).one()
        return importing.apply(
            db,
            session,
            raw,
            file_name="peserta.csv",
            zone=WITA,
            zones=ZONES,
            picks=picks or {},
            units=None,
            by=world.citra,
            at=at(minutes),
        )


def count(model: type, *where: object) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def mark_of(call: int, person: int) -> Mark | None:
    with reading() as db:
        return db.scalar(select(Mark).where(Mark.session_id == call, Mark.person_id == person))


def status_of(call: int, person: int) -> str:
    mark = mark_of(call, person)
    return mark.status if mark is not None else "none"
