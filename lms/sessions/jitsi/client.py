"""Questions put to a meeting server over HTTP, each answered in bounded time or with a typed error.

client = JitsiClient(server)
client.health()              # Health(reach=Reach.ANSWERS, said=None)
client.room_size("kelas-…")  # 17
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from lms.kernel.errors import Invalid, Said
from lms.sessions.jitsi.rules import JitsiServer, ServerKind, room_problems

CONNECT_SECONDS = 2.0
READ_SECONDS = 3.0
HEALTH_CONNECT_SECONDS = 1.0
HEALTH_READ_SECONDS = 1.5
PAUSE_BEFORE_RETRY = 0.2
LARGEST_ANSWER = 1024 * 1024
PIECE = 16 * 1024
# What a proxy says while the server behind it restarts; anything else means what it says.
_PASSING = frozenset({502, 503, 504})


class JitsiError(Exception):
    """Base of everything that can go wrong with a question; `said` tells it as a code for the reader's language."""

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.said = Said(code, MappingProxyType(params))


class JitsiNotAsked(JitsiError):
    """This kind of server, or this configuration, has nothing that could answer the question."""


class JitsiUnreachable(JitsiError):
    """No answer: refused, unknown host, bad certificate, or slower than the time-out."""


class JitsiRefused(JitsiError):
    """An answer, but with a status other than success; `status` holds it."""

    def __init__(self, code: str, /, *, status: int) -> None:
        super().__init__(code, status=status)
        self.status = status


class JitsiNonsense(JitsiError):
    """A successful answer that is not what the question promises: other software, or another version, stands there."""


class Reach(StrEnum):
    ANSWERS = "answers"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Health:
    """Whether the web client is served, and if not, why (as a code with parameters)."""

    reach: Reach
    said: Said | None = None


@dataclass(frozen=True)
class OpenRoom:
    """A room open on the server. `participants` counts as `room_size` does; `created` is the server's clock, UTC."""

    room: str
    participants: int
    created: datetime


class JitsiClient:
    """A client for one server. Safe to share between threads as far as `requests.Session` is; holds no answer."""

    def __init__(
        self,
        server: JitsiServer,
        session: requests.Session | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.server = server
        self._session = session or requests.Session()
        self._sleep = sleep

    def health(self) -> Health:
        """Return whether the web client's script is served, asked once and briefly. Never raises a JitsiError.

        It is our view, not the trainee's: behind some firewalls we cannot reach an address that browsers reach,
        so a silent server is a reason to warn, not to withhold the meeting.
        """
        try:
            start = self._attempt(self.server.script_url, HEALTH_CONNECT_SECONDS, HEALTH_READ_SECONDS, only_start=True)
            # A parked domain or a captive portal answers every address with a page.
            if start.lstrip()[:1] in (b"", b"<"):
                raise JitsiNonsense("jitsi_nonsense")
        except JitsiError as error:
            return Health(Reach.SILENT, error.said)
        return Health(Reach.ANSWERS)

    def room_size(self, room: str) -> int:
        """Return how many people are in the room; 0 where no such room is open.

        A hint, not evidence: recorders are counted, people in breakout rooms are not, and a room in which only the
        conference focus is left counts 1 (muc_size). Raises Invalid for a room name the server could not look up,
        JitsiNotAsked, JitsiUnreachable, JitsiRefused, JitsiNonsense.
        """
        if found := room_problems(room):
            raise Invalid(found)
        try:
            answer = self._ask("room-size", {"room": room, "domain": self.server.muc_host})
        except JitsiRefused as refusal:
            if refusal.status == 404:
                return 0
            raise
        return _count(_member(answer, "participants"))

    def room_census(self) -> tuple[OpenRoom, ...]:
        """Return every open room (muc_census). Raises JitsiNotAsked, JitsiUnreachable, JitsiRefused, JitsiNonsense."""
        rooms = _member(self._ask("room-census", {}), "room_census")
        if not isinstance(rooms, list):
            raise JitsiNonsense("jitsi_nonsense")
        return tuple(_open_room(entry) for entry in rooms)

    def _ask(self, path: str, query: Mapping[str, str]) -> Any:
        """Return the decoded JSON; asked a second time when the first got no answer or a proxy's passing excuse."""
        if self.server.kind is not ServerKind.SELF_HOSTED or not self.server.api_url:
            raise JitsiNotAsked("jitsi_not_asked")
        address = f"{self.server.api_url}/{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            body = self._attempt(address, CONNECT_SECONDS, READ_SECONDS)
        except (JitsiUnreachable, JitsiRefused) as error:
            if isinstance(error, JitsiRefused) and error.status not in _PASSING:
                raise
            self._sleep(PAUSE_BEFORE_RETRY)
            body = self._attempt(address, CONNECT_SECONDS, READ_SECONDS)
        try:
            return json.loads(body)  # muc_size sends no Content-Type, so none is asked for
        except (ValueError, RecursionError):  # the latter: a hostile nest of brackets
            raise JitsiNonsense("jitsi_nonsense") from None

    def _attempt(self, address: str, connect: float, read: float, *, only_start: bool = False) -> bytes:
        """Return the body of a GET, or its first bytes.

        requests' read time-out counts from byte to byte and its iterators wait for a full piece, so a body that drips
        could hold us for hours: pieces are taken as they come, and all have to come within twice the read time-out.
        Redirects are not followed: a private API has none.
        """
        deadline = time.monotonic() + connect + 2 * read
        body = b""
        try:
            with self._session.get(address, timeout=(connect, read), stream=True, allow_redirects=False) as response:
                if response.status_code != 200:
                    raise JitsiRefused("jitsi_refused", status=response.status_code)
                while piece := response.raw.read1(PIECE, decode_content=True):
                    body += piece
                    if only_start:
                        break
                    if len(body) > LARGEST_ANSWER:
                        raise JitsiNonsense("jitsi_nonsense")
                    if time.monotonic() > deadline:
                        raise JitsiUnreachable("jitsi_slow")
        except requests.exceptions.SSLError:
            raise JitsiUnreachable("jitsi_certificate", domain=self.server.domain) from None
        except (requests.exceptions.Timeout, ReadTimeoutError):
            raise JitsiUnreachable("jitsi_slow") from None
        except (requests.RequestException, HTTPError):  # the latter: urllib3's own, while a body is read
            raise JitsiUnreachable("jitsi_unreachable") from None
        return body


def _member(answer: Any, key: str) -> Any:
    if not isinstance(answer, dict) or key not in answer:
        raise JitsiNonsense("jitsi_nonsense")
    return answer[key]


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise JitsiNonsense("jitsi_nonsense")
    return value


def _open_room(entry: Any) -> OpenRoom:
    address, created = _member(entry, "room_name"), _member(entry, "created_time")
    if not isinstance(address, str) or not str(created).isdecimal():
        raise JitsiNonsense("jitsi_nonsense")
    try:
        # A string of milliseconds; by timedelta, since a float would round them.
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(created))
    except (OverflowError, ValueError):
        raise JitsiNonsense("jitsi_nonsense") from None
    return OpenRoom(address.partition("@")[0], _count(_member(entry, "participants")), moment)
