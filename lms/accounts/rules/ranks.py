"""Ranks of civil servants (pangkat/golongan): the many spellings of sheets and letters, brought to one."""

import re

PNS_RANKS = {
    "I/a": "Juru Muda",
    "I/b": "Juru Muda Tingkat I",
    "I/c": "Juru",
    "I/d": "Juru Tingkat I",
    "II/a": "Pengatur Muda",
    "II/b": "Pengatur Muda Tingkat I",
    "II/c": "Pengatur",
    "II/d": "Pengatur Tingkat I",
    "III/a": "Penata Muda",
    "III/b": "Penata Muda Tingkat I",
    "III/c": "Penata",
    "III/d": "Penata Tingkat I",
    "IV/a": "Pembina",
    "IV/b": "Pembina Tingkat I",
    "IV/c": "Pembina Utama Muda",
    "IV/d": "Pembina Utama Madya",
    "IV/e": "Pembina Utama",
}
# PPPK have grades only, no rank names.
PPPK_GRADES = tuple("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII".split())  # noqa: SIM905 - shorter to read

_ROMAN = ("I", "II", "III", "IV")
_CODES = {f"{_ROMAN.index(rank.split('/')[0]) + 1}{'abcde'.index(rank[-1]) + 1}": rank for rank in PNS_RANKS}
_BY_NAME = {name.casefold(): rank for rank, name in PNS_RANKS.items()}
_GRADE = re.compile(r"(?<![a-z0-9])(iv|iii|ii|i|[1-4])\s*[/.\-]?\s*([a-e])(?![a-z0-9])", re.IGNORECASE)
_WORDS_AHEAD = re.compile(r"^(gol(ongan)?|pangkat|gol\.?\s*ruang)\b[\s.:]*", re.IGNORECASE)


def read_rank(text: str) -> str | None:
    """Return the rank as `III/d` (PNS) or `IX` (PPPK); empty for empty; None when it cannot be read.

    Understands IIId, III.d, III/D, 3d, the code 34, "Penata Tk. I" and "Penata Tk.I (III/d)".
    """
    plain = _WORDS_AHEAD.sub("", " ".join(text.split())).strip()
    if not plain:
        return ""
    if plain in _CODES:
        return _CODES[plain]
    if found := _GRADE.search(plain):
        group = found[1].upper()
        group = _ROMAN[int(group) - 1] if group.isdigit() else group
        rank = f"{group}/{found[2].lower()}"
        return rank if rank in PNS_RANKS else None
    if plain.upper() in PPPK_GRADES:
        return plain.upper()
    name = re.sub(r"\b(tk\.?|tingkat)\s*(i|1)\b", "tingkat i", plain.casefold())
    return _BY_NAME.get(" ".join(name.split()))


def show_rank(rank: str) -> str:
    """Return the rank as documents print it: `Penata Tingkat I (III/d)`, or `Golongan IX` for PPPK."""
    if rank in PNS_RANKS:
        return f"{PNS_RANKS[rank]} ({rank})"
    return f"Golongan {rank}" if rank else ""
