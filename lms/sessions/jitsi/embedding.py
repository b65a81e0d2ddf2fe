"""What the room page needs to show a meeting: the frame's options, links that lead out, the host to allow."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.tokens import Token


def embedding(
    server: JitsiServer,
    room: str,
    token: Token | None,
    display_name: str,
    language: str,
    moderator: bool,
    *,
    title: str = "",
    may_record: bool = False,
) -> dict[str, Any]:
    """Return the room page's `config` for static/js/sessions/meeting, ready to be sent as JSON to this person alone.

    `kind` is "jitsi" (embedded, token needed) or "link" (a plain server: link-out only). It holds the token in clear:
    never cache or log it. `language` is a two-letter code, `title` stands in the meeting instead of the room's name.
    """
    options = frame_options(moderator, title, may_record)
    links = room_links(server, room, token, language, options)
    if server.kind is ServerKind.PLAIN:
        return {"kind": "link", "lang": language, "links": links}
    if token is None:
        raise ValueError("an embedded meeting needs a token")
    return {
        "kind": "jitsi",
        "domain": server.domain,
        "script": server.script_url,
        "roomName": server.room_path(room),
        "jwt": token.reveal(),
        "lang": language,
        "userInfo": {"displayName": display_name},
        "configOverwrite": options,
        "links": links,
    }


def frame_options(moderator: bool, title: str = "", may_record: bool = False) -> dict[str, Any]:
    """Return the meeting's settings for this role, chosen for an office that shares one thin line.

    Trainees enter muted and without picture, so that sixty of them do not begin with sixty video streams.
    """
    options: dict[str, Any] = {
        "prejoinConfig": {"enabled": False},  # else entering is a second click that people miss
        "readOnlyName": True,
        "disableProfile": True,
        "requireDisplayName": True,
        "disableInviteFunctions": True,
        "deeplinking": {"disabled": True},  # on a phone the page stays in the browser; the app is a choice of ours
        "lobby": {"autoKnock": True},
        "enableClosePage": False,
        "disableBeforeUnloadHandlers": False,  # else the goodbye comes too late to be recorded
        "disableThirdPartyRequests": True,  # no avatars fetched from elsewhere
        "startWithAudioMuted": not moderator,
        "startWithVideoMuted": not moderator,
        "resolution": 360,
        "constraints": {"video": {"height": {"ideal": 360, "max": 720, "min": 180}}},
        "channelLastN": 6,
        # On somebody's own disk a recording knows neither the batch nor a day on which it is deleted.
        "localRecording": {"disable": True},
    }
    if not may_record:
        # Nobody was told: whatever the server allows, the meeting offers no recording.
        options["recordingService"] = {"enabled": False}
    return options | ({"localSubject": title} if title else {})


def room_links(
    server: JitsiServer, room: str, token: Token | None, language: str, options: dict[str, Any]
) -> dict[str, str]:
    """Return the ways out of the page: `tab`, `android`, `ios`. Who takes one is unverified until the server says so.

    Each carries the token, so the person need not sign in again; treat them like the token itself.
    """
    path = f"{server.domain}/{quote(server.room_path(room))}"
    ticket = {"jwt": token.reveal()} if token else {}
    app_query = f"?{urlencode(ticket)}" if ticket else ""
    fragment = "&".join(f"config.{key}={quote(json.dumps(value), safe='')}" for key, value in options.items())
    return {
        "tab": f"https://{path}?{urlencode(ticket | {'lang': language})}#{fragment}",
        "android": f"intent://{path}{app_query}#Intent;scheme=org.jitsi.meet;package=org.jitsi.meet;end",
        "ios": f"org.jitsi.meet://{path}{app_query}",
    }


def embedded_host(server: JitsiServer | None) -> str:
    """Return the host the room page must let in, for `lms.web.security.allow_meeting`; "" where nothing is embedded."""
    return "" if server is None or server.kind is ServerKind.PLAIN else server.domain
