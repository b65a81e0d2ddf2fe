"""lines that were away can be given back"""

import sqlalchemy as sa
from alembic import op

from lms.db import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.Column("given_seconds", sa.Integer(), nullable=True),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("given_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("ended_at > began_at", name=op.f("ck_line_outage_ends_after_beginning")),
        sa.CheckConstraint(
            "(given_at is null) = (given_seconds is null)", name=op.f("ck_line_outage_given_is_counted")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_line_outage_attempt_id_attempt"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["person.id"], name=op.f("fk_line_outage_given_by_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_outage")),
        sa.UniqueConstraint("attempt_id", "key", name=op.f("uq_line_outage_attempt_id_key")),
    )


def downgrade() -> None:
    op.drop_table("line_outage")
