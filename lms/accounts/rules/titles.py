"""Names as sheets have them, capitals and titles together, taken apart: titles before, name, titles after."""

import re
from dataclasses import dataclass

# Titles before a name as they are written; what is typed in small letters alone stays so (dr. is a physician).
_BEFORE = {
    one.replace(".", "").casefold(): one
    for one in ("Prof.", "Dr.", "drg.", "drh.", "Drs.", "Dra.", "Ir.", "H.", "Hj.", "KH.", "Ns.", "apt.", "Bdn.")
}
# The degrees met most; any other stays as it was typed.
_AFTER = {
    one.replace(".", "").replace(" ", "").casefold(): one
    for one in (
        "S.Sos.", "S.STP.", "S.IP.", "S.AP.", "S.E.", "S.H.", "S.T.", "S.Kom.", "S.Pd.", "S.Psi.", "S.Kep.", "S.KM.",
        "S.Si.", "S.P.", "S.Pi.", "S.Hut.", "S.Farm.", "S.Gz.", "S.Ag.", "S.Ak.", "S.S.", "S.I.Kom.", "S.Tr.", "S.Ked.",
        "M.Si.", "M.AP.", "M.M.", "M.H.", "M.T.", "M.Kom.", "M.Pd.", "M.Kes.", "M.KM.", "M.Sc.", "M.A.", "M.E.",
        "M.Ak.", "M.IP.", "M.P.", "M.Ag.", "M.Hum.", "M.Eng.", "MBA", "Ph.D.", "A.Md.", "A.Md.Keb.", "A.Md.Kep.",
        "A.Md.Kom.", "A.Md.Ak.", "A.Md.RMIK.", "Sp.PK.", "Sp.A.", "Sp.PD.", "Sp.OG.", "Sp.B.", "Ners", "Apt.",
    )
}  # fmt: skip
_FRONT = re.compile(r"^\s*(prof|drs|dra|drg|drh|dr|ir|hj|kh|h|ns|apt|bdn)(?:\.\s*|\s+)(?=\S)", re.IGNORECASE)
_SMALL_WORDS = {"bin", "binti", "van", "de"}


@dataclass(frozen=True)
class Written:
    """A name taken apart. `has_titles` is whether the text spoke of titles at all."""

    before: str
    name: str
    after: str

    @property
    def has_titles(self) -> bool:
        return bool(self.before or self.after)


def read_name(text: str) -> Written:
    """Return `Dr. H. Ahmad Rivai, S.Sos., M.AP.` in its three parts; a name all in capitals in ordinary letters."""
    whole = " ".join(text.split()).strip(" ,;")
    front, _, behind = whole.partition(",")
    before = []
    while found := _FRONT.match(front):
        before.append(_title_before(found[1], whole))
        front = front[found.end() :]
    words = front.split()
    ends: list[str] = []
    # Degrees behind the name without a comma: AHMAD RIVAI S.SOS
    while len(words) > 1 and "." in words[-1] and _plain(words[-1]) in _AFTER:
        ends.insert(0, words.pop())
    after = [*ends, *_degrees(behind)]
    return Written(" ".join(before), ordinary_letters(" ".join(words)), ", ".join(map(_title_after, after)))


def read_titles_before(text: str) -> str:
    """Return titles of a column of their own in their usual spelling: `DR.H.` is `Dr. H.`."""
    words = [word for word in re.split(r"[\s.,]+", text) if word]
    return " ".join(_title_before(word, text) for word in words)


def read_titles_after(text: str) -> str:
    """Return degrees of a column of their own in their usual spelling: `S.SOS,M.SI` is `S.Sos., M.Si.`."""
    return ", ".join(map(_title_after, _degrees(text)))


def ordinary_letters(name: str) -> str:
    """Return a name written all in capitals or all in small letters as names are written; any other as it is."""
    if not (name.isupper() or name.islower()):
        return name
    return " ".join(
        word.lower() if word.lower() in _SMALL_WORDS else "-".join(map(str.capitalize, word.split("-")))
        for word in name.split()
    )


def _degrees(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip(" .")]
    found: list[str] = []
    for part in parts:
        words = part.split()
        # "S.Sos M.Si" is two, "Ph. D." one.
        if len(words) > 1 and all(_plain(word) in _AFTER for word in words):
            found += words
        else:
            found.append(part)
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z]", "", text).casefold()


def _title_before(word: str, whole: str) -> str:
    if word == "dr" or (word.casefold() == "dr" and whole.islower()):
        return "dr."
    return _BEFORE.get(word.casefold(), f"{word}.")


def _title_after(text: str) -> str:
    return _AFTER.get(_plain(text), text)
