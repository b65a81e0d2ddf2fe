"""Moodle's categories and our topics: `$course$/top/Layanan/Antrean` is "Layanan/Antrean"."""

import re

LONGEST_TOPIC = 120

_CONTEXT = re.compile(r"\$(?:course|module|system|cat\d*|\w+)\$")
_DEFAULT = re.compile(r"default (?:for|untuk) ", re.IGNORECASE)


def topic_of(category: str) -> str:
    """Return the topic of a category's path; Moodle's "Default for …" is none. A slash in a name is written twice."""
    parts = [part.replace("\0", "-").strip() for part in category.replace("//", "\0").split("/")]
    kept = [part for part in parts if part and not _CONTEXT.fullmatch(part) and part.lower() != "top"]
    if kept and _DEFAULT.match(kept[0]):
        kept = kept[1:]
    # Only whole parts: half a name is no topic.
    while len("/".join(kept)) > LONGEST_TOPIC:
        kept.pop()
    return " ".join("/".join(kept).split())


def category_of(topic: str) -> str:
    """Return the category that Moodle keeps a topic's questions in."""
    return f"$course$/top/{topic}"
