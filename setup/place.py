"""Where the parts of a working copy lie, how the set-up speaks, and the stamps that make a second start instant."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

# A command line: names, options and paths.
Command = Sequence[str | Path]
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# The state of this installation (database, uploads, secret key). Removing it starts afresh.
HOME = Path(os.environ.get("JEMBATAN_HOME") or ROOT / "var").resolve()
STAMPS = VENV / "stamps.json"


def say(text: str) -> None:
    print(text, flush=True)


def stop(text: str) -> NoReturn:
    """Never comes back: one line on standard error, exit code 1."""
    sys.exit(f"run: {text}")


def call(command: Command, *, why: str, env: dict[str, str] | None = None) -> None:
    """Nothing. What the command prints is shown only when it fails; then the set-up stops, saying what it was doing."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
        stop(f"{why} failed (exit code {done.returncode}); the lines above say why.")


def fingerprint(files: Iterable[Path]) -> str:
    """A hash over the names and contents of these files, in the order given."""
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:32]


def stamped(step: str) -> str:
    """What was noted when this step last succeeded, or an empty string."""
    try:
        return str(json.loads(STAMPS.read_text()).get(step, ""))
    except (OSError, ValueError):
        return ""


def stamp(step: str, value: str) -> None:
    try:
        stamps = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        stamps = {}
    stamps[step] = value
    # Through a neighbour, so that a set-up interrupted here leaves the old stamps and not half a file.
    fresh = STAMPS.with_suffix(".new")
    fresh.write_text(json.dumps(stamps, indent=1) + "\n")
    fresh.replace(STAMPS)


@contextmanager
def alone() -> Iterator[None]:
    """Runs the block while no other `./run` of this working copy is setting up: two would install over each other."""
    with open(ROOT / "setup" / "place.py", "rb") as door:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another ./run that is setting up …")
            fcntl.flock(door, fcntl.LOCK_EX)
        yield
