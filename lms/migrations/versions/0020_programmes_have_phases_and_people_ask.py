"""programmes have phases and people ask to take part"""

import sqlalchemy as sa
from alembic import op

from lms.db import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programme_phase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("strand", sa.String(length=10), nullable=False),
        sa.Column("title_id", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage in ('city', 'teleconference', 'visit', 'cascading')", name=op.f("ck_programme_phase_stage_known")
        ),
        sa.CheckConstraint("strand in ('all', 'delegates', 'home')", name=op.f("ck_programme_phase_strand_known")),
        sa.CheckConstraint("first_day >= 1 and days >= 1", name=op.f("ck_programme_phase_days_positive")),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_programme_phase_programme_id_programme"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_phase")),
        sa.UniqueConstraint("programme_id", "position", name=op.f("uq_programme_phase_programme_id_position")),
    )
    op.create_table(
        "enrolment_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("superior_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("agreed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state in ('asked', 'waiting', 'enrolled', 'refused', 'taken_back')",
            name=op.f("ck_enrolment_request_state_known"),
        ),
        sa.CheckConstraint("person_id <> superior_id", name=op.f("ck_enrolment_request_superior_is_another")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_enrolment_request_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_enrolment_request_decided_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_enrolment_request_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["superior_id"], ["person.id"], name=op.f("fk_enrolment_request_superior_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_request")),
    )
    with op.batch_alter_table("enrolment_request") as batch_op:
        batch_op.create_index("ix_enrolment_request_batch_state", ["batch_id", "state", "agreed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_request_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_request_superior_id"), ["superior_id"], unique=False)
        batch_op.create_index(
            "uq_enrolment_request_open",
            ["batch_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state in ('asked', 'waiting')"),
            postgresql_where=sa.text("state in ('asked', 'waiting')"),
        )

    op.add_column("batch", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("batch", sa.Column("asks_until", sa.Date(), nullable=True))
    op.add_column("programme", sa.Column("objectives_id", sa.Text(), server_default="", nullable=False))
    op.add_column("programme", sa.Column("objectives_en", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:

    op.drop_column("programme", "objectives_en")
    op.drop_column("programme", "objectives_id")
    op.drop_column("batch", "asks_until")
    op.drop_column("batch", "capacity")

    with op.batch_alter_table("enrolment_request") as batch_op:
        batch_op.drop_index(
            "uq_enrolment_request_open",
            sqlite_where=sa.text("state in ('asked', 'waiting')"),
            postgresql_where=sa.text("state in ('asked', 'waiting')"),
        )
        batch_op.drop_index(batch_op.f("ix_enrolment_request_superior_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_request_person_id"))
        batch_op.drop_index("ix_enrolment_request_batch_state")

    op.drop_table("enrolment_request")
    op.drop_table("programme_phase")
