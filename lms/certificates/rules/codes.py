"""The code under which anyone may ask for a certificate, and what a stranger is shown of a name."""

import re

# Without what is mistaken when read aloud or from paper: 0 O, 1 I L, U V.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
LENGTH = 12
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def read_code(text: str) -> str | None:
    """Return the code in this text, however it is spaced and cased; None where there is none."""
    plain = re.sub(r"[\s.\-–—]", "", text).upper()
    return plain if _CODE.fullmatch(plain) else None


def show_code(code: str) -> str:
    """Return the code in groups of four, as it stands on the paper: `7KQ2-M9XA-PRT4`."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def mask_name(name: str) -> str:
    """Return the name with all but the first letter of each word hidden: `A•• L••••••`.

    Whoever holds the certificate can compare; whoever only has the code does not learn who it is.
    """
    return " ".join(word[0] + "•" * (len(word) - 1) for word in name.split())
