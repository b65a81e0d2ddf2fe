"""Where somebody stands against the programme's minimum: over planned sessions, weighted by lesson hours (JP)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

NOTHING = Decimal(0)


class Outlook(StrEnum):
    """Whether the minimum is in reach. The minimum is over sessions attended; excused ones make a second figure.

    BELOW: still in reach, but not if she goes on like this. WITH_EXCUSES: by attending alone no longer, but still
    if excused sessions are counted as attended.
    """

    REACHED = "reached"
    ON_COURSE = "on_course"
    BELOW = "below"
    WITH_EXCUSES = "with_excuses"
    OUT_OF_REACH = "out_of_reach"


TROUBLE = frozenset({Outlook.BELOW, Outlook.WITH_EXCUSES, Outlook.OUT_OF_REACH})


@dataclass(frozen=True)
class Tally:
    """Planned sessions of one person, added up in one unit (sessions or JP) by what became of them.

    `missed` are those attended in part or not at all; what is in none of them is still open.
    """

    planned: Decimal = NOTHING
    attended: Decimal = NOTHING
    excused: Decimal = NOTHING
    missed: Decimal = NOTHING

    @property
    def held(self) -> Decimal:
        """Return how much has a verdict."""
        return self.attended + self.excused + self.missed

    @property
    def open(self) -> Decimal:
        """Return how much is still to come, or not yet judged."""
        return self.planned - self.held

    @property
    def share(self) -> float:
        """Return the attended share of everything planned, from 0 to 1; 0 when nothing is planned."""
        return float(self.attended / self.planned) if self.planned else 0.0

    @property
    def share_with_excused(self) -> float:
        """Return the share of everything planned that was attended or excused."""
        return float((self.attended + self.excused) / self.planned) if self.planned else 0.0

    @property
    def share_so_far(self) -> float | None:
        """Return the attended share of what has a verdict and was not excused; None before the first."""
        answered = self.attended + self.missed
        return float(self.attended / answered) if answered else None


@dataclass(frozen=True)
class Balance:
    """One person in one batch: sessions counted, and the same in JP."""

    sessions: Tally = Tally()
    hours: Tally = Tally()

    @property
    def weighed(self) -> Tally:
        """Return the tally that decides: JP, or sessions where none of them is worth a JP."""
        return self.hours if self.hours.planned else self.sessions

    def outlook(self, minimum: Decimal) -> Outlook:
        """Return whether this share (0 to 1) of the planned sessions is in reach. Exact: no binary fractions."""
        tally = self.weighed
        wanted = tally.planned * minimum
        if not tally.planned:
            return Outlook.ON_COURSE
        if tally.attended >= wanted:
            return Outlook.REACHED
        if tally.attended + tally.open < wanted:
            is_saved = tally.attended + tally.excused + tally.open >= wanted
            return Outlook.WITH_EXCUSES if is_saved else Outlook.OUT_OF_REACH
        is_below = tally.attended < (tally.attended + tally.missed) * minimum
        return Outlook.BELOW if is_below else Outlook.ON_COURSE
