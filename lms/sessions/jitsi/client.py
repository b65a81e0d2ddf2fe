"""Questions put to a meeting server over HTTP, each answered in bounded time or with a typed error.

client = JitsiClient(server)
client.health()                            # Health(reach=Reach.ANSWERS, said=None): is the web client served
client.room_size("kelas-…")                # 17
client.room_occupants("kelas-…")           # frozenset({"f2dc68c2", …})
client.room_census()                       # (OpenRoom(room="kelas-…", participants=17, created=…), …)
client.focus_health(), client.focus_stats()    # Jicofo, where JITSI_JICOFO_URL is set
client.bridge_health(url), client.bridge_stats(url)    # each video bridge of JITSI_JVB_URLS
client.end_meeting("kelas-…", at=now)      # True; only where no trainee could do the same

A question takes at most two tries of `CONNECT_SECONDS + 2 * READ_SECONDS`, a short pause between them; redirects are
never followed, an answer above a megabyte is nonsense, and no exception but JitsiError (and Invalid for a room's
name) comes out.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from lms.kernel.errors import Invalid
from lms.sessions.jitsi import answers
from lms.sessions.jitsi.answers import (
    BridgeStats,
    EndPoint,
    FocusStats,
    Health,
    JitsiError,
    JitsiNonsense,
    JitsiNotAsked,
    JitsiRefused,
    JitsiUnreachable,
    JitsiUnsafe,
    OpenRoom,
    Reach,
)
from lms.sessions.jitsi.rules import JitsiServer, ServerKind, room_problems
from lms.sessions.jitsi.tokens import mint, system_token

CONNECT_SECONDS = 2.0
READ_SECONDS = 3.0
HEALTH_CONNECT_SECONDS = 1.0
HEALTH_READ_SECONDS = 1.5
PAUSE_BEFORE_RETRY = 0.2
LARGEST_ANSWER = 1024 * 1024
PIECE = 16 * 1024
# What a proxy says while the server behind it restarts; anything else means what it says.
_PASSING = frozenset({502, 503, 504})
# A room that is on no server: asking for its end harms nobody and shows who would be heard.
NO_ROOM = "uji-mandiri-tidak-ada"

__all__ = [
    "BridgeStats",
    "EndPoint",
    "FocusStats",
    "Health",
    "JitsiClient",
    "JitsiError",
    "JitsiNonsense",
    "JitsiNotAsked",
    "JitsiRefused",
    "JitsiUnreachable",
    "JitsiUnsafe",
    "OpenRoom",
    "Reach",
]


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
        _check(room)
        try:
            answer = self._ask(self._prosody(), "room-size", {"room": room, "domain": self.server.muc_host})
        except JitsiRefused as refusal:
            if refusal.status == 404:
                return 0
            raise
        return answers.read_room_size(answer)

    def room_census(self) -> tuple[OpenRoom, ...]:
        """Return every open room (muc_census). Raises JitsiNotAsked, JitsiUnreachable, JitsiRefused, JitsiNonsense."""
        return answers.read_census(self._ask(self._prosody(), "room-census"))

    def room_occupants(self, room: str) -> frozenset[str]:
        """Return by what names the server knows those in the main room; none where no such room is open.

        Such a name is the beginning of the occupant's address, given by the server. The names and addresses that
        people give themselves stand in the same answer and are not read: anybody may type another's. Raises as
        `room_size`.
        """
        _check(room)
        try:
            answer = self._ask(self._prosody(), "room", {"room": room, "domain": self.server.muc_host})
        except JitsiRefused as refusal:
            if refusal.status == 404:
                return frozenset()
            raise
        return answers.read_occupants(answer)

    def focus_health(self) -> Health:
        """Return how Jicofo, which opens the rooms, says it is; silent where it cannot be asked. Never raises."""
        return self._well(self.server.jicofo_url)

    def focus_stats(self) -> FocusStats:
        """Return what Jicofo counts. Raises JitsiNotAsked, JitsiUnreachable, JitsiRefused, JitsiNonsense."""
        return answers.read_focus_stats(self._ask(self.server.jicofo_url, "stats"))

    def focus_rooms(self) -> tuple[str, ...]:
        """Return the rooms in which Jicofo holds a meeting. Raises as `focus_stats`."""
        return answers.read_rooms(self._ask(self.server.jicofo_url, "debug/conferences"))

    def bridge_health(self, url: str) -> Health:
        """Return how one video bridge, which carries sound and picture, says it is. Never raises."""
        return self._well(url)

    def bridge_stats(self, url: str) -> BridgeStats:
        """Return what one video bridge counts. Raises as `focus_stats`."""
        return answers.read_bridge_stats(self._ask(url, "colibri/stats"))

    def who_may_end(self, *, at: datetime) -> EndPoint:
        """Return who could end meetings over HTTP on this server, found out without ending any.

        Old servers take every valid token there, a trainee's for another room included. So it is asked to end a room
        that does not exist: first without a token, then with an ordinary one. Raises as `room_size`.
        """
        if self._end(NO_ROOM, "") == 404:
            return EndPoint.ABSENT
        ordinary = mint(
            self.server,
            room=NO_ROOM,
            person_id="self-test",
            name="Self-test",
            moderator=False,
            window_end=at + timedelta(minutes=1),
            margin=timedelta(0),
            at=at,
        )
        return EndPoint.GUARDED if self._end(NO_ROOM, ordinary.reveal()) in (401, 403) else EndPoint.OPEN

    def end_meeting(self, room: str, *, at: datetime) -> bool:
        """End the meeting in this room for everybody; return whether there was one.

        Done only where it is safe: with a system key of ours, and on a server that refuses ordinary tokens there.
        Raises JitsiNotAsked without the key or the end point, JitsiUnsafe where anybody could end meetings, and as
        `room_size`.
        """
        _check(room)
        if not self.server.system_key:
            raise JitsiNotAsked("jitsi_end_no_key")
        who = self.who_may_end(at=at)
        if who is EndPoint.ABSENT:
            raise JitsiNotAsked("jitsi_end_absent")
        if who is EndPoint.OPEN:
            raise JitsiUnsafe("jitsi_end_open")
        status = self._end(room, system_token(self.server, at=at).reveal())
        if status not in (200, 404):
            raise JitsiRefused("jitsi_refused", status=status)
        return status == 200

    def _end(self, room: str, token: str) -> int:
        """Return the status with which the server answers to the wish to end this room."""
        if not self._prosody():
            raise JitsiNotAsked("jitsi_not_asked")
        query = urlencode({"conference": f"{room}@{self.server.rooms_host}"}, safe="@")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            self._twice(f"{self._prosody()}/end-meeting?{query}", method="POST", headers=headers)
        except JitsiRefused as refusal:
            return refusal.status
        return 200

    def _prosody(self) -> str:
        return self.server.api_url if self.server.kind is ServerKind.SELF_HOSTED else ""

    def _well(self, base: str) -> Health:
        """Return what a part of the server says of itself at /about/health: 200, or 5xx with its reason."""
        if not base:
            return Health(Reach.UNKNOWN, JitsiNotAsked("jitsi_not_asked").said)
        try:
            self._attempt(f"{base}/about/health", HEALTH_CONNECT_SECONDS, HEALTH_READ_SECONDS)
        except JitsiRefused as refusal:
            return Health(Reach.SICK if refusal.status >= 500 else Reach.SILENT, refusal.said)
        except JitsiError as error:
            return Health(Reach.SILENT, error.said)
        return Health(Reach.ANSWERS)

    def _ask(self, base: str, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the decoded JSON of a private address; raises JitsiNotAsked where none is configured."""
        if not base:
            raise JitsiNotAsked("jitsi_not_asked")
        return answers.read_json(self._twice(f"{base}/{path}" + (f"?{urlencode(query)}" if query else "")))

    def _twice(self, address: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> bytes:
        """Return the body; asked a second time when the first got no answer or a proxy's passing excuse."""
        try:
            return self._attempt(address, CONNECT_SECONDS, READ_SECONDS, method=method, headers=headers)
        except (JitsiUnreachable, JitsiRefused) as error:
            if isinstance(error, JitsiRefused) and error.status not in _PASSING:
                raise
            self._sleep(PAUSE_BEFORE_RETRY)
            return self._attempt(address, CONNECT_SECONDS, READ_SECONDS, method=method, headers=headers)

    def _attempt(
        self,
        address: str,
        connect: float,
        read: float,
        *,
        only_start: bool = False,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the body, or its first bytes.

        requests' read time-out counts from byte to byte and its iterators wait for a full piece, so a body that drips
        could hold us for hours: pieces are taken as they come, and all have to come within twice the read time-out.
        Redirects are not followed: a private API has none.
        """
        deadline = time.monotonic() + connect + 2 * read
        body = b""
        how = {"timeout": (connect, read), "stream": True, "allow_redirects": False, "headers": headers}
        try:
            with self._session.request(method, address, **how) as response:  # type: ignore[arg-type]
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


def _check(room: str) -> None:
    if found := room_problems(room):
        raise Invalid(found)
