"""Which passwords are refused: short ones, the few that everybody tries first, and one's own name or number."""

import re

from lms.kernel.errors import Problem

SHORTEST = 10
LONGEST = 200

# What guessers try first here; letters only, since "password2026!" is no better than "password".
COMMON = frozenset(
    {
        "password", "passwort", "passw0rd", "p4ssword", "katasandi", "sandi", "rahasia", "qwerty", "qwertyuiop",
        "asdfghjkl", "zxcvbnm", "admin", "administrator", "welcome", "letmein", "selamat", "selamatpagi", "bismillah",
        "alhamdulillah", "indonesia", "merdeka", "garuda", "pancasila", "balikpapan", "kaltim", "kalimantan",
        "beruang", "jembatan", "singapura", "singapore", "bkpsdm", "sayang", "iloveyou",
    }
)  # fmt: skip
_RUNS = ("01234567890123456789", "98765432109876543210", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")


def refuse_password(
    password: str, *, name: str = "", nip: str | None = None, email: str | None = None
) -> Problem | None:
    """Return why this password is refused for this person, or None when it may be used."""
    if len(password) < SHORTEST:
        return Problem.of("password_short", field="password", n=SHORTEST)
    if len(password) > LONGEST:
        return Problem.of("password_long", field="password", n=LONGEST)
    plain = re.sub(r"[\W_]", "", password.casefold())
    if len(set(plain)) < 4 or any(plain in run for run in _RUNS) or _core(plain) in COMMON:
        return Problem.of("password_common", field="password")
    own = [word for word in re.split(r"[\W_]+", name.casefold()) if len(word) > 2]
    own += [part for part in re.split(r"[\W_\d]+", (email or "").casefold().partition("@")[0]) if len(part) > 2]
    left = re.sub(r"\d", "", plain)
    for word in sorted(own, key=len, reverse=True):
        left = left.replace(word, "")
    if (nip and (nip in plain or plain in nip)) or (own and len(left) < 4 and any(word in plain for word in own)):
        return Problem.of("password_is_yours", field="password")
    return None


def _core(plain: str) -> str:
    """Return the password without digits before and after it."""
    return plain.strip("0123456789")
