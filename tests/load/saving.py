"""Saves answers over and over, a connection for each attempt, and prints what came: as asking.py does for pages.

`saving.py PORT SECONDS`, the attempts on standard input: [{"path", "headers", "items"}, …]. Each save is a change
of its own, with the next sequence number.
"""

import json
import selectors
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.load.asking import Asker


class Saver(Asker):
    """One attempt's page; each request is the next change of one of its answers."""

    def __init__(self, port: int, attempt: dict[str, Any]) -> None:
        self.attempt = attempt
        # Above whatever an earlier run left.
        self.seq = int(time.time() % 100_000) * 10_000
        super().__init__(port, b"")

    def ask(self) -> None:
        self.seq += 1
        items = self.attempt["items"]
        change = {
            "item": items[self.seq % len(items)], "seq": self.seq, "device": "bench", "response": f"jawaban {self.seq}",
            "age": 0,
        }  # fmt: skip
        body = json.dumps({"answers": [change]}).encode()
        lines = [
            f"POST {self.attempt['path']} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Content-Length: {len(body)}",
        ]
        lines += ["Content-Type: application/json"] + [f"{n}: {value}" for n, value in self.attempt["headers"].items()]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        super().ask()


def save_all(port: int, attempts: list[dict[str, Any]], seconds: float) -> dict[str, float]:
    selector = selectors.DefaultSelector()
    for attempt in attempts:
        saver = Saver(port, attempt)
        selector.register(saver.socket, selectors.EVENT_READ, saver)
        saver.ask()
    answers = wrong = 0
    begun = time.perf_counter()
    while (now := time.perf_counter()) - begun < seconds:
        for key, _ in selector.select(timeout=1):
            came = key.data.hear()
            if came is not None:
                answers += came
                wrong += not came
                key.data.ask()
    return {"answers": answers, "seconds": now - begun, "wrong": wrong}


if __name__ == "__main__":
    print(json.dumps(save_all(int(sys.argv[1]), json.load(sys.stdin), float(sys.argv[2]))))
