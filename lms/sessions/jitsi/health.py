"""What was last known about a meeting server, without ever making a page wait for it."""

import threading
import time
from collections.abc import Callable

from lms.sessions.jitsi.client import Health, JitsiClient, Reach

GOOD_FOR = 30.0
BAD_FOR = 10.0


def _beside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="jitsi-health", daemon=True).start()


class HealthWatch:
    """Remembers a client's last health answer and renews it beside the request that asks.

    A good answer is believed for 30 s, a bad one for 10 s. At most one question is under way, whatever the number of
    pages asking, so a dead server costs a page nothing and itself at most one connection at a time.
    Only a cache: every process may hold its own, and losing it loses nothing.
    """

    def __init__(
        self,
        client: JitsiClient,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _beside,
    ) -> None:
        self._client = client
        self._monotonic = monotonic
        self._start = start
        self._lock = threading.Lock()
        self._asking = False
        self._known = Health(Reach.UNKNOWN)
        self._until = float("-inf")

    def look(self) -> Health:
        """Return the last answer at once: `Reach.UNKNOWN` before the first, which a page treats like an answer."""
        with self._lock:
            known = self._known
            if self._asking or self._monotonic() < self._until:
                return known
            self._asking = True
        self._start(self._renew)
        return known

    def _renew(self) -> None:
        health = Health(Reach.UNKNOWN)
        try:
            health = self._client.health()
        finally:
            with self._lock:
                self._known = health
                self._until = self._monotonic() + (GOOD_FOR if health.reach is Reach.ANSWERS else BAD_FOR)
                self._asking = False
