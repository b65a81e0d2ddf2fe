"""The virtual environment and what is installed in it: exactly the locked, hashed requirements."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup.node import system_npm
from setup.place import PYTHON, ROOT, VENV, Command, call, fingerprint, say, stamp, stamped, stop

CORE = ROOT / "requirements.txt"
DEV = ROOT / "requirements-dev.txt"  # a superset of CORE with the same versions
UV = ROOT / "setup" / "uv.txt"


def install_python_packages(*, dev: bool) -> None:
    """Nothing; afterwards `.venv` holds what the locks name. No network when the stamp says that it does already."""
    core_stamp, dev_stamp = f"core {fingerprint([CORE])}", f"dev {fingerprint([CORE, DEV])}"
    noted = stamped("python") if environment_works() else ""
    if noted == dev_stamp or (noted == core_stamp and not dev):
        return
    make_environment()
    wanted = DEV if dev else CORE
    say(f"installing the Python packages of {wanted.name} …")
    install_locked(wanted, fetch_uv=dev or system_npm() is not None)
    stamp("python", dev_stamp if dev else core_stamp)


def environment_works() -> bool:
    """Whether `.venv` exists and its interpreter still does (a system upgrade can pull it away)."""
    return PYTHON.exists() and (VENV / "pyvenv.cfg").exists()


def make_environment() -> None:
    if environment_works():
        return
    say(f"making the virtual environment with Python {sys.version.split()[0]} …")
    if importlib.util.find_spec("ensurepip") is not None:
        call([sys.executable, "-m", "venv", "--clear", VENV], why="making the virtual environment")
    elif shutil.which("uv"):
        call([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], why="making the virtual environment")
    else:
        stop(
            "this Python cannot make virtual environments (no ensurepip). "
            f"On Debian or Ubuntu: apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )


def install_locked(requirements: Path, *, fetch_uv: bool = False) -> None:
    """Nothing; uv does it in seconds where it can be had, pip does the same in half a minute where it cannot.

    Without `fetch_uv` only one that is there is used: where Node.js must be downloaded (61 MB), uv's 18 MB more
    would lift a first set-up over 150 MB.
    """
    pip: Command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    uv = find_uv() or (fetched_uv(pip) if fetch_uv else None)
    if uv:
        install: Command = [uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r"]
        if run_quietly([*install, requirements]):
            return
        say("uv could not install them; trying pip …")
    call([*pip, requirements], why=f"installing {requirements.name}")


def find_uv() -> Path | None:
    own = VENV / "bin" / "uv"
    if own.exists():
        return own
    system = shutil.which("uv")
    return Path(system) if system else None


def fetched_uv(pip: Command) -> Path | None:
    own = VENV / "bin" / "uv"
    return own if run_quietly([*pip, UV]) and own.exists() else None


def run_quietly(command: Command) -> bool:
    # A message about hard links between file systems is all that uv would otherwise say.
    env = os.environ | {"UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy")}
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, capture_output=True).returncode == 0
