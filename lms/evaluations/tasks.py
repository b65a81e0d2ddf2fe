"""The job of evaluation: opening what is due in batches that are evaluated by themselves, and reminding."""

from datetime import datetime

from lms.db import reading, writing
from lms.evaluations.service import followups
from lms.outbox.jobs import every
from lms.programmes.models import Batch


@every(300, name="evaluate_batches")
def evaluate_batches(at: datetime) -> int:
    """Open what is due and remind of what closes soon; return how many surveys were opened. Safe to repeat."""
    with reading() as db:
        batches = [batch.id for batch in followups.due_batches(db)]
        is_late = bool(followups.to_remind(db, at=at))
    opened = 0
    for batch_id in batches:
        with writing() as db:
            opened += followups.open_what_is_due(db, db.get_one(Batch, batch_id), at=at)
    if is_late:
        with writing() as db:
            followups.send_reminders(db, at=at)
    return opened
