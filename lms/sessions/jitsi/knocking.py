"""Enters a room of a meeting server as its web client does, without sound or picture, and leaves again.

Only so is it known what the server makes of our tokens, whether it opens the room, whom it takes for a moderator and
whether it tells us. XMPP over BOSH (XEP-0124, XEP-0206): a few posts to `/http-bind`, each answered with XML.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from xml.etree import ElementTree as Tree
from xml.sax.saxutils import quoteattr

import requests

from lms.sessions.jitsi.rules import JitsiServer
from lms.sessions.jitsi.tokens import Token

BODY = "http://jabber.org/protocol/httpbind"
XBOSH = "urn:xmpp:xbosh"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
CLIENT = "jabber:client"
MUC = "http://jabber.org/protocol/muc"
FOCUS = "http://jitsi.org/protocol/focus"
ITEMS = "http://jabber.org/protocol/disco#items"

LARGEST_ANSWER = 256 * 1024
TIME_OUT = (3.0, 15.0)
# How often we look for an answer, and how often we ask Jicofo until it has opened the room.
MOST_LOOKS = 8
MOST_WISHES = 5
PAUSE = 1.0

# (address, body, headers) → (status, answer); raises requests.RequestException.
Post = Callable[[str, bytes, dict[str, str]], tuple[int, bytes]]


class Step(StrEnum):
    """How far somebody gets, in order."""

    REACH = "reach"
    SIGN_IN = "sign_in"
    ROOM = "room"
    ENTER = "enter"


class Refused(Exception):
    """The server did not let us go on: at which step, and in its own words (empty: it said nothing)."""

    def __init__(self, step: Step, words: str = "") -> None:
        super().__init__(f"{step}: {words}")
        self.step = step
        self.words = words


@dataclass(frozen=True)
class Entered:
    """What the server made of somebody who entered: `role` and `affiliation` are its own words."""

    role: str
    affiliation: str

    @property
    def is_moderator(self) -> bool:
        return self.role == "moderator"


def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Return status and answer of a post, cut off at what any honest answer needs."""
    with requests.post(
        address, data=body, headers=headers, timeout=TIME_OUT, allow_redirects=False, stream=True
    ) as response:
        return response.status_code, response.raw.read(LARGEST_ANSWER, decode_content=True)


@contextmanager
def knock(
    server: JitsiServer, room: str, token: Token, *, post: Post = post, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Entered]:
    """Be in the room for as long as the block lasts. Raises Refused, or ends quietly what could be begun.

    The token goes into a header and never into an address, since addresses are logged.
    """
    line = _Line(server, room, token, post, sleep)
    try:
        line.open()
        yield line.enter()
    finally:
        line.close()


@dataclass
class _Line:
    """One session with the server's BOSH end point."""

    server: JitsiServer
    room: str
    token: Token
    post: Post
    sleep: Callable[[float], None]
    request_id: int = field(default_factory=lambda: secrets.randbelow(2**31))
    sid: str = ""
    jid: str = ""
    place: str = ""
    # Stanzas that came and nobody looked at yet.
    waiting: list[Tree.Element] = field(default_factory=list)

    def open(self) -> None:
        """Sign in with the token and get an address of our own. Raises Refused at REACH or SIGN_IN."""
        domain = quoteattr(self.server.muc_host)
        first = self._send("", f"to={domain} wait='5' hold='1' ver='1.6' xmpp:version='1.0' xml:lang='en'")
        self.sid = first.get("sid", "")
        if not self.sid:
            raise Refused(Step.REACH, first.get("condition", ""))
        self._put(f"<auth xmlns='{SASL}' mechanism='ANONYMOUS'/>")
        answer = self._await(Step.SIGN_IN, lambda one: one.tag in (f"{{{SASL}}}success", f"{{{SASL}}}failure"))
        if answer.tag.endswith("failure"):
            raise Refused(Step.SIGN_IN, _words(answer))
        self._send("", f"to={domain} xmpp:restart='true'")
        bound = self._ask(Step.SIGN_IN, "set", "", f"<bind xmlns='{BIND}'/>")
        self.jid = bound.findtext(f".//{{{BIND}}}jid", "")
        if not self.jid:
            raise Refused(Step.SIGN_IN, _words(bound))

    def enter(self) -> Entered:
        """Have the room opened and enter it. Raises Refused at ROOM or ENTER."""
        address = f"{self.room}@{self._rooms_host()}"
        for wish in range(MOST_WISHES):
            answer = self._ask(
                Step.ROOM,
                "set",
                f"focus.{self.server.muc_host}",
                f"<conference xmlns='{FOCUS}' room={quoteattr(address)} machine-uid='{secrets.token_hex(16)}'/>",
            )
            if answer.get("type") == "error":
                raise Refused(Step.ROOM, _words(answer))
            told = answer.find(f"{{{FOCUS}}}conference")
            if told is not None and told.get("ready") == "true":
                break
            if wish < MOST_WISHES - 1:
                self.sleep(PAUSE)
        else:
            raise Refused(Step.ROOM)
        # The server accepts as a name only the beginning of the address it gave us.
        self.place = f"{address}/{self.jid.partition('@')[0].partition('-')[0]}"
        self._put(f"<presence xmlns='{CLIENT}' to={quoteattr(self.place)}><x xmlns='{MUC}'/></presence>")
        own = self._await(Step.ENTER, self._is_own_presence)
        item = own.find(f"{{{MUC}#user}}x/{{{MUC}#user}}item")
        if own.get("type") == "error" or item is None:
            raise Refused(Step.ENTER, _words(own))
        return Entered(item.get("role", ""), item.get("affiliation", ""))

    def close(self) -> None:
        """Say goodbye; a server that no longer answers finds out by itself."""
        if not self.sid:
            return
        away = f"<presence xmlns='{CLIENT}' type='unavailable' to={quoteattr(self.place)}/>" if self.place else ""
        try:
            self._send(away, "type='terminate'")
        except Refused:
            return

    def _rooms_host(self) -> str:
        """Return the component of the rooms: as configured, else the one the server names, else the usual."""
        if self.server.muc_domain:
            return self.server.muc_domain
        answer = self._ask(Step.ROOM, "get", self.server.muc_host, f"<query xmlns='{ITEMS}'/>")
        listed = [item.get("jid", "") for item in answer.iter(f"{{{ITEMS}}}item")]
        usual = self.server.rooms_host
        named = [jid for jid in listed if jid.startswith(("conference.", "muc."))]
        return usual if usual in listed or not named else named[0]

    def _is_own_presence(self, one: Tree.Element) -> bool:
        if one.tag != f"{{{CLIENT}}}presence" or one.get("from") != self.place:
            return False
        return one.get("type") == "error" or any(s.get("code") == "110" for s in one.iter(f"{{{MUC}#user}}status"))

    def _ask(self, step: Step, kind: str, to: str, inside: str) -> Tree.Element:
        """Return the answer to a question, be it an error."""
        number = secrets.token_hex(6)
        address = f" to={quoteattr(to)}" if to else ""
        self._put(f"<iq xmlns='{CLIENT}' id='{number}' type='{kind}'{address}>{inside}</iq>")
        return self._await(step, lambda one: one.tag == f"{{{CLIENT}}}iq" and one.get("id") == number)

    def _await(self, step: Step, is_it: Callable[[Tree.Element], bool]) -> Tree.Element:
        """Return the stanza waited for; others are passed over."""
        for _ in range(MOST_LOOKS):
            while self.waiting:
                one = self.waiting.pop(0)
                if is_it(one):
                    return one
            self._put("")
        raise Refused(step)

    def _put(self, stanza: str) -> None:
        answer = self._send(stanza)
        if answer.get("type") == "terminate":
            raise Refused(Step.REACH, answer.get("condition", ""))

    def _send(self, stanza: str, more: str = "") -> Tree.Element:
        """Return the server's `<body>` for ours; its stanzas wait to be looked at. Raises Refused at REACH."""
        self.request_id += 1
        sid = f" sid={quoteattr(self.sid)}" if self.sid else ""
        body = f"<body xmlns='{BODY}' xmlns:xmpp='{XBOSH}' rid='{self.request_id}'{sid} {more}>{stanza}</body>"
        headers = {"Content-Type": "text/xml; charset=utf-8", "Authorization": f"Bearer {self.token.reveal()}"}
        try:
            status, answer = self.post(f"{self.server.origin}/http-bind?room={self.room}", body.encode(), headers)
        except requests.exceptions.RequestException:
            raise Refused(Step.REACH) from None
        if status != 200:
            raise Refused(Step.REACH, f"HTTP {status}")
        found = _read(answer)
        self.waiting += list(found)
        return found


def _read(answer: bytes) -> Tree.Element:
    """Return the answer's root. XMPP knows no document types, so what declares one is refused unread."""
    try:
        if b"<!" in answer:
            raise Refused(Step.REACH)
        found = Tree.fromstring(answer)  # noqa: S314 (no document type, no entities, and of bounded length)
    except Tree.ParseError:
        raise Refused(Step.REACH) from None
    if found.tag != f"{{{BODY}}}body":
        raise Refused(Step.REACH)
    return found


def _words(stanza: Tree.Element) -> str:
    """Return why, as the server puts it: its text, else the name of its error condition."""
    for one in stanza.iter():
        if one.tag.rpartition("}")[2] == "text" and one.text:
            return one.text.strip()[:300]
    namespaces = (SASL, STANZAS)
    for one in stanza.iter():
        space, _, name = one.tag.lstrip("{").partition("}")
        if space in namespaces and name not in ("failure", "success"):
            return name
    return ""
