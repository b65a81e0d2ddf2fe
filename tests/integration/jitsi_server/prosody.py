"""Stands in for the other half of the chain: a Prosody that is asked over BOSH, checks tokens, asks for reservations
and posts events, each as a real one was seen to; and that can be set up wrongly."""

import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as Tree
from xml.sax.saxutils import escape

import jwt
from flask.testing import FlaskClient

from lms import clock
from tests.integration.jitsi_server.places import BEARER

HEAD = "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'"
FOCUS = "http://jitsi.org/protocol/focus"


@dataclass
class Prosody:
    """One server, set up soundly unless told otherwise."""

    site: FlaskClient
    secret: str = "s" * 32
    bearer: str = BEARER
    # Makes the first to come an owner, as Jicofo does by default.
    auto_owner: bool = False
    # token_affiliation, reservations and event_sync are loaded.
    affiliations: bool = True
    asks: bool = True
    tells: bool = True
    # What a token must name, and whether Jicofo runs.
    issuer: str = "jembatan"
    focus: bool = True
    rooms: dict[str, set[str]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Every address asked, for what may not stand in one.
    addresses: list[str] = field(default_factory=list)

    def __call__(self, address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self.addresses.append(address)
        asked = Tree.fromstring(body)  # noqa: S314 (our own client wrote it)
        sid = asked.get("sid", "")
        if not sid:
            sid = f"sid-{len(self.sessions)}"
            token = headers["Authorization"].removeprefix("Bearer ")
            self.sessions[sid] = {"token": token, "jid": f"{len(self.sessions):08x}-0000@meet.example.test/web"}
            return 200, f"{HEAD} sid='{sid}'/>".encode()
        session = self.sessions[sid]
        told = "".join(self._answer(session, stanza) for stanza in asked)
        if asked.get("type") == "terminate":
            self._leave(session)
            return 200, f"{HEAD} type='terminate'/>".encode()
        return 200, f"{HEAD}>{told}</body>".encode()

    def _answer(self, session: dict[str, Any], stanza: Tree.Element) -> str:
        name = stanza.tag.rpartition("}")[2]
        if name == "auth":
            return self._sign_in(session)
        if name == "presence":
            return "" if stanza.get("type") == "unavailable" else self._enter(session, stanza.get("to", ""))
        inside = stanza[0].tag
        iq = f"<iq xmlns='jabber:client' id='{stanza.get('id')}' type='result'>"
        if inside.endswith("}bind"):
            return f"{iq}<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{session['jid']}</jid></bind></iq>"
        if inside.endswith("#items}query"):
            items = "<item jid='lobby.meet.example.test'/><item jid='conference.meet.example.test'/>"
            return f"{iq}<query xmlns='http://jabber.org/protocol/disco#items'>{items}</query></iq>"
        refused = self._open(stanza[0].get("room", ""))
        if refused is None:
            return f"{iq}<conference xmlns='{FOCUS}' ready='true'/></iq>"
        text = f"<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>{escape(refused)}</text>" if refused else ""
        return iq.replace("result", "error") + f"<error type='cancel'>{text}</error></iq>"

    def _sign_in(self, session: dict[str, Any]) -> str:
        sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
        try:
            claims = jwt.decode(
                session["token"],
                self.secret,
                algorithms=["HS256"],
                audience="jitsi",
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidSignatureError:
            return f"<failure {sasl}><not-allowed/><text>Invalid signature</text></failure>"
        if claims["iss"] != self.issuer:
            return f"<failure {sasl}><not-allowed/><text>invalid 'iss' claim</text></failure>"
        session["claims"] = claims
        return f"<success {sasl}/>"

    def _open(self, room: str) -> str | None:
        """Return None once the room is open, else why it is not; "" where nobody answers."""
        if not self.focus:
            return ""
        if room in self.rooms or not self.asks:
            self.rooms.setdefault(room, set())
            return None
        name = room.partition("@")[0]
        asked = {"name": name, "mail_owner": "u@meet.example.test", "start_time": "2026-12-01T02:00:00.000Z"}
        answer = self.site.post(
            "/jitsi/reservations/conference", data=asked, headers={"Authorization": f"Bearer {self.bearer}"}
        )
        if answer.status_code != 200:
            return str(answer.get_json().get("message") or "Reservation check failed")
        assert answer.get_json()["name"] == name and isinstance(answer.get_json()["id"], str)
        self.rooms[room] = set()
        return None

    def _enter(self, session: dict[str, Any], place: str) -> str:
        room = place.partition("/")[0]
        if session["claims"]["room"] != room.partition("@")[0] or place.partition("/")[2] != session["jid"][:8]:
            return (
                f"<presence xmlns='jabber:client' type='error' from='{place}'><error><not-allowed/></error></presence>"
            )
        first = not self.rooms[room]
        owns = (self.affiliations and session["claims"]["context"]["user"]["moderator"]) or (self.auto_owner and first)
        self.rooms[room].add(session["jid"])
        session |= {"room": room, "since": int(clock.now().timestamp())}
        self._tell(session, "joined")
        item = "affiliation='owner' role='moderator'" if owns else "affiliation='member' role='participant'"
        other = f"<presence xmlns='jabber:client' from='{room}/focus'/>"
        inside = f"<x xmlns='http://jabber.org/protocol/muc#user'><item {item}/><status code='110'/></x>"
        return f"{other}<presence xmlns='jabber:client' from='{place}'>{inside}</presence>"

    def _leave(self, session: dict[str, Any]) -> None:
        room = session.pop("room", None)
        if room is None:
            return
        self._tell(session, "left", room)
        self.rooms[room].discard(session["jid"])
        if not self.rooms[room]:
            del self.rooms[room]

    def _tell(self, session: dict[str, Any], what: str, room: str = "") -> None:
        if not self.tells:
            return
        room, user = room or session["room"], session["claims"]["context"]["user"]
        occupant = {
            "id": user["id"],
            "name": user["name"],
            "occupant_jid": session["jid"],
            "joined_at": session["since"],
        }
        if what == "left":
            occupant["left_at"] = int(clock.now().timestamp())
        body = {"room_jid": room, "room_name": room.partition("@")[0], "is_breakout": False, "occupant": occupant}
        self.site.post(
            f"/jitsi/events/occupant/{what}",
            data=json.dumps(body | {"event_name": f"muc-occupant-{what}"}),
            headers={"Authorization": f"Bearer {self.bearer}"},
        )
