"""Message catalogues: lms/locale/<language>/LC_MESSAGES/messages.po compiled to the .mo that gettext reads."""

from pathlib import Path

from setup.place import PYTHON, ROOT, Command, call, fingerprint, say, stamp, stamped

LOCALE = ROOT / "lms" / "locale"


def compile_catalogues() -> None:
    sources = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
    wanted = fingerprint(sources)
    if stamped("catalogues") == wanted and all(compiled(source).exists() for source in sources):
        return
    say("compiling the message catalogues …")
    for source in sources:
        fresh = source.with_suffix(".mo.new")
        babel: Command = [PYTHON, "-m", "babel.messages.frontend", "compile", "-l", source.parent.parent.name]
        call([*babel, "-i", source, "-o", fresh], why=f"compiling {source.relative_to(ROOT)}")
        fresh.replace(compiled(source))
    stamp("catalogues", wanted)


def compiled(source: Path) -> Path:
    return source.with_suffix(".mo")
