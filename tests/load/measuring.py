"""Servers to compare, and the printing of what was measured: one JSON object a line."""

import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.integration.live.serving import ROOT, Server, Site, free_port, site_on, wait_until

HERE = Path(__file__).resolve().parent
CONNECTIONS = 8


def tell(name: str, value: float, unit: str, *, baseline: float | None = None, **more: Any) -> None:
    """Print one measurement; the ratio is value ÷ baseline, whatever was measured."""
    found: dict[str, Any] = {"name": name, "value": rounded(value), "unit": unit}
    if baseline is not None:
        found |= {"baseline": rounded(baseline), "ratio": rounded(value / baseline) if baseline else None}
    print(json.dumps(found | more), flush=True)


def rounded(number: float) -> float:
    return float(f"{number:.4g}")


def allow_many_files() -> None:
    """A thousand people are a thousand files, in the server and in whoever plays them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextlib.contextmanager
def new_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="jembatan-bench-") as folder:
        home = Path(folder)
        with site_on(f"sqlite:///{home / 'bench.sqlite'}", home) as site:
            yield site


@contextlib.contextmanager
def bare_server() -> Iterator[Server]:
    """A server of tests/load/bare.py under the platform's own gunicorn configuration."""
    port = free_port()
    env = os.environ | {"PORT": str(port), "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}
    with tempfile.TemporaryDirectory(prefix="jembatan-bare-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.py", "bare:app"]
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)
        server = Server(process, port, log)

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                return server.status_of("/healthz") == 200
            return False

        try:
            wait_until(answers)
            yield server
        finally:
            if process.poll() is None:
                server.kill()


def requests_a_second(server: Server, path: str, cookie: str, seconds: float) -> float:
    """Return how many whole 200 answers came a second; AssertionError when any other did."""
    command = [sys.executable, str(HERE / "asking.py"), str(server.port), path, str(CONNECTIONS), str(seconds), cookie]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert found["answers"] and not found["wrong"], f"{path}: {found}"
    return float(found["answers"] / found["seconds"])


class Crowd:
    """Processes that play people: told whom, then let go at once."""

    def __init__(
        self,
        server: Server,
        session: int,
        people: Sequence[tuple[int, str]],
        *,
        events: Sequence[str] = ("attendance:joined",),
        processes: int = 2,
        hold: bool = False,
    ) -> None:
        self.players = []
        for number in range(processes):
            player = subprocess.Popen(
                [sys.executable, str(HERE / "crowd.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            own = [{"id": person, "cookie": kept} for person, kept in people[number::processes]]
            task = {"url": server.url, "session": session, "events": list(events), "people": own, "hold": hold}
            assert player.stdin is not None and player.stdout is not None
            player.stdin.write(json.dumps(task) + "\n")
            player.stdin.flush()
            self.players.append(player)
        for player in self.players:
            assert player.stdout is not None
            assert player.stdout.readline().strip() == "ready"

    def go(self) -> "Storm":
        """Let everyone come at once and return how it went when the last was acknowledged."""
        for player in self.players:
            assert player.stdin is not None
            player.stdin.write("go\n")
            player.stdin.flush()
        told = []
        for player in self.players:
            assert player.stdout is not None
            told.append(json.loads(player.stdout.readline()))
        acknowledged = {int(person): at for part in told for person, at in part["acknowledged"].items()}
        return Storm(
            min(part["begun"] for part in told),
            acknowledged,
            [refusal for part in told for refusal in part["refused"]],
            [failure for part in told for failure in part["failed"]],
        )

    def leave(self) -> None:
        for player in self.players:
            assert player.stdin is not None
            with contextlib.suppress(OSError):
                player.stdin.close()
        for player in self.players:
            player.wait(timeout=120)


class Storm:
    """How a crowd's coming went; times are of the machine's steady clock."""

    def __init__(self, begun: float, acknowledged: dict[int, float], refused: list[Any], failed: list[str]) -> None:
        self.begun = begun
        self.acknowledged = acknowledged
        self.refused = refused
        self.failed = failed

    @property
    def seconds(self) -> float:
        return max(self.acknowledged.values()) - self.begun

    @property
    def a_second(self) -> float:
        return len(self.acknowledged) / self.seconds

    def waited(self, share: float) -> float:
        """Return within how many seconds this share of the people was acknowledged."""
        waits = sorted(at - self.begun for at in self.acknowledged.values())
        return waits[min(int(share * len(waits)), len(waits) - 1)]


def cpu_seconds(pid: int) -> float:
    """Return the processor time this process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
