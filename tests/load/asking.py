"""Asks for one page over and over on several connections, and prints what came: {"answers", "seconds", "wrong"}.

One thread and no library in between, so that the client takes as little as it can of the cores it shares with
the server: `asking.py PORT PATH CONNECTIONS SECONDS [COOKIE]`.
"""

import json
import re
import selectors
import socket
import sys
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Asker:
    """One kept-alive connection with one request under way."""

    def __init__(self, port: int, request: bytes) -> None:
        self.port = port
        self.request = request
        self.received = b""
        self.whole = 0
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        self.received, self.whole = b"", 0
        self.socket.sendall(self.request)

    def hear(self) -> bool | None:
        """Return whether a whole answer has come and was a 200; None while it is still coming."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionResetError
        self.received += part
        if not self.whole:
            head, end, _ = self.received.partition(b"\r\n\r\n")
            if not end:
                return None
            length = LENGTH.search(head)
            if length is None:
                raise ValueError(f"an answer without its length: {head[:200]!r}")
            self.whole = len(head) + 4 + int(length[1])
        if len(self.received) < self.whole:
            return None
        return self.received.startswith(b"HTTP/1.1 200")


def ask_for(port: int, path: str, connections: int, seconds: float, cookie: str) -> dict[str, float]:
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: text/html", "Accept-Encoding: gzip"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        asker = Asker(port, request)
        selector.register(asker.socket, selectors.EVENT_READ, asker)
        asker.ask()
    answers = wrong = 0
    begun = time.perf_counter()
    while (now := time.perf_counter()) - begun < seconds:
        for key, _ in selector.select(timeout=1):
            asker = key.data
            try:
                came = asker.hear()
            except ConnectionError:
                selector.unregister(asker.socket)
                asker.connect()
                selector.register(asker.socket, selectors.EVENT_READ, asker)
                came = False
            if came is not None:
                answers += came
                wrong += not came
                asker.ask()
    return {"answers": answers, "seconds": now - begun, "wrong": wrong}


if __name__ == "__main__":
    print(
        json.dumps(ask_for(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), "".join(sys.argv[5:])))
    )
