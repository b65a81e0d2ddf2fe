"""What the repository may hold: no addresses of registries, nothing of others, nothing inline, imports in order."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Put together here, so that this file does not find itself.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry" + ".npmjs",
    "npmjs" + ".com",
    "debian" + ".org/debian",
]
LOCKS = ["requirements.txt", "requirements-dev.txt", "setup/uv.txt", "setup/node.txt"]
# A line that long is a minified file or a picture somebody encoded; both come from elsewhere.
LONGEST_LINE = 2_000
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".ico", ".pdf", ".pptx", ".mp4", ".xlsx", ".zip"}


def kept_files() -> list[Path]:
    """The files git tracks or would track: also those a colleague has not committed yet."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    told = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    files = [ROOT / name for name in told.split("\0") if name]
    return [file for file in files if file.is_file()]


FILES = kept_files()
TEXTS = {file: file.read_text(encoding="utf-8", errors="replace") for file in FILES if file.suffix not in PICTURES}
TEMPLATES = [file for file in FILES if file.suffix == ".html" and ROOT / "templates" in file.parents]


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_no_file_names_a_registry() -> None:
    found = [(named(file), host) for file, text in TEXTS.items() for host in REGISTRIES if host in text]
    assert not found


@pytest.mark.parametrize("name", LOCKS)
def test_a_python_lock_pins_and_hashes_everything_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    entries = [entry for entry in re.split(r"\n(?=[a-z0-9])", text.strip(), flags=re.IGNORECASE) if entry]
    assert entries
    assert [entry.split("\n")[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_test_lock_holds_the_platforms_lock() -> None:
    core, dev = ((ROOT / name).read_text() for name in LOCKS[:2])
    pins = re.findall(r"^[\w.-]+==\S+", core, re.MULTILINE)
    assert pins and set(pins) <= set(re.findall(r"^[\w.-]+==\S+", dev, re.MULTILINE))


def test_every_direct_dependency_is_in_the_lock() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[\[<>=; ]", line)[0].lower() for line in declared}
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text().lower(), re.MULTILINE))
    assert names <= locked


@pytest.mark.parametrize("folder", [".", "tests/load/lighthouse"])
def test_an_npm_lock_has_hashes_exact_versions_and_no_address(folder: str) -> None:
    text = (ROOT / folder / "package-lock.json").read_text()
    assert "resolved" not in text and "://" not in text
    packages = json.loads(text)["packages"]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
    wanted = json.loads((ROOT / folder / "package.json").read_text())
    versions = wanted["dependencies"] | wanted["devDependencies"]
    assert [version for version in versions.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert {name: packages[f"node_modules/{name}"]["version"] for name in versions} == versions


def test_no_third_party_file_is_kept() -> None:
    own_places = ("static/vendor/", "node_modules/", ".venv/", "var/")
    assert [named(file) for file in FILES if named(file).startswith(own_places) or ".min." in file.name] == []
    suffixes = {".js", ".css", ".html", ".svg"}
    long_lines = [
        named(file)
        for file, text in TEXTS.items()
        if file.suffix in suffixes and any(len(line) > LONGEST_LINE for line in text.splitlines())
    ]
    assert long_lines == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    homes = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]+)/(?!\.\.\.)")
    assert [named(file) for file, text in TEXTS.items() if homes.search(text)] == []


INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc\s*=)(?![^>]*type=\"application/(?:ld\+)?json\")", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a javascript: link": re.compile(r"javascript:", re.I),
    "something from another host": re.compile(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//", re.I
    ),
}


@pytest.mark.parametrize("what", INLINE)
def test_no_template_holds(what: str) -> None:
    # Jinja's own blocks may hold < and >, which would end a tag too early for these patterns.
    plain = {file: re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", TEXTS[file], flags=re.DOTALL) for file in TEMPLATES}
    assert [named(file) for file, text in plain.items() if INLINE[what].search(text)] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a script in the page", "<script>alert(1)</script>"),
        ("a style element", "<style>"),
        ("a style attribute", '<p class="x" style="color: red">'),
        ("an event handler", "<button\n  onclick='go()'>"),
        ("a javascript: link", '<a href="javascript:go()">'),
        ("something from another host", '<script src="https://cdn.example/x.js">'),
    ],
)
def test_the_patterns_find_what_they_look_for(what: str, text: str) -> None:
    assert INLINE[what].search(text)


def test_scripts_do_not_build_html_from_strings() -> None:
    builders = re.compile(
        r"\.(?:innerHTML|outerHTML)\s*\+?=|insertAdjacentHTML|document\.write|\beval\(|new Function\("
    )
    scripts = {file: text for file, text in TEXTS.items() if file.suffix == ".js"}
    assert [named(file) for file, text in scripts.items() if builders.search(text)] == []


def test_every_icon_a_page_shows_is_in_the_sprite() -> None:
    listed = {line.split("#")[0].strip() for line in (ROOT / "setup" / "icons.txt").read_text().splitlines()}
    pattern = re.compile(r"icons\.svg[^#\"']*#([a-z0-9-]+)|\bicon\(\s*['\"]([a-z0-9-]+)['\"]")
    pages = [file for file in FILES if file.suffix in (".html", ".js")]
    shown = {(named(file), a or b) for file in pages for a, b in pattern.findall(TEXTS[file])}
    assert {(file, name) for file, name in shown if name not in listed} == set()


def test_a_source_file_stays_readable_in_one_sitting() -> None:
    suffixes = {".py", ".js", ".css"}
    # A migration is written once and read when it fails; splitting its list of columns would help nobody.
    files = {file: text for file, text in TEXTS.items() if "migrations" not in file.parts}
    sizes = {named(file): len(text.splitlines()) for file, text in files.items() if file.suffix in suffixes}
    assert {name: lines for name, lines in sizes.items() if lines > 400} == {}


def test_no_source_file_has_a_name_that_says_nothing() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "common", "core", "manager", "handler", "misc"}
    sources = [file for file in FILES if file.suffix in (".py", ".js")]
    assert [named(file) for file in sources if {file.stem, *file.relative_to(ROOT).parts[:-1]} & empty_words] == []


def test_every_package_says_what_it_promises_and_nothing_else() -> None:
    """So that importing a rule loads neither Flask nor SQLAlchemy."""
    doors = [file for file in FILES if file.name == "__init__.py" and ROOT / "lms" in file.parents]
    assert [named(file) for file in doors if not re.fullmatch(r'"""[^"].*?"""\s*', TEXTS[file], re.DOTALL)] == []


def test_imports_follow_the_contracts() -> None:
    checker = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([checker, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
