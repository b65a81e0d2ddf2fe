"""a session keeps its meeting server, and rooms opened for it are noted"""

import sqlalchemy as sa
from alembic import op

from lms.db import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at is null")


def upgrade() -> None:
    # What was scheduled before names no server: it meets on the standard one, as it did.
    op.add_column("live_session", sa.Column("meeting_server", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("jitsi_event", sa.Column("server", sa.String(length=40), nullable=False, server_default=""))
    op.create_table(
        "room_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("server", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["live_session.id"],
            name=op.f("fk_room_opening_session_id_live_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_opening")),
    )
    op.create_index(op.f("ix_room_opening_session_id"), "room_opening", ["session_id"])
    op.create_index(
        "uq_room_opening_open",
        "room_opening",
        ["session_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_table("room_opening")
    with op.batch_alter_table("jitsi_event") as table:
        table.drop_column("server")
    with op.batch_alter_table("live_session") as table:
        table.drop_column("meeting_server")
