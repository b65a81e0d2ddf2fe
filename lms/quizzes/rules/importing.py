"""Questions from a file beside those of the course: what is new, what changed, what is there already."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.stored import dump_question, fingerprint, load_question
from lms.quizzes.rules.texts import comparable

Fields = dict[str, Any]

# Of all words that two texts have, so many must be in both for one to be a change of the other.
_ALIKE = 0.5
# The lists of a question whose elements have keys that results go by, and the words that make them what they are.
_KEYED = {"choices": ("text",), "pairs": ("left", "right"), "extra": ("text",), "steps": ("text",)}
_PARTS = {"type": "kind", "text": "text", "points": "points", "hints": "hints", "topic": "topic", "tags": "tags"}
PARTS = ("kind", "text", "answers", "points", "feedback", "hints", "topic", "tags")


class Fate(StrEnum):
    """What becomes of a question in a file."""

    NEW = "new"
    CHANGED = "changed"
    # Put aside in the bank; taking it in again asks it again.
    BACK = "back"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Known:
    """A question of the course as it is in force; only one of the bank can be changed by a file."""

    id: int
    question: AnyQuestion
    is_here: bool
    is_archived: bool


@dataclass(frozen=True)
class Sorted:
    """A question of a file as it would be stored (None: refused), and the one it would change or equals."""

    fate: Fate
    question: AnyQuestion | None
    known: Known | None = None


def sort_out(incoming: Iterable[tuple[AnyQuestion | None, bool]], known: Sequence[Known]) -> list[Sorted]:
    """Return the fate of each question, in its order; the second of a pair tells that its key is its name for good.

    The same file again is unchanged throughout: equal content is found wherever in the course it stands.
    """
    mine = {one.question.key: one for one in known if one.is_here}
    everywhere: dict[str, Known] = {}
    for other in known:
        if not other.is_archived:
            everywhere.setdefault(_content(other.question), other)
    taken: set[str] = set()
    found = []
    for question, has_id in incoming:
        if question is None:
            found.append(Sorted(Fate.REFUSED, None))
            continue
        one = _sort(question, has_id, mine, everywhere, taken)
        if one.question is not None and one.fate is not Fate.UNCHANGED:
            taken.add(one.question.key)
        elif one.known is not None and one.known.is_here:
            taken.add(one.known.question.key)
        found.append(one)
    return found


def _sort(
    question: AnyQuestion, has_id: bool, mine: dict[str, Known], everywhere: dict[str, Known], taken: set[str]
) -> Sorted:
    by_id = mine.get(question.key) if has_id and question.key not in taken else None
    same = by_id or _equal(question, everywhere) or _alike(question, mine, taken)
    if same is None:
        return Sorted(Fate.NEW, replace(question, key=_free(question.key, mine, taken)))
    kept = adopt(question, same.question)
    if _content(kept) == _content(same.question):
        return Sorted(Fate.BACK if same.is_archived else Fate.UNCHANGED, same.question, same)
    return Sorted(Fate.CHANGED, kept, same)


def adopt(question: AnyQuestion, old: AnyQuestion) -> AnyQuestion:
    """Return the question under the key of the old one, whose choices keep theirs where the words are the same.

    A file that tells neither topic nor tags does not take them away.
    """
    stored, before = dump_question(question), dump_question(old)
    for name, words in _KEYED.items():
        if stored["type"] == before["type"] and name in stored:
            stored[name] = _with_old_keys(stored[name], before[name], words)
    adopted = load_question(stored)
    return replace(adopted, key=old.key, topic=adopted.topic or old.topic, tags=adopted.tags or old.tags)


def differing(one: AnyQuestion, other: AnyQuestion) -> list[str]:
    """Return which parts of a question differ: kind, text, answers, points, feedback, hints, topic, tags."""
    stored, before = dump_question(one), dump_question(other)
    names = {name for name in stored.keys() | before.keys() if stored.get(name) != before.get(name)}
    parts = {_PARTS.get(name, "feedback" if name.startswith("feedback") else "answers") for name in names}
    return [part for part in PARTS if part in parts]


def _with_old_keys(
    new: list[dict[str, Any]], old: list[dict[str, Any]], words: tuple[str, ...]
) -> list[dict[str, Any]]:
    keys = {fingerprint([one[name] for name in words]): one["key"] for one in old}
    free = _fresh({one["key"] for one in old} | {one["key"] for one in new})
    used: set[str] = set()
    found = []
    for one in new:
        key = keys.get(fingerprint([one[name] for name in words]))
        found.append(one | {"key": key} if key is not None and key not in used else one | {"key": ""})
        used.add(found[-1]["key"])
    # A key that a new element brought stays its own only where no old one has it.
    for at, one in enumerate(found):
        if not one["key"]:
            own = new[at]["key"]
            found[at] = one | {"key": own if own not in used and own not in keys.values() else next(free)}
            used.add(found[at]["key"])
    return found


def _fresh(taken: set[str]) -> Iterator[str]:
    return (key for key in (f"n{number}" for number in range(1, 10_000)) if key not in taken)


def _equal(question: AnyQuestion, everywhere: dict[str, Known]) -> Known | None:
    found = everywhere.get(_content(question))
    if found is not None:
        return found
    # With other topics and tags, or without, it is the same question still.
    return next((one for one in everywhere.values() if one.question.type == question.type
                 and one.question.text == question.text
                 and _content(adopt(question, one.question)) == _content(one.question)), None)  # fmt: skip


def _alike(question: AnyQuestion, mine: dict[str, Known], taken: set[str]) -> Known | None:
    """Return the bank's question of this name whose words are much the same; "Question 1" is in many files."""
    for key in _numbered(question.key):
        if key not in mine:
            return None
        if key not in taken and mine[key].question.type == question.type and _are_alike(question, mine[key].question):
            return mine[key]
    return None


def _are_alike(one: AnyQuestion, other: AnyQuestion) -> bool:
    words = [set(comparable(" ".join(question.text.spellings())).split()) for question in (one, other)]
    return len(words[0] & words[1]) >= _ALIKE * len(words[0] | words[1])


def _free(key: str, mine: dict[str, Known], taken: set[str]) -> str:
    return next(one for one in _numbered(key) if one not in mine and one not in taken)


def _numbered(key: str) -> Iterator[str]:
    yield key
    for number in range(2, 10_000):
        yield f"{key[:55]}-{number}"


def _content(question: AnyQuestion) -> str:
    return fingerprint(dump_question(question) | {"key": ""})
