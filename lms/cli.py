"""`flask --app wsgi …`: the features' commands, and those that span features."""

import logging
from datetime import datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from lms import backups, clock, migrating, syncing
from lms.accounts.commands import add_user
from lms.demo import alumni, rooms
from lms.demo import loading as demo
from lms.outbox.commands import run_jobs
from lms.settings import Settings
from lms.web import assets
from lms.web.i18n import Reader, reading_as, say


def init_app(app: Flask) -> None:
    """Give the app its commands."""
    for command in (migrate, sync_courses, load_demo, demo_people, prepare, backup, restore, add_user, run_jobs):
        app.cli.add_command(command)


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


@click.command()
@click.option("--to", "revision", default="head", help="Revision to reach; the newest by default.")
@click.option("--down", is_flag=True, help="Go back to the revision instead of forward.")
@with_appcontext
def migrate(revision: str, down: bool) -> None:
    """Bring the database to the newest shape.

    Safe to call twice and from two machines at once. A SQLite file is copied beside itself first.
    Going back (--down --to REVISION, or base) loses what the older shape cannot hold.
    """
    run = migrating.downgrade if down else migrating.upgrade
    changed = run(_settings().database_url, revision)
    click.echo(f"database: {'changed' if changed else 'already'} at {revision}")


@click.command("sync-courses")
@click.argument("place", required=False, type=click.Path(exists=True, path_type=Path))
@with_appcontext
def sync_courses(place: Path | None) -> None:
    """Read course folders (COURSES_DIR, or PLACE: one folder or a folder of them) into the library.

    Prints every problem with file and line. A folder with an error changes nothing, and the exit code
    is 1. Where nothing changed in the files, nothing is written. Then renews what an older version rendered.
    """
    failed = _sync(place or _settings().courses_dir, loud=True)
    if failed:
        raise SystemExit(1)


def _sync(place: Path, *, loud: bool) -> bool:
    """Sync and print; return whether any folder failed. Not `loud`: silent about folders that did not change."""
    found = syncing.folders(place)
    if not found:
        click.echo(f"no course folders in {place}", err=True)
    failed = False
    for folder in found:
        report = syncing.sync_folder(folder, _settings(), at=clock.now(), unless_same=not loud)
        with current_app.test_request_context(), reading_as(Reader("en")):
            for problem in report.problems:
                click.echo(f"{problem.where or folder.name}: {say(problem)}", err=True)
        failed = failed or report.failed
        if report.failed:
            click.echo(f"{report.slug}: nothing changed because of the problems above", err=True)
        elif report.changes or loud:
            click.echo(f"{report.slug}: {'; '.join(report.changes) or 'nothing changed'}")
    if renewed := syncing.renew(_settings()):
        click.echo(f"rendered again: {', '.join(renewed)}")
    return failed


@click.command("load-demo")
@with_appcontext
def load_demo() -> None:
    """Load the demo data once; later calls only see to it that a session is live or near.

    Invented people with one well-known password: never on a site that people use.
    """
    _load_demo()


def _load_demo() -> None:
    at = clock.now()
    _load_or_refresh_demo(at)
    rooms.keep_recording(_settings(), at=at)
    alumni.keep_signed(_settings(), at=at)


def _load_or_refresh_demo(at: datetime) -> None:
    if demo.is_loaded():
        changed = demo.refresh(at=at)
        if changed:
            click.echo("demo: a new live session is scheduled")
        return
    demo.load(at=at)
    click.echo("demo: loaded")


@click.command("demo-people")
@with_appcontext
def demo_people() -> None:
    """Print who can sign in on the demo, one account a line."""
    for line in demo.people():
        click.echo(line)


@click.command()
@click.option("--demo", "with_demo", is_flag=True, help="Also load the demo data, once.")
@with_appcontext
def prepare(with_demo: bool) -> None:
    """Migrate, sync the courses, compress what browsers load and, with --demo, load the demo: all a start needs."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if migrating.upgrade(_settings().database_url):
        click.echo("database: brought up to date")
    if _sync(_settings().courses_dir, loud=False):
        click.echo("courses: some folders have problems, see above; the site starts with what it had", err=True)
    if not _settings().debug:
        assets.build(_settings().home)
    if with_demo:
        _load_demo()


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Write database and uploads into TARGET (a .tar.gz), while the site runs.

    SQLite by its online backup, PostgreSQL by pg_dump (which must be installed).
    """
    try:
        written = backups.write(_settings(), target)
    except (backups.BackupFailed, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{target}: {written} bytes")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def restore(source: Path, yes: bool) -> None:
    """Put database and uploads back as they were in SOURCE. Stop the site first: what is there now is replaced.

    A SQLite file that is there is kept beside the restored one; PostgreSQL's tables are replaced.
    """
    if not yes:
        click.confirm(f"Replace the database and uploads by those of {source}?", abort=True)
    try:
        backups.read(_settings(), source)
    except backups.BackupFailed as error:
        raise click.ClickException(str(error)) from None
    click.echo("restored; run `flask --app wsgi migrate` if the backup is of an older version")
