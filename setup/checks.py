"""`./run test`, `lint` and `bench`: what is run to know that the platform works."""

import subprocess
from collections.abc import Iterable, Sequence

from setup.place import ROOT, VENV, Command, say, stop

BIN = VENV / "bin"
FORMAT = ["ruff", "format", "--check", "--output-format", "concise", "."]
CONTRACTS = ["lint-imports", "--no-cache", "--no-logo"]
BENCH = ROOT / "tests" / "load" / "bench.py"


def test(arguments: list[str]) -> int:
    """The exit code: 0 only when everything passed. With arguments they go to pytest and nothing else is run."""
    failed = [] if arguments else failures([["ruff", "check", "."], CONTRACTS])
    code = run(["pytest", *arguments])
    for name in failed:
        say(f"FAILED before the tests: {name}")
    return code or (1 if failed else 0)


def lint() -> int:
    failed = failures([["ruff", "check", "."], FORMAT, ["mypy"], CONTRACTS])
    say(f"FAILED: {', '.join(failed)}" if failed else "all clean.")
    return 1 if failed else 0


def bench(arguments: list[str]) -> int:
    if not BENCH.exists():
        stop(f"{BENCH.relative_to(ROOT)} is missing.")
    return run(["python", str(BENCH), *arguments])


def failures(commands: Iterable[Sequence[str]]) -> list[str]:
    """The commands that failed. All are run: whoever has to mend two things wants to know of both."""
    return [" ".join(command) for command in commands if run(command)]


def run(command: Command) -> int:
    name, *arguments = command
    say(f"$ {' '.join(str(part) for part in command)}")
    return subprocess.run([BIN / name, *arguments], cwd=ROOT).returncode
