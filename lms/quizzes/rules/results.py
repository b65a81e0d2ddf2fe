"""What results say about a person's progress and about a question."""

from collections.abc import Sequence
from enum import StrEnum
from statistics import fmean


class Gain(StrEnum):
    """The usual bands of the normalised gain in Indonesian training reports."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def normalised_gain(before: float, after: float, highest: float = 100.0) -> float | None:
    """Return the part of the possible rise that was achieved: (after - before) / (highest - before).

    Negative where she fell; None where she already had everything, since nothing was left to gain (Hake 1998).
    """
    return None if before >= highest else (after - before) / (highest - before)


def gain_band(gain: float) -> Gain:
    """Return the band: from 0.7 high, from 0.3 medium, below that low."""
    return Gain.HIGH if gain >= 0.7 else Gain.MEDIUM if gain >= 0.3 else Gain.LOW


def facility(earned: Sequence[float], possible: float) -> float | None:
    """Return the mean part of the points earned, 0 to 1 (tingkat kesukaran: 1 is easy); None without attempts."""
    return fmean(earned) / possible if earned and possible else None
