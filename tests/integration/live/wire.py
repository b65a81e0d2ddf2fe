"""A wire between client and server that a test can cut, silence or clog."""

import contextlib
import socket
import threading
import time

TO_SERVER, TO_CLIENT = "to server", "to client"


class Wire:
    """Forwards TCP from a port of its own to a server's. What is silenced is read and lost, without a word to either
    side; what is clogged is not even read, so that the sender's buffers fill."""

    def __init__(self, target: int, port: int = 0) -> None:
        self.target = target
        self.silenced: set[str] = set()
        self.clogged: set[str] = set()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.socket()
                # Small, so that a server soon feels that nobody reads.
                far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
                far.connect(("127.0.0.1", self.target))
            except OSError:
                return
            self._ends += [near, far]
            for way, source, sink in ((TO_SERVER, near, far), (TO_CLIENT, far, near)):
                threading.Thread(target=self._carry, args=(way, source, sink), daemon=True).start()

    def _carry(self, way: str, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while carried := source.recv(65536):
                while way in self.clogged:
                    time.sleep(0.05)
                if way not in self.silenced:
                    sink.sendall(carried)
        if not self.silenced:
            for end in (source, sink):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def hold_still(self) -> None:
        """Carry nothing from now on and tell nobody: a laptop that was shut, a mast out of reach."""
        self.silenced = {TO_SERVER, TO_CLIENT}

    def swallow_answers(self) -> None:
        """Lose what the server says; what the client says still arrives."""
        self.silenced = {TO_CLIENT}

    def cut(self) -> None:
        """End every connection on this wire; new ones are carried."""
        self.silenced = set()
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        # A thread that waits in accept() would take one more connection.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.clogged = set()
        self.cut()
