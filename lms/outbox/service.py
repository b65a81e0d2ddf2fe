"""Telling people things: stored in the transaction of the cause, so that neither happens without the other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from lms.db import Db, built_once, insert_new
from lms.outbox import jobs
from lms.outbox.models import Message, Notice
from lms.outbox.rules import freeze

PER_PAGE = 25
# Why a message never left: somebody took it back.
CALLED_OFF = "called off"


def notify(db: Db, person_id: int, template: str, params: Mapping[str, Any], link: str = "", *, at: datetime) -> Notice:
    """Return the notice the person will see in the app; `link` is a path of this site."""
    notice = Notice(person_id=person_id, template=template, params=freeze(params), link=link, created_at=at)
    db.add(notice)
    return notice


def send_later(
    db: Db,
    person_id: int,
    template: str,
    params: Mapping[str, Any],
    key: str,
    due_at: datetime,
    at: datetime,
    link: str = "",
) -> bool:
    """Return whether the message is new; the same key never sends twice. It leaves once `due_at` has come.

    Worded at sending in the reader's language. `link` is a path of this site; the letter carries the full address.
    """
    values = {
        "person_id": person_id,
        "template": template,
        "params": freeze(params),
        "link": link,
        "key": key,
        "state": "waiting",
        "due_at": due_at,
        "created_at": at,
    }
    is_new = bool(insert_new(db, Message, values, ["key"]))
    if is_new and due_at <= at and not db.info.get("outbox_woken"):
        db.info["outbox_woken"] = True
        db.after_commit(lambda: jobs.soon("deliver"))
    return is_new


def tell(
    db: Db,
    person_id: int,
    template: str,
    params: Mapping[str, Any],
    key: str,
    link: str = "",
    *,
    at: datetime,
    mail_at: datetime | None = None,
) -> bool:
    """Tell somebody both in the app and by mail; a repeated key tells nothing. Return whether it was new.

    `mail_at` holds the mail back until then, so that what is undone soon after can be taken back.
    """
    if not send_later(db, person_id, template, params, key, mail_at or at, at, link):
        return False
    notify(db, person_id, template, params, link, at=at)
    return True


def call_off(db: Db, key: str) -> bool:
    """Take back a message that has not left yet (a reminder for a session that moved); return whether it could."""
    gone = db.execute(
        update(Message)
        .where(Message.key == key, Message.state == "waiting")
        .values(state="failed", last_error=CALLED_OFF, link="")
    ).rowcount  # type: ignore[attr-defined]
    return bool(gone)


def take_back(db: Db, person_id: int, template: str, key: str, *, told_at: datetime) -> bool:
    """Take back what was told at that instant; return whether its mail had not left. A notice not read vanishes."""
    db.execute(
        delete(Notice).where(
            Notice.person_id == person_id,
            Notice.template == template,
            Notice.created_at == told_at,
            Notice.read_at.is_(None),
        )
    )
    return call_off(db, key)


def count_unread(db: Db, person_id: int) -> int:
    """Return how many notices the person has not read."""
    return db.scalar(*_unread(person_id)) or 0


@built_once
def _unread(person_id: Any) -> Any:
    return select(func.count()).select_from(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))


def notices_of(
    db: Db, person_id: int, *, page: int = 1, only_unread: bool = False
) -> tuple[Sequence[Notice], int, int]:
    """Return a page of the person's notices, newest first, which page it is and how many there are.

    A page that does not exist is the last one.
    """
    wanted = [Notice.person_id == person_id, *([Notice.read_at.is_(None)] if only_unread else [])]
    count = db.scalar(select(func.count()).select_from(Notice).where(*wanted)) or 0
    pages = max(1, -(-count // PER_PAGE))
    page = min(max(1, page), pages)
    found = db.scalars(
        select(Notice)
        .where(*wanted)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return found, page, pages


def mark_read(db: Db, person_id: int, notice_id: int | None = None, *, at: datetime) -> int:
    """Mark one of the person's notices (None: all) as read; return how many were unread."""
    statement = update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None)).values(read_at=at)
    if notice_id is not None:
        statement = statement.where(Notice.id == notice_id)
    return db.execute(statement).rowcount  # type: ignore[attr-defined]
