"""What a person's timeline shows: each stretch of the session with what it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from lms.attendance.rules.judgement import Judgement
from lms.attendance.rules.presence import Presence
from lms.kernel.intervals import Interval, clip, gaps, overlap, subtract


class Span(NamedTuple):
    """A stretch of the session and its kind: present, bridged, outage (ours, counted), amnesty or break."""

    start: datetime
    end: datetime
    kind: str


def timeline(found: Presence, verdict: Judgement, window: Interval, breaks: Sequence[Interval]) -> list[Span]:
    """Return the stretches in order of time; what counts adds up to the verdict's figure.

    A bridged gap is what the verdict counts without anyone having seen it, or an outage or amnesty explaining it.
    """
    pauses = clip(breaks, window)
    present = subtract(clip(found.seen, window), pauses)
    outage = subtract(clip(found.credited, window), [*pauses, *present])
    amnesty = subtract(clip(found.granted, window), [*pauses, *present, *outage])
    bridged = overlap(verdict.intervals, gaps([*present, *outage, *amnesty, *pauses], window))
    spans = [
        *(Span(i.start, i.end, "present") for i in present),
        *(Span(i.start, i.end, "outage") for i in outage),
        *(Span(i.start, i.end, "amnesty") for i in amnesty),
        *(Span(i.start, i.end, "bridged") for i in bridged),
        *(Span(i.start, i.end, "break") for i in pauses),
    ]
    return sorted(spans)
