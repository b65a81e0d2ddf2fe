"""`flask run-jobs`: the jobs in a process of their own."""

import click
from flask import current_app
from flask.cli import with_appcontext

from lms.outbox.jobs import run_forever


@click.command("run-jobs")
@with_appcontext
def run_jobs() -> None:
    """Send mail and run the jobs that come round, until stopped (Ctrl-C).

    Needed only where REDIS_URL is set and several processes serve the site; then run exactly one of it.
    Without REDIS_URL the web process does this work itself.
    """
    run_forever(current_app._get_current_object())  # type: ignore[attr-defined]
