"""Interprets what meeting servers post beside the requests that bring it, so that a post is answered as soon as it is
stored."""

import logging
import threading
from datetime import datetime
from typing import Any

from flask import Flask

from lms import clock
from lms.attendance.tasks import interpret_server_events
from lms.sessions.service import server_events

log = logging.getLogger(__name__)


class Interpreter:
    """One thread of a serving process that is woken by each post; whatever waits then is interpreted at once.

    Losing a wake-up loses nothing: the job comes round every ten seconds in any case.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._woken = threading.Event()
        self._over = False

    def start(self) -> None:
        """From now on posts are interpreted here and no longer by the request that brings them."""
        threading.Thread(target=self._run, name="interpreter", daemon=True).start()
        server_events.interpret_with(self.wake)

    def stop(self) -> None:
        self._over = True
        self._woken.set()

    def wake(self, _at: datetime) -> None:
        self._woken.set()

    def _run(self) -> None:
        while not self._over:
            self._woken.wait()
            self._woken.clear()
            try:
                with self._app.app_context():
                    interpret_server_events(clock.now())
            except Exception:  # the database away, a disk full: the job tries again
                log.exception("events of a meeting server could not be interpreted")


def init_app(app: Flask) -> None:
    """Start the interpreter in a process that serves; commands and tests interpret as they store."""
    interpreter = Interpreter(app)
    starts: list[Any] = app.extensions.setdefault("at_start", [])
    starts.append(interpreter.start)
    app.extensions.setdefault("at_stop", []).append(interpreter.stop)
