"""reports are sent to those who asked"""

import sqlalchemy as sa
from alembic import op

from lms.db import UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "day between 1 and case rhythm when 'weekly' then 7 else 28 end",
            name=op.f("ck_report_subscription_day_of_rhythm"),
        ),
        sa.CheckConstraint("rhythm in ('weekly', 'monthly')", name=op.f("ck_report_subscription_rhythm_known")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_report_subscription_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_report_subscription_programme_id_programme"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_subscription")),
        sa.UniqueConstraint("person_id", "programme_id", name=op.f("uq_report_subscription_person_id_programme_id")),
    )
    with op.batch_alter_table("report_subscription") as batch_op:
        batch_op.create_index(batch_op.f("ix_report_subscription_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_subscription_programme_id"), ["programme_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("report_subscription") as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_subscription_programme_id"))
        batch_op.drop_index(batch_op.f("ix_report_subscription_due_at"))

    op.drop_table("report_subscription")
