"""The outbox's own job: sending what is due. Other features register theirs by `lms.outbox.jobs.every`."""

from datetime import datetime

from flask import current_app

from lms.outbox.delivery import deliver_due
from lms.outbox.jobs import every, queue, run_forever, start_embedded

__all__ = ["deliver", "every", "queue", "run_forever", "start_embedded"]


@every(60, name="deliver")
def deliver(at: datetime) -> None:
    """Send the messages that are due."""
    deliver_due(current_app.config["SETTINGS"], at=at)
