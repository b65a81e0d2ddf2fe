"""Message catalogues: lms/locale/<language>/LC_MESSAGES/messages.po compiled to the .mo that gettext reads.

`python -m setup.catalogues FILE.po…` compiles; it runs under `.venv`, which has Babel, as the caller may not.
"""

import sys
from pathlib import Path

from setup.place import PYTHON, ROOT, call, fingerprint, say, stamp, stamped

LOCALE = ROOT / "lms" / "locale"


def compile_catalogues() -> None:
    sources = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
    wanted = fingerprint(sources)
    if stamped("catalogues") == wanted and all(source.with_suffix(".mo").exists() for source in sources):
        return
    say("compiling the message catalogues …")
    call([PYTHON, "-m", "setup.catalogues", *sources], why="compiling the message catalogues")
    stamp("catalogues", wanted)


def compile_one(source: Path) -> None:
    # Not `pybabel compile`: it passes over a catalogue whose head is marked as unfinished, and says so with success.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name)
    fresh = source.with_suffix(".mo.new")
    with fresh.open("wb") as file:
        write_mo(file, catalogue)
    fresh.replace(source.with_suffix(".mo"))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_one(Path(name))
