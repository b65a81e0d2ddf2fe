"""A form that is sent twice is done once: who waits on a slow line presses again before the answer is there.

The script of every page holds a button after its first press (static/js/lib/forms.js), but on such a line it comes
long after the button, and it lets go of one whose answer takes long. The browser shows the answer to the last press
alone: so that press is answered as the first one was, with the place it leads to and what is said there.

Two sendings are one if they come from one page, go to one address and agree in every field. Repeated is only what ended
in a redirect, as forms do that were taken; one that was refused is looked at anew. And repeated is only the last form
that somebody sent: whoever has sent another since has seen an answer, and means what she presses (there and back again
must not be answered with "done" while it is undone).
"""

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, session
from flask.json.tag import TaggedJSONSerializer
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect, generate_csrf
from redis import Redis, RedisError

from lms.web.errors import wants_json

# Between the token against forged forms and the page that the form stands in; no token has it.
MARK = "~"
# So long a form may take to be done, and so long its second sending waits for the first.
DONE_WITHIN = 60
# So long an answer may be on its way before somebody presses for it again.
ON_ITS_WAY = 30
LOOK_EVERY = 0.1
SAID = "_flashes"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_text = TaggedJSONSerializer()


class Tokens(CSRFProtect):
    """Flask-WTF's protection, for tokens that also name their page."""

    def _get_csrf_token(self) -> str | None:
        found = super()._get_csrf_token()
        return found.partition(MARK)[0] if found else None


def token() -> str:
    """Return what a form of this page sends along as csrf_token."""
    return f"{generate_csrf()}{MARK}{g.get('request_id', '')}"


class _Here:
    """What this process is doing and has lately done: enough where it serves the site alone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.doing: dict[str, float] = {}
        self.done: dict[str, tuple[float, str, str]] = {}

    def claim(self, key: str) -> bool:
        with self.lock:
            now = time.monotonic()
            self.doing = {one: until for one, until in self.doing.items() if until > now}
            if key in self.doing:
                return False
            self.doing[key] = now + DONE_WITHIN
            return True

    def release(self, key: str) -> None:
        with self.lock:
            self.doing.pop(key, None)

    def keep(self, who: str, key: str, answer: str) -> None:
        with self.lock:
            now = time.monotonic()
            self.done = {one: kept for one, kept in self.done.items() if kept[0] > now}
            self.done[who] = (now + ON_ITS_WAY, key, answer)

    def find(self, who: str, key: str) -> str | None:
        with self.lock:
            until, last, answer = self.done.get(who, (0.0, "", ""))
            return answer if last == key and until > time.monotonic() else None


class _InRedis:
    """The same for several processes: the second press may reach another one."""

    def __init__(self, address: str) -> None:
        self.redis = Redis.from_url(address, socket_timeout=2, socket_connect_timeout=2, decode_responses=True)

    def claim(self, key: str) -> bool:
        return bool(self.redis.set(f"jembatan.once.doing.{key}", "", nx=True, ex=DONE_WITHIN))

    def release(self, key: str) -> None:
        self.redis.delete(f"jembatan.once.doing.{key}")

    def keep(self, who: str, key: str, answer: str) -> None:
        self.redis.set(f"jembatan.once.done.{who}", f"{key} {answer}", ex=ON_ITS_WAY)

    def find(self, who: str, key: str) -> str | None:
        last, _, answer = str(self.redis.get(f"jembatan.once.done.{who}") or "").partition(" ")
        return answer if last == key else None


def init_app(app: Flask) -> None:
    """Look at every form that somebody signed in sends; call after the protection against forged ones is there."""
    address = app.config["SETTINGS"].redis_url
    sendings = app.extensions["sendings"] = _InRedis(address) if address else _Here()
    app.jinja_env.globals["csrf_token"] = token

    @app.before_request
    def answer_again() -> Any:
        key = _key()
        if key is None:
            return None
        who = str(current_user.id)
        try:
            answer = _claim_or_wait(sendings, who, key)
        except RedisError:
            # Without Redis every press is done, as if this were not here.
            return None
        if answer is None:
            g.sending, g.signed_in_as = (who, key), _beside_words()
            return None
        place, status, said = _text.loads(answer)
        if said:
            session[SAID] = said
        return redirect(place, status)

    @app.after_request
    def keep_answer(response: Response) -> Response:
        if "sending" not in g:
            return response
        who, key = g.sending
        # What also changes the sign-in or leaves a cookie is more than its place, and harmless twice.
        is_whole = response.location and "Set-Cookie" not in response.headers and _beside_words() == g.signed_in_as
        if is_whole and response.status_code in (302, 303):
            answer = _text.dumps([response.location, response.status_code, session.get(SAID)])
            _unless_away(lambda: sendings.keep(who, key, answer))
        return response

    @app.teardown_request
    def let_go(_error: BaseException | None) -> None:
        # After the answer is kept: who waits for it must not find neither.
        if "sending" in g:
            _who, key = g.pop("sending")
            _unless_away(lambda: sendings.release(key))


def _key() -> str | None:
    """Return the same for every press on one form as it is filled in; None for what is no such form."""
    if request.method != "POST" or request.mimetype not in FORMS or wants_json():
        return None
    # A server that posts has no cookie; its body is left unread for the view, which may want it as it came.
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies or not current_user.is_authenticated:
        return None
    if not request.form.get("csrf_token", "").partition(MARK)[2]:
        return None
    sent = [request.full_path, request.content_length, sorted(request.form.items(multi=True))]
    files = [(name, file.filename) for name, file in request.files.items(multi=True)]
    return hashlib.sha256(repr([current_user.get_id(), sent, files]).encode()).hexdigest()


def _claim_or_wait(sendings: _Here | _InRedis, who: str, key: str) -> str | None:
    """Return the answer to the first sending once it is there; None if this is the first, or the first was refused."""
    until = time.monotonic() + DONE_WITHIN
    while time.monotonic() < until:
        if sendings.claim(key):
            # It may have been done and let go of just now.
            answer = sendings.find(who, key)
            if answer is not None:
                sendings.release(key)
            return answer
        time.sleep(LOOK_EVERY)
    return None


def _beside_words() -> dict[str, Any]:
    return {name: value for name, value in session.items() if name != SAID}


def _unless_away(act: Callable[[], None]) -> None:
    try:
        act()
    except RedisError:
        return
