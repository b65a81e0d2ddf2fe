"""Jobs of hours and certificates: deriving hours, issuing to many, seeing to a key to sign badges with."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from lms import clock
from lms.certificates.models.certificates import Certificate
from lms.certificates.service import badges, deriving, issuing
from lms.db import reading, writing
from lms.outbox.jobs import every


@every(30, name="derive_hours")
def derive_hours(at: datetime) -> int:
    """Bring the hours of whoever may have earned some since the last look up to date; return how many people."""
    with reading() as db:
        people = deriving.people_to_derive(db, at=at)
    for start in range(0, len(people), deriving.AT_ONCE):
        with writing() as db:
            deriving.derive(db, people[start : start + deriving.AT_ONCE], at=at)
    with reading() as db:
        is_news = deriving.is_look_worth_noting(db, at=at)
    if people or is_news:
        with writing() as db:
            deriving.note_look(db, at=at)
    return len(people)


@every(30, name="issue_certificates")
def issue_certificates(at: datetime) -> int:
    """Work off the runs that wait; return how many certificates were issued. Safe to run twice or at once: a run is
    claimed, and each certificate is a transaction of its own."""
    issued = 0
    while True:
        with reading() as db:
            if not issuing.is_waiting(db, at=at):
                break
        with writing() as db:
            run = issuing.claim(db, at=at)
        if run is None:
            break
        more = True
        while more:
            at = clock.now()
            with writing() as db:
                more = issuing.next_of(db, run.id, at=at)
        with reading() as db:
            issued += db.get_one(issuing.IssueRun, run.id).issued
    _see_to_a_key(at)
    return issued


def _see_to_a_key(at: datetime) -> None:
    """Make a key where certificates want badges and none can be opened: at first, and after a new SECRET_KEY."""
    settings = current_app.config["SETTINGS"]
    site = badges.Site(settings.public_url, settings.secret_key)
    with reading() as db:
        is_wanted = db.scalar(select(Certificate.id).limit(1)) is not None
        if not is_wanted or badges.signing_key(db, site) is not None:
            return
    made = badges.make_key(site)
    with writing() as db:
        badges.keep_key(db, made, at=at)
