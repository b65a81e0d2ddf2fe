"""Reading signed PDF files just far enough: is there a signature in it, and whose certificate is it."""

import re
from dataclasses import dataclass

from lms.certificates.rules.codes import ALPHABET, LENGTH, read_code

# The ways a signature dictionary names its format (PDF 2.0, table 255); BSrE signs in the last two.
_SIGNATURES = (b"adbe.pkcs7.detached", b"adbe.pkcs7.sha1", b"ETSI.CAdES.detached", b"ETSI.RFC3161")
_RANGE = re.compile(rb"/ByteRange\s*\[\s*\d+\s+\d+\s+\d+\s+\d+\s*\]")
# What `certificate.typ` writes into the document's keywords, which signing leaves in place.
MARK = "jembatan-"
_MARKED = re.compile(f"{MARK}([{ALPHABET}]{{{LENGTH}}})".encode())
_NAMED = re.compile(r"(?<![A-Z0-9])((?:[A-Z0-9]{4}-?){3})(?![A-Z0-9])")


@dataclass(frozen=True)
class SignedFile:
    """What a file says about itself: whether it carries a signature, and the code of the certificate it is of."""

    is_pdf: bool
    is_signed: bool
    code: str | None


def look_at(content: bytes, name: str) -> SignedFile:
    """Return what this file is. Its content names the certificate; only where that is silent its file name does."""
    codes = {found.decode() for found in _MARKED.findall(content)}
    if not codes:
        codes = {code for found in _NAMED.findall(name.upper()) if (code := read_code(found))}
    return SignedFile(
        is_pdf=content.startswith(b"%PDF-"),
        is_signed=bool(_RANGE.search(content)) and any(kind in content for kind in _SIGNATURES),
        code=codes.pop() if len(codes) == 1 else None,
    )
