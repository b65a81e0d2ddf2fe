"""What a Prosody with event_sync posts in the scenarios that matter, in its own terms: integer Unix seconds, one
occupant a connection, the same occupant in a breakout room, `destroyed` before the last `left`."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Recording:
    """Builds the posts of one room in the order they are made; `seconds` count from `start`."""

    room: str
    start: datetime
    created: int = 0
    posts: list[bytes] = field(default_factory=list)

    def at(self, seconds: float) -> int:
        return int(self.start.timestamp() + seconds)

    def occupant(self, person: int, since: float, until: float | None = None) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": f"Person {person}",
            "id": str(person),
            "email": f"p{person}@example.test",
            "occupant_jid": f"0000-{person}@meet.example.test/res{person}",
            "joined_at": self.at(since),
        }
        return found if until is None else found | {"left_at": self.at(until), "total_dominant_speaker_time": 0}

    def _post(self, event: str, breakout: str = "", **more: Any) -> None:
        place: dict[str, Any] = {"is_breakout": bool(breakout)} | ({"breakout_room_id": breakout} if breakout else {})
        head = {"event_name": f"muc-{event}", "room_name": self.room, "room_jid": f"{self.room}@muc.meet.example.test"}
        self.posts.append(json.dumps(head | place | more, separators=(",", ":")).encode())

    def room_created(self, seconds: float, breakout: str = "") -> "Recording":
        self.created = self.at(seconds)
        self._post("room-created", breakout, created_at=self.created)
        return self

    def joined(self, person: int, since: float, breakout: str = "") -> "Recording":
        self._post("occupant-joined", breakout, active_occupants_count=1, occupant=self.occupant(person, since))
        return self

    def left(self, person: int, since: float, until: float, breakout: str = "") -> "Recording":
        self._post("occupant-left", breakout, active_occupants_count=0, occupant=self.occupant(person, since, until))
        return self

    def destroyed(self, seconds: float, *stays: tuple[int, float, float], breakout: str = "") -> "Recording":
        everyone = [self.occupant(*stay) for stay in stays]
        self._post(
            "room-destroyed", breakout, created_at=self.created, destroyed_at=self.at(seconds), all_occupants=everyone
        )
        return self


def good_join(room: str, start: datetime, teacher: int, student: int) -> Recording:
    """Scenario 01: a teacher and a student come and leave, the room is destroyed after them."""
    story = Recording(room, start).room_created(0)
    story.joined(teacher, 0).joined(student, 2).left(student, 2, 1800).left(teacher, 0, 1860)
    return story.destroyed(1865, (teacher, 0, 1860), (student, 2, 1800))


def duration_enforced(room: str, start: datetime, student: int) -> Recording:
    """Scenario 09: the reservation's time is over, and `destroyed` is told before the `left` it caused."""
    story = Recording(room, start).room_created(0).joined(student, 1)
    return story.destroyed(1200, (student, 1, 1200)).left(student, 1, 1200)


def dropped_line(room: str, start: datetime, teacher: int, student: int) -> Recording:
    """Scenario 10: the student's line breaks at 600 s; the server waits 21 s before it says so, and dates it then."""
    story = Recording(room, start).room_created(0).joined(teacher, 0).joined(student, 1)
    story.left(student, 1, 621).left(teacher, 0, 1200)
    return story.destroyed(1205, (student, 1, 621), (teacher, 0, 1200))


def breakout(room: str, start: datetime, teacher: int, student: int) -> Recording:
    """Scenario 16: the student moves to a breakout room and back, the same occupant all the time."""
    away = "b08a349f-0000-4d03-ba92-fce1ac9ff000"
    story = Recording(room, start).room_created(0).joined(teacher, 0).joined(student, 1)
    created = story.created
    story.room_created(600, away).left(student, 1, 601).joined(student, 601, away)
    story.left(student, 601, 1200, away).joined(student, 1200)
    story.destroyed(1205, (student, 601, 1200), breakout=away)
    story.created = created
    story.left(student, 1200, 1800).left(teacher, 0, 1810)
    # One stay an occupant: what was before the breakout room is not in the list.
    return story.destroyed(1815, (student, 1200, 1800), (teacher, 0, 1810))
