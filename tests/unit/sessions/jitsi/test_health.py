"""A dead meeting server never makes a page wait, and is asked by one at a time."""

from collections.abc import Callable
from typing import Any

import pytest

from lms.sessions.jitsi.client import Health, JitsiClient, Reach
from lms.sessions.jitsi.health import HealthWatch
from lms.sessions.jitsi.rules import JitsiServer, ServerKind

GOOD, BAD, UNKNOWN = Health(Reach.ANSWERS), Health(Reach.SILENT), Health(Reach.UNKNOWN)


class Scripted(JitsiClient):
    """Gives prepared answers."""

    def __init__(self, *answers: Any) -> None:
        super().__init__(JitsiServer(kind=ServerKind.PLAIN, domain="meet.example"))
        self.answers = list(answers)

    def health(self) -> Health:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Health(answer.reach)


class Bench:
    """A watch whose clock and whose work beside the page are in the test's hands."""

    def __init__(self, *answers: Any) -> None:
        self.now = 1000.0
        self.waiting: list[Callable[[], None]] = []
        self.watch = HealthWatch(Scripted(*answers), monotonic=lambda: self.now, start=self.waiting.append)

    def work(self) -> None:
        self.waiting.pop(0)()


def test_the_first_page_waits_for_nothing() -> None:
    bench = Bench(GOOD)
    assert bench.watch.look() == UNKNOWN
    bench.work()
    assert bench.watch.look() == GOOD


def test_many_pages_ask_once() -> None:
    bench = Bench(BAD)
    assert [bench.watch.look() for _ in range(50)] == [UNKNOWN] * 50
    assert len(bench.waiting) == 1


@pytest.mark.parametrize(("answer", "seconds"), [(GOOD, 30), (BAD, 10)])
def test_an_answer_is_believed_for_its_time_and_then_renewed_beside_the_page(answer: Health, seconds: int) -> None:
    bench = Bench(answer, GOOD)
    bench.watch.look()
    bench.work()
    bench.now += seconds - 1
    assert bench.watch.look() == answer
    assert bench.waiting == []
    bench.now += 1
    assert bench.watch.look() == answer
    bench.work()
    assert bench.watch.look() == GOOD


def test_a_question_that_breaks_is_asked_again_later() -> None:
    bench = Bench(RuntimeError("surprise"), GOOD)
    bench.watch.look()
    with pytest.raises(RuntimeError):
        bench.work()
    assert bench.watch.look() == UNKNOWN
    bench.now += 10
    bench.watch.look()
    bench.work()
    assert bench.watch.look() == GOOD
