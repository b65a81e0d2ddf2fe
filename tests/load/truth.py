"""How true the marks are: invented lectures of which everything is known, told as browsers and servers would tell them.

    python -m tests.load.truth [--seed 1] [--sessions 200] [--people 50]

Prints one JSON object a line: the error in seconds per person and the wrong marks, for these rules and, on the
same traces, for three algorithms that others use (tests/load/naive.py). The truth is judged by the same policy:
short gaps are bridged in it as well.
"""

import argparse
import json
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lms.attendance.rules.judgement import Judgement, judge
from lms.attendance.rules.presence import Presence, presence
from lms.kernel.intervals import Interval, merge
from lms.sessions.rules import Policy, counted
from tests.load.daily_life import DOORS_AFTER, LENGTH, Life, Rates, Service, Stretch, live, live_service, plan_breakout
from tests.load.naive import count_pings, sum_devices, sum_rows
from tests.load.told import Teller, Told, instant, world_of

POLICY = Policy()
WINDOW = Interval(instant(0), instant(LENGTH))
AT = instant(LENGTH + DOORS_AFTER)
# The band of error around the policy's edges. A mark may differ from the truth's if the truth lies so many seconds
# from the threshold, for a grace so much shorter or longer: when a line fell silent is known to a ping.
BAND, PING = 30.0, 10
_EDGES = [replace(POLICY, grace_seconds=POLICY.grace_seconds + off) for off in (-PING, PING)]
AS_THEY_ARE = Rates()
NAIVE: dict[str, Callable[[Told, list[Stretch]], float]] = {
    "count of pings": count_pings,
    "sum of rows": sum_rows,
    "sum over devices": sum_devices,
}


@dataclass(frozen=True)
class Outcome:
    """One person in one session: seconds by the truth and by an algorithm, and what the marks would be.

    `edges` are the true seconds for a grace a little shorter and a little longer.
    """

    true: float
    found: float
    planned: float
    status: str
    true_status: str
    edges: tuple[float, ...] = ()

    @property
    def error(self) -> float:
        return self.found - self.true

    @property
    def is_wrong(self) -> bool:
        return self.status != self.true_status

    @property
    def is_near(self) -> bool:
        # Between the edges as well: a gap just inside the grace turns the truth by its whole length at once.
        truths = (self.true, *self.edges)
        return min(truths) - BAND <= POLICY.minimum_share * self.planned <= max(truths) + BAND


@dataclass(frozen=True)
class Lecture:
    """One invented lecture: what serves it, its break, who lived how, and what was told."""

    service: Service
    breaks: tuple[Interval, ...]
    lives: list[Life]
    told: list[Told]


def invent(rng: random.Random, people: int, rates: Rates, *, with_server: bool) -> Lecture:
    """Return a lecture of so many people."""
    service = live_service(rng, rates)
    breakout = plan_breakout(rng, rates)
    start = rng.uniform(1800, 3000)
    breaks = (Interval(instant(start), instant(start + 600)),) if rng.random() < 0.5 else ()
    lives = [live(rng, rates, breakout) for _ in range(people)]
    told = [Teller(rng, service, with_server=with_server).person(life, number) for number, life in enumerate(lives)]
    return Lecture(service, breaks, lives, told)


def true_judgement(life: Life, breaks: Sequence[Interval], policy: Policy = POLICY) -> Judgement:
    """Return the verdict on what really happened."""
    seen = merge(Interval(instant(a), instant(b)) for a, b in life.truth())
    return judge(Presence(seen=tuple(seen)), WINDOW, breaks, policy, at=AT)


def judge_all(lecture: Lecture) -> dict[str, list[Outcome]]:
    """Return algorithm → an outcome a person."""
    world = world_of(lecture.service)
    whole = counted(WINDOW.start, WINDOW.end, lecture.breaks)
    stretches = [((a - WINDOW.start).total_seconds(), (b - WINDOW.start).total_seconds()) for a, b in whole]
    planned = sum(b - a for a, b in stretches)
    found: dict[str, list[Outcome]] = {"jembatan": [], **{name: [] for name in NAIVE}}
    for life, told in zip(lecture.lives, lecture.told, strict=True):
        truth = true_judgement(life, lecture.breaks)
        true = truth.attended.total_seconds()
        edges = tuple(true_judgement(life, lecture.breaks, policy).attended.total_seconds() for policy in _EDGES)
        verdict = judge(presence(told.facts, told.lines, world, at=AT), WINDOW, lecture.breaks, POLICY, at=AT)
        found["jembatan"].append(
            Outcome(true, verdict.attended.total_seconds(), planned, verdict.status.value, truth.status.value, edges)
        )
        for name, algorithm in NAIVE.items():
            seconds = algorithm(told, stretches)
            enough = timedelta(seconds=seconds) >= timedelta(seconds=planned) * POLICY.minimum_share
            status = "attended" if enough else "partial" if seconds else "absent"
            found[name].append(Outcome(true, seconds, planned, status, truth.status.value, edges))
    return found


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures of one algorithm: errors in whole seconds, and how many marks are wrong."""
    errors = sorted(abs(outcome.error) for outcome in outcomes)
    return {
        "people": len(outcomes),
        "median_error_s": round(statistics.median(errors)),
        "p90_error_s": round(errors[int(0.90 * len(errors))]),
        "p99_error_s": round(errors[int(0.99 * len(errors))]),
        "worst_error_s": round(errors[-1]),
        "too_much_s": round(max(outcome.error for outcome in outcomes)),
        "too_little_s": round(min(outcome.error for outcome in outcomes)),
        "wrong_marks": sum(outcome.is_wrong for outcome in outcomes),
        "wrong_outside_band": sum(outcome.is_wrong and not outcome.is_near for outcome in outcomes),
    }


def run(
    seed: int, sessions: int, people: int, *, with_server: bool, rates: Rates = AS_THEY_ARE
) -> dict[str, list[Outcome]]:
    """Return algorithm → every outcome of so many lectures."""
    everything: dict[str, list[Outcome]] = {}
    for number in range(sessions):
        lecture = invent(random.Random(f"{seed}/{number}"), people, rates, with_server=with_server)
        for name, outcomes in judge_all(lecture).items():
            everything.setdefault(name, []).extend(outcomes)
    return everything


def measure_truth(seed: int = 1, sessions: int = 200, people: int = 50) -> None:
    """Print one line an algorithm, for pages alone and for pages with a meeting server that posts events."""
    for with_server in (False, True):
        witnesses = "browser and server" if with_server else "browser"
        for name, outcomes in run(seed, sessions, people, with_server=with_server).items():
            if name == "sum of rows" and not with_server:
                # It lives on what the server posts.
                continue
            head = {"name": "truth", "algorithm": name, "witnesses": witnesses, "seed": seed, "sessions": sessions}
            print(json.dumps(head | summary(outcomes)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--people", type=int, default=50)
    given = parser.parse_args()
    measure_truth(given.seed, given.sessions, given.people)


if __name__ == "__main__":
    main()
