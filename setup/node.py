"""The Node.js of the machine, where there is one that will do."""

import re
import shutil
import subprocess

OLDEST_NODE = 18


def system_npm() -> str | None:
    """Where the machine's npm is; None without one, or with a node that is too old for it."""
    npm = shutil.which("npm")
    return npm if npm and node_version() >= OLDEST_NODE else None


def node_version() -> int:
    """The system node's major version; 0 when there is none."""
    try:
        told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.match(r"v(\d+)\.", told)
    return int(found.group(1)) if found else 0
