"""Finding questions in a course's bank: by words, topic, kind, tag and where they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms.quizzes.rules.drawing import belongs
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.texts import comparable

STATES = ("", "here", "files", "unused", "archived")


@dataclass(frozen=True)
class Asked:
    """A question of the course: where it stands, in which quizzes (id and key) it is asked now, how often answered."""

    id: int
    question: AnyQuestion
    origin: str
    is_here: bool
    is_archived: bool
    versions: int
    uses: Sequence[tuple[int, str]]
    answers: int
    has_draft: bool


@dataclass(frozen=True)
class BankWish:
    """What the list is narrowed by; "" is no matter."""

    words: str = ""
    topic: str = ""
    kind: str = ""
    tag: str = ""
    state: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "BankWish":
        """Return the wish in an address; what it does not know is no matter."""
        state = asked.get("state", "")
        return cls(
            words=asked.get("q", "").strip()[:200],
            topic=asked.get("topic", "")[:120],
            kind=asked.get("kind", "")[:20],
            tag=asked.get("tag", "")[:40],
            state=state if state in STATES else "",
        )


def choose(lines: Sequence[Asked], wish: BankWish) -> list[Asked]:
    """Return the lines that fit, in their order; what is put aside only where that is asked for."""
    words = comparable(wish.words).split()
    return [line for line in lines if _fits(line, wish, words)]


def _fits(line: Asked, wish: BankWish, words: Sequence[str]) -> bool:
    question = line.question
    if (wish.state == "archived") != line.is_archived:
        return False
    if (wish.state == "here" and not line.is_here) or (wish.state == "files" and line.is_here):
        return False
    if wish.state == "unused" and line.uses:
        return False
    if (wish.kind and question.type != wish.kind) or (wish.tag and wish.tag not in question.tags):
        return False
    if wish.topic and not belongs(question.topic, wish.topic):
        return False
    text = comparable(" ".join([*question.text.spellings(), question.key, question.topic, *question.tags]))
    return all(word in text for word in words)
