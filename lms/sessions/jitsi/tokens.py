"""Tokens that let one person into one room of a meeting server."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lms.kernel.errors import Conflict, Invalid, Problem
from lms.sessions.jitsi.rules import JitsiServer, ServerKind, room_problems

# Prosody allows no leeway: with a clock a few seconds behind ours, a token valid from now would be refused.
BACKDATED = timedelta(seconds=60)
SHORTEST_RSA_KEY = 2048

_FOR_MODERATORS = ("transcription", "lobby", "moderation", "list-visitors", "live-translation")
_FOR_ALL = ("screen-sharing", "send-groupchat", "send-private-message", "create-polls", "file-upload", "flip")
# A lecture is not for the public, and nobody calls people by telephone at the city's cost.
_FOR_NOBODY = ("livestreaming", "outbound-call", "sip-outbound-call", "inbound-call", "sip-inbound-call")


@dataclass(frozen=True)
class Token:
    """A signed token and when it ends. Whoever holds the text is that person until then.

    The text comes out by `reveal()` alone: printing, formatting or logging the object shows only its end.
    """

    _text: str = field(repr=False)
    expires: datetime

    def reveal(self) -> str:
        """Return the token itself, to be sent to the person it names and to nobody else."""
        return self._text

    def __str__(self) -> str:
        return repr(self)


def mint(
    server: JitsiServer,
    *,
    room: str,
    person_id: int | str,
    name: str,
    moderator: bool,
    window_end: datetime,
    margin: timedelta,
    at: datetime,
    may_record: bool = False,
) -> Token:
    """Return a token for one person and one literal room, valid until the session's end plus the margin.

    A moderator can start a recording only with `may_record`: where everybody was told of it before entering.

    It outlasts the session because a token is checked at every new connection: somebody who reconnects in the last
    minutes of an overrun must get in again. Mint one per click; never store or log it. It carries no e-mail address,
    since with `presence_identity` everybody in the room could read it.
    Raises Invalid for a room that is not one literal lower-case name, Conflict(`jitsi_session_over`) when the token
    would be dead on arrival, ValueError for a plain server or a naive time.
    """
    if server.kind is ServerKind.PLAIN:
        raise ValueError("a plain server takes no tokens")
    if at.tzinfo is None or window_end.tzinfo is None:
        raise ValueError("times must be aware")
    if found := room_problems(room):
        raise Invalid(found)
    expires = math.ceil((window_end + margin).timestamp())
    if expires <= at.timestamp():
        raise Conflict("jitsi_session_over")
    valid_from = math.floor((at - BACKDATED).timestamp())
    claims: dict[str, Any] = {
        "iss": "chat" if server.kind is ServerKind.JAAS else server.app_id,
        "aud": "jitsi",  # a string: Prosody refuses a list
        "sub": server.app_id if server.kind is ServerKind.JAAS else server.muc_host,
        "room": room,
        "iat": valid_from,
        "nbf": valid_from,
        "exp": expires,  # whole numbers: a string is refused
        # The web client drops an id that is not a string.
        "context": {"user": {"id": str(person_id), "name": name, "moderator": moderator}},
    }
    claims["context"]["features"] = features(moderator, may_record)
    if server.kind is ServerKind.JAAS:
        claims["context"]["room"] = {"regex": False}
    header = {"typ": "JWT"} | ({"kid": server.key_id} if server.key_id else {})
    text = jwt.encode(claims, server.private_key or server.secret, algorithm=server.algorithm, headers=header)
    return Token(text, datetime.fromtimestamp(expires, UTC))


def key_problems(server: JitsiServer) -> tuple[Problem, ...]:
    """Return what keeps the RSA keys from signing; empty when they can, or when there are none."""
    keys = (("JITSI_APP_SECRET", server.private_key), ("JITSI_SYSTEM_KEY", server.system_key))
    return tuple(problem for setting, pem in keys if pem for problem in _pem_problems(setting, pem))


def _pem_problems(setting: str, pem: str) -> tuple[Problem, ...]:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):  # TypeError: the key is locked by a password
        return (Problem.of("jitsi_key_unreadable", field=setting),)
    if not isinstance(key, RSAPrivateKey):
        return (Problem.of("jitsi_key_unreadable", field=setting),)
    if key.key_size < SHORTEST_RSA_KEY:
        return (Problem.of("jitsi_key_short", field=setting, least=SHORTEST_RSA_KEY),)
    return ()


def system_token(server: JitsiServer, *, at: datetime) -> Token:
    """Return a token by which this site itself, and no person, is known to the server for one minute.

    Signed by a key apart from the one for people, which the server looks up elsewhere
    (`prosody_password_public_key_repo_url`): so no person's token can do what this one can. Raises ValueError
    without such a key.
    """
    if not server.system_key:
        raise ValueError("this server has no system key")
    expires = math.ceil(at.timestamp()) + 60
    claims = {
        "iss": server.app_id,
        "aud": "jitsi",
        "sub": server.muc_host,
        "room": "*",  # which room is meant stands in the request; a system token opens none
        "nbf": math.floor((at - BACKDATED).timestamp()),
        "exp": expires,
    }
    headers = {"typ": "JWT", "kid": server.system_key_id}
    text = jwt.encode(claims, server.system_key, algorithm="RS256", headers=headers)
    return Token(text, datetime.fromtimestamp(expires, UTC))


def features(moderator: bool, may_record: bool) -> dict[str, bool]:
    """Return what the meeting shall offer this person; the server checks recording, captions and dialling out, too.

    Everything is said: of what is missing one part takes the server's default and another takes it for forbidden.
    """
    return {
        "recording": moderator and may_record,
        **dict.fromkeys(_FOR_MODERATORS, moderator),
        **dict.fromkeys(_FOR_ALL, True),
        **dict.fromkeys(_FOR_NOBODY, False),
    }
