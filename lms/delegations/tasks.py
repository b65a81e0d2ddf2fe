"""Jobs of study visits: announcing names at their moment, reminding of what is due."""

from datetime import datetime

from lms.db import reading, writing
from lms.delegations.models import Delegation
from lms.delegations.service import choosing, preparing
from lms.outbox.jobs import every
from lms.web.i18n import DEFAULT_ZONE


@every(5, name="announce_study_visits")
def announce_study_visits(at: datetime) -> int:
    """Announce what is due; return how many people were told. A round without anything due only reads."""
    with reading() as db:
        due = choosing.due_announcements(db, at)
    told = 0
    for visit_id in due:
        with writing() as db:
            told += choosing.announce(db, db.get_one(Delegation, visit_id, with_for_update=True), at=at)
    return told


@every(3600, name="remind_of_visit_tasks")
def remind_of_visit_tasks(at: datetime) -> int:
    """Remind of lines of checklists that are due soon; return how many people were told."""
    with writing() as db:
        return preparing.remind(db, at=at, today=at.astimezone(DEFAULT_ZONE).date())
