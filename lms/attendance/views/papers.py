"""What stands on the daftar hadir as PDF. It is an Indonesian document: its words and times are, whoever asks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lms.accounts.models import Person
from lms.accounts.rules.names import with_titles
from lms.accounts.rules.nip import show_nip
from lms.accounts.rules.ranks import show_rank
from lms.attendance.rules.judgement import LETTERS
from lms.attendance.service.register import RegisterLine
from lms.attendance.service.sealing import Seal
from lms.attendance.views.blueprint import paper_clock, paper_date, paper_day
from lms.sessions.models import LiveSession
from lms.web.i18n import DEFAULT_ZONE

WAYS = {
    "committee": "panitia",
    "code": "QR",
    "screen": "layar bersama",
    "call": "telekonferensi",
    "file": "berkas panggilan",
}
LEGEND = (
    "H hadir · HS hadir sebagian · I izin · S sakit · DL dinas luar · C cuti · A tanpa keterangan · T terlambat. "
    "Waktu dalam WITA."
)
# Of a sheet printed by somebody who looks after some units only.
PARTIAL = " (sebagian: hanya peserta dari unit kerja yang menjadi wewenang pencetak)"
# For whoever comes without being on the list.
EMPTY_LINES = 3
_DOTS = "." * 34


def on_paper(
    session: LiveSession,
    lines: Sequence[RegisterLine],
    seal: Seal,
    *,
    filled: bool,
    unit_names: Mapping[int, str],
    officer: Person | None,
    instructors: Sequence[Person],
    is_partial: bool = False,
) -> dict[str, Any]:
    """Return the content of templates/paper/daftar-hadir.typ: texts only, nothing left to be worked out."""
    rows = [_row(number, line, unit_names) for number, line in enumerate(lines, 1)]
    if not filled:
        rows += [_empty_row(len(rows) + 1 + extra) for extra in range(EMPTY_LINES)]
    hours = f" ({float(session.lesson_hours):g} JP)".replace(".", ",") if session.lesson_hours else ""
    place = session.place or ("Telekonferensi" if session.mode == "teleconference" else "–")
    signed_on = paper_date(seal.signed_at or session.starts_at)
    return {
        "title": f"Daftar hadir {session.title_id}",
        "agency": "PEMERINTAH KOTA BALIKPAPAN",
        "office": "BADAN KEPEGAWAIAN DAN PENGEMBANGAN SUMBER DAYA MANUSIA",
        "heading": "DAFTAR HADIR PESERTA PELATIHAN",
        "programme": session.batch.programme.title_id,
        "about": [
            ["Hari/Tanggal", paper_day(session.starts_at)],
            ["Jam", f"{paper_clock(session.starts_at)} s.d. {paper_clock(session.ends_at)} WITA{hours}"],
            ["Tempat", place],
            ["Angkatan", f"{session.batch.name}{PARTIAL if is_partial else ''}"],
            ["Materi", session.title_id],
            ["Pengajar", "; ".join(_name(person) for person in instructors) or "–"],
        ],
        "filled": filled,
        "lines": rows,
        "legend": LEGEND,
        "foot": foot(seal) if filled else [f"{session.batch.name} · {session.title_id}"],
        "signers": [
            {"place": "", "role": "Pengajar,", **_signer(instructors[0] if len(instructors) == 1 else None)},
            {"place": f"Balikpapan, {signed_on}", "role": "Mengetahui,", **_signer(officer)},
        ],
    }


def foot(seal: Seal) -> list[str]:
    """Return what stands below every page: how sure the register is, which version, and the hash of its content."""
    if seal.signed_at is None:
        state = "SEMENTARA: belum disahkan"
    else:
        amended = f", perubahan ke-{seal.amendments}" if seal.amendments else ""
        state = f"Disahkan {paper_date(seal.signed_at)} pukul {paper_clock(seal.signed_at)} WITA{amended}"
    return [f"{state}. Versi {seal.version}.", f"SHA-256 {seal.fingerprint}"]


def file_name(session: LiveSession, filled: bool) -> str:
    """Return the name of the file: by kind, date and session."""
    kind = "daftar-hadir" if filled else "daftar-hadir-kosong"
    return f"{kind}-{session.starts_at.astimezone(DEFAULT_ZONE):%Y-%m-%d}-{session.id}.pdf"


def _row(number: int, line: RegisterLine, unit_names: Mapping[int, str]) -> dict[str, Any]:
    person, verdict, stays = line.person, line.verdict, line.verdict.intervals
    # A rank is one word: a line must not end after its stroke.
    rank = f" ({person.rank})".replace("/", "/\u2060") if person.rank else ""
    letter = LETTERS[verdict.excuse if verdict.excuse else verdict.status]
    return {
        "number": number,
        "name": person.full_name,
        "nip": show_nip(person.nip) if person.nip else "",
        "position": f"{person.position}{rank}",
        "unit": unit_names.get(person.unit_id or 0, ""),
        "entered": _clock(stays[0].start if stays else None),
        "left": _clock(stays[-1].end if stays else None),
        "minutes": str(int(verdict.attended.total_seconds() // 60)),
        "method": ", ".join(WAYS[way] for way in line.ways),
        "letter": f"{letter} T" if verdict.late else letter,
    }


def _empty_row(number: int) -> dict[str, Any]:
    texts = ("name", "nip", "position", "unit", "entered", "left", "minutes", "method", "letter")
    return {"number": number} | dict.fromkeys(texts, "")


def _clock(instant: datetime | None) -> str:
    return paper_clock(instant) if instant else "–"


def _name(person: Person) -> str:
    return with_titles(person.title_before, person.name, person.title_after)


def _signer(person: Person | None) -> dict[str, str]:
    if person is None:
        return {"name": _DOTS, "rank": "", "nip": _DOTS}
    return {
        "name": _name(person),
        "rank": show_rank(person.rank) if person.rank else "",
        "nip": show_nip(person.nip) if person.nip else _DOTS,
    }
