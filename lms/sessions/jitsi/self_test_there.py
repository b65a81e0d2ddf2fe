"""The half of the chain that lies on the meeting server: does it take our tokens, open a room, make moderators of the
right people and of nobody else, and are its parts well. Found out by entering a test room as its web client does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from lms.kernel.errors import Said
from lms.sessions.jitsi import knocking
from lms.sessions.jitsi.client import EndPoint, JitsiClient, JitsiError, Reach
from lms.sessions.jitsi.knocking import Entered, Refused, Step
from lms.sessions.jitsi.rules import JitsiServer
from lms.sessions.jitsi.self_test import TEACHER, TRAINEE, Link, State
from lms.sessions.jitsi.tokens import Token, mint

Knock = Callable[[JitsiServer, str, Token], AbstractContextManager[Entered]]

# What Prosody says of a token it refuses → our setting, or theirs, to mend.
_TOKEN_SETTINGS = (
    ("signature", "JITSI_APP_SECRET = JWT_APP_SECRET"),
    (" exp", "NTP"),
    (" nbf", "NTP"),
    ("'iss'", "JWT_ACCEPTED_ISSUERS = JITSI_APP_ID"),
    ("'aud'", "JWT_ACCEPTED_AUDIENCES = jitsi"),
    ("alg", "signature_algorithm"),
    ("public key", "JITSI_KEY_ID"),
    ("'kid'", "JITSI_KEY_ID"),
    ("domain", "JITSI_XMPP_DOMAIN"),
    ("token required", "Authorization"),
)


def try_server(
    server: JitsiServer, room: str, client: JitsiClient, *, at: datetime, knock: Knock = knocking.knock
) -> list[Link]:
    """Return the links that lie on the server, in order; those after a broken one were not tried. Takes seconds.

    First a trainee alone: a server that makes the first to come a moderator shows it now. Then who teaches.
    """
    names = ("jitsi_link_sign_in", "jitsi_link_room", "jitsi_link_trainee", "jitsi_link_teacher")
    try:
        with knock(server, room, _token(server, room, TRAINEE, at)) as trainee:
            counted = _counted(client, room)
        with knock(server, room, _token(server, room, TEACHER, at)) as teacher:
            pass
    except Refused as refusal:
        broken = {Step.REACH: 0, Step.SIGN_IN: 0, Step.ROOM: 1, Step.ENTER: 2}[refusal.step]
        good = [Link(name, State.GOOD, Said(f"{name}_good")) for name in names[:broken]]
        untried = [Link(name, State.UNTRIED, Said("jitsi_there_not_reached")) for name in names[broken + 1 :]]
        return [*good, _broken(names[broken], server, refusal), *untried]
    return [
        Link(names[0], State.GOOD, Said("jitsi_link_sign_in_good")),
        Link(names[1], State.GOOD, Said("jitsi_link_room_good")),
        Link(names[2], State.BAD, Said("jitsi_link_trainee_bad"), "ENABLE_AUTO_OWNER")
        if trainee.is_moderator
        else Link(names[2], State.GOOD, Said("jitsi_link_trainee_good")),
        Link(names[3], State.GOOD, Said("jitsi_link_teacher_good"))
        if teacher.is_moderator
        else Link(names[3], State.BAD, Said("jitsi_link_teacher_bad"), "XMPP_MUC_MODULES: token_affiliation"),
        *counted,
    ]


def _counted(client: JitsiClient, room: str) -> list[Link]:
    """Return whether the server's own count finds whoever is in the room just now; none where it is not asked."""
    if not client.server.api_url:
        return []
    try:
        size = client.room_size(room)
    except JitsiError as error:
        return [Link("jitsi_link_size", State.BAD, error.said, "JITSI_API_URL")]
    if size == 0:
        return [Link("jitsi_link_size", State.BAD, Said("jitsi_size_wrong"), "JITSI_XMPP_DOMAIN")]
    return [Link("jitsi_link_size", State.GOOD, Said("jitsi_size_right"))]


def try_parts(server: JitsiServer, client: JitsiClient, *, at: datetime) -> list[Link]:
    """Return how Jicofo and the bridges are, and whether anybody could end meetings; only what is set up."""
    links = []
    if server.jicofo_url:
        links.append(_part("jitsi_link_focus", "JITSI_JICOFO_URL", client, ""))
    links += [_part("jitsi_link_bridge", "JITSI_JVB_URLS", client, url) for url in server.jvb_urls]
    if server.api_url:
        links.append(_ending(client, at))
    return links


def _token(server: JitsiServer, room: str, who: str, at: datetime) -> Token:
    return mint(
        server,
        room=room,
        person_id=who,
        name="Self-test",
        moderator=who == TEACHER,
        window_end=at + timedelta(minutes=5),
        margin=timedelta(0),
        at=at,
    )


def _broken(name: str, server: JitsiServer, refusal: Refused) -> Link:
    """Return the link at which the server refused, with its own words and the setting they point to."""
    words = {"words": refusal.words or "–"}
    if refusal.step is Step.REACH:
        is_unknown = refusal.words == "host-unknown"
        setting = "JITSI_XMPP_DOMAIN" if is_unknown else "JITSI_DOMAIN"
        return Link(
            name, State.BAD, Said("jitsi_there_unreachable", {"address": f"{server.origin}/http-bind"} | words), setting
        )
    if refusal.step is Step.SIGN_IN:
        setting = next((mend for part, mend in _TOKEN_SETTINGS if part in refusal.words), "JITSI_APP_SECRET")
        return Link(name, State.BAD, Said("jitsi_there_token", words), setting)
    if refusal.step is Step.ROOM:
        if not refusal.words:
            return Link(name, State.BAD, Said("jitsi_there_focus"), "Jicofo")
        return Link(
            name, State.BAD, Said("jitsi_there_room", words), "reservations_api_prefix, reservations_api_headers"
        )
    return Link(name, State.BAD, Said("jitsi_there_enter", words), "JITSI_MUC_DOMAIN")


def _part(name: str, setting: str, client: JitsiClient, url: str) -> Link:
    health = client.bridge_health(url) if url else client.focus_health()
    if health.reach is not Reach.ANSWERS:
        code = "jitsi_part_sick" if health.reach is Reach.SICK else "jitsi_part_silent"
        return Link(name, State.BAD, Said(code, {"address": url or client.server.jicofo_url}), setting)
    try:
        if url:
            bridge = client.bridge_stats(url)
            count = {"rooms": bridge.conferences, "people": bridge.participants, "load": round(100 * bridge.stress)}
            return Link(name, State.GOOD, Said("jitsi_bridge_counts", count))
        focus = client.focus_stats()
    except JitsiError:
        # Well, and too old or too new to count as we read it.
        return Link(name, State.GOOD, Said("jitsi_part_well"))
    count = {"rooms": focus.conferences, "people": focus.participants, "bridges": focus.working_bridges}
    if not focus.working_bridges:
        return Link(name, State.BAD, Said("jitsi_focus_no_bridge"), "JVB_AUTH_PASSWORD")
    return Link(name, State.GOOD, Said("jitsi_focus_counts", count))


def _ending(client: JitsiClient, at: datetime) -> Link:
    name = "jitsi_link_ending"
    try:
        who = client.who_may_end(at=at)
    except JitsiError as error:
        return Link(name, State.BAD, error.said, "JITSI_API_URL")
    if who is EndPoint.OPEN:
        return Link(name, State.BAD, Said("jitsi_end_open"), "prosody_password_public_key_repo_url")
    if who is EndPoint.ABSENT:
        return Link(name, State.GOOD, Said("jitsi_end_absent"))
    return Link(name, State.GOOD, Said("jitsi_end_guarded"))
