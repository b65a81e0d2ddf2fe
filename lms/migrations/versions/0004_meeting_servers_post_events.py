"""meeting servers post events"""

import sqlalchemy as sa
from alembic import op

from lms.db import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WAITING = sa.text("interpreted_at is null")


def upgrade() -> None:
    op.create_table(
        "jitsi_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("room", sa.String(length=120), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("happened_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("interpreted_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.CheckConstraint("sender in ('event_sync', 'jaas')", name=op.f("ck_jitsi_event_sender_known")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["live_session.id"],
            name=op.f("fk_jitsi_event_session_id_live_session"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jitsi_event")),
        sa.UniqueConstraint("key", name=op.f("uq_jitsi_event_key")),
    )
    op.create_index(op.f("ix_jitsi_event_session_id"), "jitsi_event", ["session_id"])
    op.create_index("ix_jitsi_event_waiting", "jitsi_event", ["id"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def downgrade() -> None:
    op.drop_table("jitsi_event")
