"""Security headers of every answer: a strict Content-Security-Policy and what goes with it."""

from functools import lru_cache

from flask import Flask, Response, g, request

# Camera and microphone are for the room page alone; a view widens its own answer by `allow_meeting`.
_NO_DEVICES = "camera=(), microphone=(), display-capture=(), geolocation=(), payment=(), usb=()"


def allow_meeting(host: str | None) -> None:
    """Let this answer's page use camera and microphone and, with a host, embed that Jitsi server."""
    g.meeting_host = host or ""


def init_app(app: Flask) -> None:
    """Add the headers to every answer of the app."""

    @app.after_request
    def secure(response: Response) -> Response:
        meeting: str | None = g.get("meeting_host")
        response.headers.setdefault("Content-Security-Policy", _policy(request.host, request.is_secure, meeting))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault(
            "Referrer-Policy", "no-referrer" if meeting is not None else "strict-origin-when-cross-origin"
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if meeting is None:
            response.headers.setdefault("Permissions-Policy", _NO_DEVICES)
        else:
            origins = f'self "https://{meeting}"' if meeting else "self"
            response.headers.setdefault(
                "Permissions-Policy",
                f"camera=({origins}), microphone=({origins}), display-capture=({origins}), geolocation=(), payment=()",
            )
        if app.config["SETTINGS"].secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.mimetype == "text/html" and request.endpoint != "static":
            # A page behind a sign-in must not come back from a shared computer's history.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


@lru_cache(maxsize=64)
def _policy(host: str, is_secure: bool, meeting: str | None) -> str:
    source = f" https://{meeting}" if meeting else ""
    # This host as a websocket source; older Safari does not count it under 'self'.
    websocket = f"{'wss' if is_secure else 'ws'}://{host}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{source}",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "media-src 'self' blob:",
            f"connect-src 'self' {websocket}",
            f"frame-src 'self'{source}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
