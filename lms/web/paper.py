"""PDF from a typst template and plain values; the same values give the same bytes."""

import json
from collections.abc import Mapping
from typing import Any

import typst

from lms.settings import ROOT

PAPER = ROOT / "templates" / "paper"


def typeset(template: str, content: Mapping[str, Any]) -> bytes:
    """Return the PDF of templates/paper/<template>.typ with this content (JSON values).

    What people typed reaches the template as data, never as markup. Fonts are those inside the package: with the
    system's the same sheet would differ from machine to machine.
    """
    made = typst.compile(
        str(PAPER / f"{template}.typ"),
        root=str(PAPER),
        sys_inputs={"data": json.dumps(content, sort_keys=True)},
        format="pdf",
        ignore_system_fonts=True,
    )
    return bytes(made)
