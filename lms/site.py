"""Pages about the site itself: is it well, and what it is built from."""

import shutil
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template
from flask_login import current_user
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms import clock, migrating
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.tasks import living_boots
from lms.db import reading
from lms.web import once

blueprint = Blueprint("site", __name__)

# Below this an upload or a day's evidence may not fit any more.
LEAST_FREE_BYTES = 200 * 1024 * 1024


@blueprint.get("/healthz")
@guard.public
def healthz() -> Any:
    """Say whether this process can serve: 200 when all is well, else 503 with what is not. Names no secrets."""
    checks: dict[str, Any] = {}
    try:
        with reading() as db:
            db.execute(text("select 1"))
            checks["database"] = "ok"
            checks["migrations"] = "ok" if migrating.revision_of(db.connection()) == migrating.head() else "behind"
            checks["processes"] = living_boots(db, clock.now())
    except SQLAlchemyError as error:
        current_app.logger.warning("health: database: %s", type(error).__name__)
        checks["database"] = "no answer"
    free = shutil.disk_usage(current_app.config["SETTINGS"].home).free
    checks["disk"] = "ok" if free >= LEAST_FREE_BYTES else "nearly full"
    is_well = checks["database"] == "ok" and checks.get("migrations") == "ok" and checks["disk"] == "ok"
    return {"ok": is_well, **checks}, 200 if is_well else 503


@blueprint.get("/form-token")
@guard.public
def form_token() -> Any:
    """Give the token that a form of this browser must carry now, and whether somebody is signed in on it.

    For a page whose form was refused with the token of an earlier sign-in, and for one that looks whether the site is
    within reach before it sends. No other site can read the answer.
    """
    answer = jsonify(token=once.token(), is_signed_in=current_user.is_authenticated)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/styleguide")
def styleguide() -> Any:
    """Show every part of the pages in each of its states."""
    guard.everywhere(needs=Permission.SITE_ADMINISTER)
    return render_template("styleguide.html", problems=())
