"""The only place that asks what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, aware, in UTC. Called once per operation, at its edge."""
    return datetime.now(UTC)
