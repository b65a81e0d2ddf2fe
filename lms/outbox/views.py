"""The notices somebody has received in the app."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.local import LocalProxy

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.accounts.rules.names import is_local_path
from lms.db import reading, writing
from lms.kernel.errors import NotFound
from lms.outbox import letters, service
from lms.outbox.models import Notice
from lms.outbox.wording import notice_text

blueprint = Blueprint("outbox", __name__)
letters.register(blueprint)


@blueprint.get("/notices")
def notices() -> Any:
    """One's notices, newest first."""
    who = guard.require(needs=Permission.SELF_EDIT)
    only_unread = request.args.get("show") == "unread"
    with reading() as db:
        found, page, pages = service.notices_of(
            db, who.id, page=request.args.get("page", 1, type=int), only_unread=only_unread
        )
    return render_template(
        "outbox/notices.html",
        lines=[(notice, notice_text(notice)) for notice in found],
        only_unread=only_unread,
        page=page,
        pages=pages,
    )


@blueprint.post("/notices/<int:notice_id>/open")
def open_notice(notice_id: int) -> Any:
    """Mark a notice as read and go to what it is about."""
    who = guard.require(needs=Permission.SELF_EDIT)
    with writing() as db:
        link = db.scalar(select(Notice.link).where(Notice.id == notice_id, Notice.person_id == who.id))
        if link is None:
            raise NotFound()
        service.mark_read(db, who.id, notice_id, at=clock.now())
    return redirect(link if is_local_path(link) else url_for("outbox.notices"))


@blueprint.post("/notices/read")
def mark_all_read() -> Any:
    """Mark all of one's notices as read."""
    who = guard.require(needs=Permission.SELF_EDIT)
    with writing() as db:
        service.mark_read(db, who.id, at=clock.now())
    return redirect(url_for("outbox.notices"))


@blueprint.app_context_processor
def _unread() -> dict[str, Any]:
    """Give pages `unread_notices`: counted when first looked at, so an answer that shows no bell asks nothing."""
    return {"unread_notices": LocalProxy(_count_unread)}


def _count_unread() -> int:
    if "unread_notices" not in g:
        g.unread_notices = 0
        if current_user.is_authenticated:
            with reading() as db:
                g.unread_notices = service.count_unread(db, current_user.id)
    return int(g.unread_notices)
