"""recordings of sessions, devices tested before them, and hands raised in them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("live_session", sa.Column("may_be_recorded", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "device_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("results", _JSON, nullable=False),
        sa.Column("tested_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_device_check_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_check")),
        sa.UniqueConstraint("person_id", "device", name=op.f("uq_device_check_person_id_device")),
    )
    _of_person_in_session("recording_notice", sa.Column("seen_at", UTCDateTime(), nullable=False))
    _of_person_in_session("raised_hand", sa.Column("raised_at", UTCDateTime(), nullable=False))
    op.create_table(
        "recording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("link_until", UTCDateTime(), nullable=True),
        sa.Column("began_at", UTCDateTime(), nullable=True),
        sa.Column("arrived_at", UTCDateTime(), nullable=False),
        sa.Column("shown_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("source in ('jibri', 'jaas', 'link')", name=op.f("ck_recording_source_known")),
        sa.CheckConstraint(
            "state in ('coming', 'ready', 'link', 'lost', 'deleted')", name=op.f("ck_recording_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_recording_session_id_live_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("key", name=op.f("uq_recording_key")),
    )
    op.create_index(op.f("ix_recording_session_id"), "recording", ["session_id"])
    op.create_index("ix_recording_expires", "recording", ["expires_at"])
    op.create_table(
        "recording_watch",
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("spans", _JSON, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recording.id"],
            name=op.f("fk_recording_watch_recording_id_recording"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_recording_watch_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording_id", "person_id", name=op.f("pk_recording_watch")),
    )
    op.create_index(op.f("ix_recording_watch_person_id"), "recording_watch", ["person_id"])


def _of_person_in_session(table: str, moment: sa.Column) -> None:
    """Create a table with one row a person and session."""
    op.create_table(
        table,
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        moment,
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f(f"fk_{table}_session_id_live_session"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])


def downgrade() -> None:
    op.drop_table("recording_watch")
    op.drop_table("recording")
    op.drop_table("raised_hand")
    op.drop_table("recording_notice")
    op.drop_table("device_check")
    op.drop_column("live_session", "may_be_recorded")
