"""A quiz's page as the server knows it: one person's saves and submissions, over a line that may be cut."""

import http.client
import json
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from itsdangerous import URLSafeTimedSerializer

from tests.integration.live.serving import SECRET, Server, sealed

CSRF = "0" * 40


class Cut(Exception):
    """The line was cut: whether the call arrived is not known."""


def headers(person_id: int) -> dict[str, str]:
    """Return what this person's browser sends: her sign-in, and the token that belongs to it."""
    kept = sealed({"_user_id": f"{person_id}.1", "_fresh": True, "csrf_token": CSRF})
    token = URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(CSRF)
    return {"Cookie": f"jembatan={kept}", "X-CSRFToken": str(token), "Accept": "application/json"}


@dataclass
class QuizPage:
    """One person at one attempt; `acknowledged` holds what the server said is saved, by item: (seq, response).

    `cuts` is the part of calls that are lost, half of them before they arrive and half after.
    """

    person_id: int
    attempt_id: int
    cuts: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    server: Server | None = None
    acknowledged: dict[int, tuple[int, Any]] = field(default_factory=dict)
    late: dict[int, Any] = field(default_factory=dict)
    seqs: dict[int, int] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def answer(self, item: int, response: Any, *, age: float = 0.0, patience: int = 30) -> str:
        """Change an answer and send it until it is acknowledged; return what became of it."""
        seq = self.seqs[item] = self.seqs.get(item, 0) + 1
        for _ in range(patience):
            try:
                return self.send(item, response, seq, age)
            except Cut:
                continue
        raise Cut

    def send(self, item: int, response: Any, seq: int, age: float = 0.0) -> str:
        """Send one change once. Raises Cut where no reply came."""
        change = {"item": item, "seq": seq, "device": f"p{self.person_id}", "response": response, "age": age}
        reply = self._post("answers", json.dumps({"answers": [change]}), "application/json")
        (told,) = reply["answers"]
        if told["status"] == "saved":
            self.acknowledged[item] = (seq, response)
        elif told["status"] == "late":
            self.late[item] = response
        return str(told["status"])

    def submit(self) -> None:
        """Submit once. Raises Cut where no reply came."""
        self._post("submit", urlencode({"scripted": "yes"}), "application/x-www-form-urlencoded")

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _post(self, what: str, body: str, kind: str) -> Any:
        lost = self.chance.random() < self.cuts
        if lost and self.chance.random() < 0.5:
            raise Cut
        assert self.server is not None
        try:
            self._line = self._line or http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
            address = f"/attempts/{self.attempt_id}/{what}"
            self._line.request("POST", address, body, headers(self.person_id) | {"Content-Type": kind})
            if lost:
                self.close()
                raise Cut
            response = self._line.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise Cut from None
        if response.status >= 500:
            raise Cut
        assert response.status in (200, 302), (response.status, text[:300])
        return json.loads(text) if response.status == 200 else None
