"""Who holds a place in the built-in room's call: six a session, kept by the one process that serves it.

A call of six is fifteen direct connections between devices; a seventh would make every phone send a sixth picture.
Places are no record: losing them costs a moment's silence, and attendance is recorded elsewhere.
"""

import secrets
import threading
from dataclasses import dataclass

MOST_PLACES = 6


@dataclass(frozen=True)
class Place:
    """A place in one session's call. `id` is what others know it by; `connection` is the socket that holds it."""

    id: str
    session_id: int
    connection: str
    person_id: int
    name: str


class Calls:
    """The places taken in every session's call. Safe to ask from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_connection: dict[str, Place] = {}

    def take(self, session_id: int, connection: str, person_id: int, name: str) -> tuple[Place, list[Place]] | None:
        """Return a new place and those taken before it, or None when all are taken.

        Who comes later calls those who were there, so two who come at once never call each other twice. A
        connection that asks again gives its old place back first.
        """
        with self._lock:
            self._by_connection.pop(connection, None)
            others = [place for place in self._by_connection.values() if place.session_id == session_id]
            if len(others) >= MOST_PLACES:
                return None
            place = Place(secrets.token_hex(8), session_id, connection, person_id, name)
            self._by_connection[connection] = place
            return place, others

    def give_back(self, connection: str) -> Place | None:
        """Return the place this connection held, free from now on; None when it held none."""
        with self._lock:
            return self._by_connection.pop(connection, None)

    def of(self, connection: str) -> Place | None:
        """Return the place this connection holds."""
        with self._lock:
            return self._by_connection.get(connection)

    def find(self, session_id: int, place_id: str) -> Place | None:
        """Return the place of this id if it is in this session's call."""
        with self._lock:
            return next(
                (p for p in self._by_connection.values() if p.id == place_id and p.session_id == session_id), None
            )
