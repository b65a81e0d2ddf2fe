"""Jobs run beside the requests: asked for, coming round, once at a time, in the application's context."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask, current_app

from lms.outbox import jobs
from lms.outbox.jobs import Job
from tests.factories import World


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Job]]:
    """No jobs but those of the test, and a queue of its own."""
    known: dict[str, Job] = {}
    monkeypatch.setattr(jobs, "_jobs", known)
    monkeypatch.setattr(jobs, "_queue", None)
    yield known


def until(condition: object, seconds: float = 10) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def test_the_web_process_runs_jobs_when_asked_and_as_they_come_round(
    app: Flask, world: World, alone: dict[str, Job]
) -> None:
    ran: list[tuple[str, datetime, str]] = []

    @jobs.every(5, name="round")
    def come_round(at: datetime) -> None:
        ran.append(("round", at, current_app.name))

    @jobs.every(3600, name="asked")
    def asked(at: datetime) -> None:
        ran.append(("asked", at, current_app.name))

    consumer = jobs.start_embedded(app)
    assert consumer is not None
    try:
        assert until(lambda: {"round", "asked"} <= {name for name, _at, _app in ran})
        before = len([1 for name, *_ in ran if name == "asked"])
        jobs.soon("asked")
        assert until(lambda: len([1 for name, *_ in ran if name == "asked"]) == before + 1)
        assert until(lambda: len([1 for name, *_ in ran if name == "round"]) >= 2)
    finally:
        consumer.stop(graceful=True)
    assert {name for _job, _at, name in ran} == {"lms"}
    assert all(at.tzinfo is not None for _job, at, _name in ran)


def test_a_job_that_fails_ends_neither_the_next_one_nor_itself(app: Flask, world: World, alone: dict[str, Job]) -> None:
    jobs.configure(app)
    ran: list[int] = []

    @jobs.every(60, name="failing")
    def fail(at: datetime) -> None:
        ran.append(1)
        raise RuntimeError("this job fails")

    jobs.run("failing")
    jobs.run("failing")
    assert ran == [1, 1]


def test_a_run_that_would_overlap_the_last_is_left_out(app: Flask, world: World, alone: dict[str, Job]) -> None:
    jobs.configure(app)
    started, finish, ran = threading.Event(), threading.Event(), []

    @jobs.every(60, name="slow")
    def slow(at: datetime) -> None:
        ran.append(at)
        started.set()
        finish.wait(5)

    first = threading.Thread(target=jobs.run, args=("slow",))
    first.start()
    assert started.wait(5)
    jobs.run("slow")
    finish.set()
    first.join()
    assert len(ran) == 1


def test_asking_for_a_job_never_fails_the_request(
    app: Flask, world: World, alone: dict[str, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_settings: object) -> None:
        raise OSError("no queue")

    monkeypatch.setattr(jobs, "queue", broken)
    jobs.soon("deliver")
