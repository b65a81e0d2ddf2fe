"""The outbox's own job, sending what is due, and the start of all jobs in a serving process."""

from datetime import datetime

from flask import Flask, current_app
from huey.consumer import Consumer

from lms.outbox import jobs
from lms.outbox.delivery import deliver_due


@jobs.every(60, name="deliver")
def deliver(at: datetime) -> None:
    """Send the messages that are due."""
    deliver_due(current_app.config["SETTINGS"], at=at)


def init_app(app: Flask) -> None:
    """Let jobs run in this application, and a serving process start and stop them with itself."""
    running: list[Consumer] = []

    def start() -> None:
        consumer = jobs.start_embedded(app)
        if consumer is not None:
            running.append(consumer)

    def stop() -> None:
        while running:
            running.pop().stop()

    jobs.configure(app)
    app.extensions.setdefault("at_start", []).append(start)
    app.extensions.setdefault("at_stop", []).append(stop)
