"""`./run demo` and `./run dev`: bring the database up to date, start the server, say where it is, stop it in time."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from setup.place import HOME, PYTHON, ROOT, Command, say, stop

# The first start fills the database; a slow machine may take its time over it.
START_SECONDS = 180.0


def serve(*, dev: bool) -> int:
    """The exit code, once the server has been stopped (0 when it was asked to)."""
    host, port = os.environ.get("HOST", "127.0.0.1"), read_port()
    refuse_a_taken_port(host, port)
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    env = os.environ | {"JEMBATAN_HOME": str(HOME), "HOST": host, "PORT": str(port), "GRACEFUL_TIMEOUT": "2"}
    if dev:
        env |= {"JEMBATAN_DEBUG": "1", "FLASK_DEBUG": "1", "JEMBATAN_RELOAD": "1"}
    say("bringing database, courses and demo up to date …")
    told, tell = os.pipe()
    env["JEMBATAN_TELL"] = str(tell)
    # A process group of its own, so that the terminal's Ctrl-C reaches the server through us, once.
    command: Command = [PYTHON, "-m", "setup.preloaded"]
    server = subprocess.Popen(command, cwd=ROOT, env=env, process_group=0, pass_fds=[tell])
    os.close(tell)
    asked = stop_on_signals(server)
    if wait_until_it_answers(server, host, port):
        with os.fdopen(told) as accounts:
            announce(host, port, accounts.read())
    code = server.wait()
    if asked:
        say("stopped.")
        return 0
    return code or 1


def read_port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        stop(f"PORT={text!r}: expected a whole number from 1 to 65535")
    return int(text)


def refuse_a_taken_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server does it: the last moments of an earlier server's connections are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        stop(f"cannot listen on {host}:{port} ({error.strerror}). Another port: PORT={port + 1} ./run {sys.argv[1]}")


def stop_on_signals(server: subprocess.Popen[bytes]) -> list[int]:
    """A list that holds the signals received so far. The first stops the server in good order, the third kills it."""
    asked: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL if len(asked) > 2 else signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    return asked


def wait_until_it_answers(server: subprocess.Popen[bytes], host: str, port: int) -> bool:
    """Whether /healthz answers 200 in time; False at once when the server has ended."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        connection = http.client.HTTPConnection(reachable(host), port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return True
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    if server.poll() is None:
        say("the server has started but /healthz does not answer 200: see the lines above.")
    return False


def reachable(host: str) -> str:
    """An address to connect to: a server that listens everywhere is asked on this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def announce(host: str, port: int, accounts: str) -> None:
    if accounts.strip():
        say("\nWho can sign in:")
        say("".join(f"  {line}\n" for line in accounts.strip().splitlines()))
    address = reachable(host)
    say(f"Jembatan is running at http://{f'[{address}]' if ':' in address else address}:{port}  (Ctrl-C stops it)")
