"""Names of units as people write them: abbreviations, the city's name behind them, initials for a whole agency."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

# Words that sheets shorten; the full word is what units are called.
_WORDS = {
    "kec": "kecamatan", "kel": "kelurahan", "din": "dinas", "bid": "bidang", "bag": "bagian", "sek": "sekretariat",
    "pusk": "puskesmas", "pkm": "puskesmas", "upt": "uptd", "rs": "rumah sakit", "sdn": "sd negeri",
    "smpn": "smp negeri", "kb": "keluarga berencana", "capil": "pencatatan sipil", "dan": "", "&": "", "serta": "",
}  # fmt: skip
# Agencies known by a word of syllables rather than by initials.
_SHORT_NAMES = {
    "disdukcapil": "dinas kependudukan pencatatan sipil",
    "dukcapil": "dinas kependudukan pencatatan sipil",
    "dinkes": "dinas kesehatan",
    "dkk": "dinas kesehatan",
    "disdik": "dinas pendidikan kebudayaan",
    "disdikbud": "dinas pendidikan kebudayaan",
    "dishub": "dinas perhubungan",
    "diskominfo": "dinas komunikasi informatika",
    "kominfo": "dinas komunikasi informatika",
    "dinsos": "dinas sosial",
    "disnaker": "dinas ketenagakerjaan",
    "disdag": "dinas perdagangan",
    "disperkim": "dinas perumahan permukiman",
    "setda": "sekretariat daerah",
    "setwan": "sekretariat dprd",
    "bkd": "badan kepegawaian pengembangan sumber daya manusia",
}
_SKIPPED_INITIALS = {"dan", "serta", "pada", "di", "kota", "kabupaten"}
_GOVERNMENT = re.compile(r"\b(pemerintah|pemkot|pemkab|pemda)\b|\b(kota|kabupaten|kab)\s+\w+\s*$")


def plain_unit(text: str) -> str:
    """Return a unit's name as it is compared: `Kec. Balikpapan Selatan` and `KECAMATAN BALIKPAPAN SELATAN` are one.

    The city behind an agency's name is left out; words like "dan" do not count.
    """
    words = re.sub(r"[^a-z0-9&]+", " ", text.casefold())
    if len(words.split()) > 2:
        words = _GOVERNMENT.sub(" ", words)
    words = " ".join(_WORDS.get(word, word) for word in words.split())
    plain = " ".join(words.split())
    return _SHORT_NAMES.get(plain, plain)


def initials(name: str) -> str:
    """Return what an agency is called for short: `bkpsdm`, `dpmptsp`; empty for a name of two words or fewer."""
    words = [word for word in re.findall(r"[a-z]+", name.casefold()) if word not in _SKIPPED_INITIALS]
    return "".join(word[0] for word in words) if len(words) > 2 else ""


def nearest_units(text: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Return the names that look most like this one, the nearest first; empty where none is near."""
    plain = {plain_unit(name): name for name in names}
    return [plain[found] for found in get_close_matches(plain_unit(text), plain, n=most, cutoff=0.6)]
