"""Names with their titles, and what somebody types to say who they are."""

from lms.accounts.rules.nip import normalise_nip


def with_titles(before: str, name: str, after: str) -> str:
    """Return the name with its titles: `Dr. Ayu Lestari, M.Si.`"""
    front = f"{before} {name}".strip()
    return f"{front}, {after}" if after else front


def normalise_login(text: str) -> str:
    """Return an e-mail address in lower case, or else a NIP's digits: every spelling of one account is one key."""
    plain = text.strip()
    return plain.lower() if "@" in plain else normalise_nip(plain)


def is_local_path(text: str | None) -> bool:
    """Return whether the text is a path on this site, so that a sign-in cannot send people elsewhere.

    Browsers read a backslash as a slash and skip control characters: `/\\evil` and `/<tab>/evil` lead away.
    """
    return bool(
        text
        and text.startswith("/")
        and text[1:2] not in ("/", "\\")
        and "\\" not in text
        and all(ord(character) > 32 for character in text)
    )
