"""Structured logs without secrets: one line an event, with the request's id; readable or JSON."""

import logging
import re
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request

# What must never stand in a log even if an address holds it: Jitsi tokens, one-time secrets, the socket id.
_SECRET_PARAMETERS = re.compile(
    r"((?:jwt|token|code|sid|secret|password)=|/invitation/|/calendar/feed/)[^&\s\"']+", re.IGNORECASE
)


def _hide(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRET_PARAMETERS.sub(r"\1…", value)
    return event


def _request_id(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    if has_request_context() and "request_id" in g:
        event.setdefault("request_id", g.request_id)
    return event


def configure(log_format: str) -> None:
    """Send every log line of the process through structlog to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        _request_id,
        _hide,
    ]
    if log_format == "json":
        renderer: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # Its own formatter prints every local variable, passwords and settings among them.
        plain = structlog.dev.plain_traceback
        renderer = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
    stream = logging.StreamHandler()
    stream.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [stream]
    root.setLevel(logging.INFO)
    for noisy in ("engineio", "socketio", "werkzeug", "huey", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Log one line an answered request: method, path, status, milliseconds. Never bodies, never cookies."""
    log = logging.getLogger("lms.request")

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        if response.status_code >= 500 or app.config["SETTINGS"].debug:
            milliseconds = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
            log.info(
                "%s %s %s", request.method, request.path, response.status_code, extra={"ms": round(milliseconds, 1)}
            )
        return response
