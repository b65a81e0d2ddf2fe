"""The cookie side of signing in: Flask-Login's loader, and what ends a sign-in."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from flask import Flask, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, login_user, logout_user

from lms.accounts import principal
from lms.accounts.principal import Principal
from lms.db import Db
from lms.web import sockets
from lms.web.i18n import Reader

_ways_on: list[Callable[[], str | None]] = []


class Nobody(AnonymousUserMixin):
    """A visitor who has not signed in."""

    def can(self, _permission: str) -> bool:
        return False


def init_app(app: Flask) -> None:
    """Install the loader and the cookie's properties."""
    settings = app.config["SETTINGS"]
    app.config.update(
        SESSION_COOKIE_NAME="jembatan",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
    )
    manager = LoginManager(app)
    manager.anonymous_user = Nobody
    manager.session_protection = None

    @manager.user_loader
    def load(kept: str) -> Principal | None:
        person_id, _, stamp = kept.partition(".")
        if not (person_id.isdecimal() and stamp.isdecimal()):
            return None
        who = principal.cached(int(person_id))
        if who is not None and who.stamp < int(stamp):
            # The cookie is newer than what is cached: another process has just set a password.
            principal.forget([who.id])
            who = principal.cached(int(person_id))
        return who if who is not None and who.stamp == int(stamp) else None


def begin(who: Principal) -> None:
    """Sign this person in on this browser; what an earlier visitor left in the cookie is dropped."""
    session.clear()
    session.permanent = True
    # Names this browser, so that signing out here ends its other tabs' sockets and no other device's.
    session["browser"] = secrets.token_hex(8)
    login_user(who)


def lead_on_with(way: Callable[[], str | None]) -> None:
    """Let a feature say where somebody who has just signed in was going; None: nowhere it knows of."""
    if way not in _ways_on:
        _ways_on.append(way)


def way_on() -> str:
    """Return where somebody goes who has just signed in and brought no address: on with what she began, or home."""
    return next((path for way in _ways_on if (path := way())), url_for("home.home"))


def end() -> None:
    """Sign out on this browser, its open sockets included."""
    browser = session.get("browser")
    logout_user()
    session.clear()
    sockets.sign_out_browser(browser)


def end_everywhere(db: Db, person_id: int) -> None:
    """Once this transaction is durable, let the person's raised stamp count at once and end their open sockets."""
    db.after_commit(lambda: principal.forget([person_id]))
    db.after_commit(lambda: sockets.sign_out_sockets([person_id]))


def reader() -> Reader | None:
    """Return the signed-in person as the reader of the page, or None."""
    from flask import has_request_context
    from flask_login import current_user

    if not has_request_context() or not current_user.is_authenticated:
        return None
    return Reader(current_user.language, current_user.zone)
