"""Presence → the verdict on one person in one session, with its reasons as codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.presence import Presence, bridge
from lms.kernel.errors import Said
from lms.kernel.intervals import Interval, clip, gaps, merge, subtract, total
from lms.sessions.rules import Policy, counted

# Raised whenever the same evidence would be judged differently; stored with each mark.
RULES_VERSION = 3


_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)

_LACKS = {Kind.CHECKED_IN: Said("check_in_missing"), Kind.CHECKED_OUT: Said("check_out_missing")}


class Status(StrEnum):
    ATTENDED = "attended"
    PARTIAL = "partial"
    ABSENT = "absent"
    EXCUSED = "excused"
    UNKNOWN = "unknown"


class Excuse(StrEnum):
    """Why an absence is excused, with its letter on paper."""

    PERMITTED = "izin"
    SICK = "sakit"
    ON_DUTY = "dinas_luar"
    LEAVE = "cuti"


# Letters of the paper sheet (DOMAIN.md §6); T stands beside H for somebody late.
LETTERS: Mapping[str, str] = {
    Status.ATTENDED: "H",
    Status.PARTIAL: "HS",
    Status.ABSENT: "A",
    Status.UNKNOWN: "",
    Excuse.PERMITTED: "I",
    Excuse.SICK: "S",
    Excuse.ON_DUTY: "DL",
    Excuse.LEAVE: "C",
}


@dataclass(frozen=True)
class Decision:
    """A coordinator's latest word on one mark; it outranks every witness.

    Without a status she decided whose account counts (`witness`), and the evidence decides the rest.
    """

    status: Status | None
    excuse: Excuse | None
    reason: str
    at: datetime
    witness: str | None = None


@dataclass(frozen=True)
class Judgement:
    """The verdict. `attended` and `counted` are lengths; `intervals` lie inside the counted window."""

    status: Status
    excuse: Excuse | None = None
    late: bool = False
    left_early: bool = False
    attended: timedelta = timedelta()
    counted: timedelta = timedelta()
    intervals: tuple[Interval, ...] = ()
    reasons: tuple[Said, ...] = field(default=())

    @property
    def share(self) -> float:
        """Return the share of the counted window attended, from 0 to 1."""
        return self.attended / self.counted if self.counted else 0.0


def judge(
    found: Presence,
    window: Interval,
    breaks: Sequence[Interval],
    policy: Policy,
    *,
    at: datetime,
    decision: Decision | None = None,
    in_part: bool = False,
) -> Judgement:
    """Return the verdict on this presence in this window as of `at`.

    `breaks` are all stretches that do not count; `in_part` tells that somebody joined the batch or left it while the
    session ran, and that they hold the rest of it.
    Seconds are compared, never rounded minutes. While the session runs the figures cover what has
    passed, and the status is UNKNOWN unless it can no longer change or a coordinator decided.
    """
    elapsed = Interval(window.start, min(max(at, window.start), window.end))
    bridged = bridge(found, elapsed, policy)
    whole = counted(window.start, window.end, breaks)
    so_far = clip(whole, elapsed)
    intervals = merge(part for stretch in so_far for part in clip(bridged.intervals, stretch))
    attended, planned = total(intervals), total(whole)
    is_over = at >= window.end

    late = bool(intervals) and total(clip(whole, Interval(window.start, max(intervals[0].start, window.start)))) > (
        timedelta(seconds=policy.late_after_seconds)
    )
    left_early = (
        is_over
        and bool(intervals)
        and total(clip(whole, Interval(min(intervals[-1].end, window.end), window.end)))
        > timedelta(seconds=policy.left_early_seconds)
    )
    reasons = _reasons(bridged, intervals, so_far, attended, planned, late, left_early, policy)
    if attended >= planned * policy.minimum_share and planned:
        status = Status.ATTENDED
    elif not is_over:
        status = Status.UNKNOWN
    elif found.lacks is not None:
        # Half of a pair of scans is missing: how long the person was there, somebody else has to say.
        status = Status.UNKNOWN
        reasons.append(_LACKS[found.lacks])
    elif attended > timedelta():
        status = Status.PARTIAL
    elif found.elsewhere:
        # Somebody who went to the app cannot be called absent before a witness or the coordinator has spoken.
        status = Status.UNKNOWN
        reasons.append(Said("elsewhere_unverified"))
    elif in_part:
        # Of somebody who joined the batch in the middle nobody can say that she should have been there.
        status = Status.UNKNOWN
    else:
        status = Status.ABSENT
    if in_part:
        reasons.append(Said("enrolled_in_part", {"minutes": planned // _MINUTE}))
    excuse = None
    if decision is not None:
        if decision.status is None:
            reasons.insert(0, Said(f"witness_chosen_{decision.witness}", {"at": decision.at}))
        else:
            told = {"reason": decision.reason, "at": decision.at}
            reasons.insert(0, Said("decided_by_coordinator" if decision.reason else "decided_plainly", told))
            status, excuse = decision.status, decision.excuse
    return Judgement(status, excuse, late, left_early, attended, planned, tuple(intervals), tuple(reasons))


def _reasons(
    bridged: Presence,
    intervals: Sequence[Interval],
    so_far: Sequence[Interval],
    attended: timedelta,
    planned: timedelta,
    late: bool,
    left_early: bool,
    policy: Policy,
) -> list[Said]:
    """Return what led to the figures, in the order a person would tell it."""
    if not intervals:
        return [Said("never_in_the_room")]
    told = [Said("attended_of", {"minutes": attended // _MINUTE, "planned": planned // _MINUTE})]
    if late:
        told.append(Said("arrived_late", {"clock": intervals[0].start}))
    closed = [part for gap in bridged.bridged for stretch in so_far for part in clip([gap], stretch)]
    # Between two devices there may be a tenth of a second: true, and not worth telling.
    closed = [part for part in closed if part.length >= _SECOND]
    if len(closed) == 1:
        told.append(Said("gap_bridged", {"length": closed[0].length}))
    elif closed:
        told.append(Said("gaps_bridged", {"n": len(closed), "length": total(closed)}))
    given = [part for credit in bridged.credited for stretch in so_far for part in clip([credit], stretch)]
    if given:
        told.append(Said("outage_credited", {"length": total(given)}))
    amnesty = [part for grant in bridged.granted for stretch in so_far for part in clip([grant], stretch)]
    if amnesty:
        told.append(Said("amnesty_granted", {"length": total(amnesty)}))
    inner = Interval(intervals[0].start, intervals[-1].end)
    missed = [gap for stretch in so_far for gap in gaps(intervals, stretch) if _inside(gap, inner)]
    if missed:
        told.append(Said("gaps_missed", {"n": len(missed), "length": total(missed)}))
    if left_early:
        told.append(Said("left_early", {"clock": intervals[-1].end}))
    if planned and attended < planned * policy.minimum_share:
        told.append(Said("below_minimum", {"share": round(policy.minimum_share * 100)}))
    return told


def _inside(gap: Interval, inner: Interval) -> bool:
    return gap.start >= inner.start and gap.end <= inner.end


def stored_reasons(reasons: Sequence[Said]) -> list[Any]:
    """Return reasons as JSON: [[code, {name: value}], …]; times as {"at": ISO}, lengths as {"s": seconds}."""
    return [[said.code, {name: _stored(value) for name, value in said.params.items()}] for said in reasons]


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, timedelta):
        return {"s": value.total_seconds()}
    return value


def read_reasons(stored: Sequence[Any]) -> list[Said]:
    """Return what `stored_reasons` wrote."""
    return [Said(code, {name: _read(value) for name, value in params.items()}) for code, params in stored]


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["at"]) if "at" in value else timedelta(seconds=value["s"])
    return value


def without(intervals: Sequence[Interval], window: Sequence[Interval]) -> list[Interval]:
    """Return the stretches of the counted window in which the person was not there."""
    return subtract(window, intervals)
