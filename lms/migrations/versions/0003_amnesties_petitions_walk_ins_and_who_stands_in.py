"""amnesties, petitions, walk-ins, and who stands in for whom"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_table(
        "amnesty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column(
            "people", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'proposed') = (decided_by is null)", name=op.f("ck_amnesty_decided_by_somebody")),
        sa.CheckConstraint("state in ('proposed', 'granted', 'refused')", name=op.f("ck_amnesty_state_known")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_amnesty_ends_after_start")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_amnesty_decided_by_person")),
        sa.ForeignKeyConstraint(["session_id"], ["live_session.id"], name=op.f("fk_amnesty_session_id_live_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amnesty")),
    )
    op.create_index(op.f("ix_amnesty_session_id"), "amnesty", ["session_id"])
    op.create_table(
        "walk_in",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.CheckConstraint("state in ('open', 'enrolled', 'guest')", name=op.f("ck_walk_in_state_known")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_walk_in_added_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_walk_in_person_id_person")),
        sa.ForeignKeyConstraint(["session_id"], ["live_session.id"], name=op.f("fk_walk_in_session_id_live_session")),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_walk_in")),
    )
    op.create_index(op.f("ix_walk_in_person_id"), "walk_in", ["person_id"])
    op.create_index(op.f("ix_walk_in_state"), "walk_in", ["state"])
    op.create_table(
        "petition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=12), nullable=False),
        sa.Column("excuse", sa.String(length=12), nullable=True),
        sa.Column("letter_number", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("file_kind", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state in ('approved', 'refused', 'revoked')) = (decided_by is not null)",
            name=op.f("ck_petition_decided_by_somebody"),
        ),
        sa.CheckConstraint("(topic = 'excuse') = (excuse is not null)", name=op.f("ck_petition_excuse_has_kind")),
        sa.CheckConstraint(
            "state in ('asked', 'approved', 'refused', 'withdrawn', 'revoked')", name=op.f("ck_petition_state_known")
        ),
        sa.CheckConstraint("topic in ('excuse', 'dispute')", name=op.f("ck_petition_topic_known")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.id"], name=op.f("fk_petition_correction_id_correction")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_petition_decided_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_petition_person_id_person")),
        sa.ForeignKeyConstraint(["session_id"], ["live_session.id"], name=op.f("fk_petition_session_id_live_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
    )
    op.create_index(op.f("ix_petition_person_id"), "petition", ["person_id"])
    op.create_index(op.f("ix_petition_session_id"), "petition", ["session_id"])
    op.create_index("ix_petition_state", "petition", ["state"])
    op.create_index(
        "uq_petition_open",
        "petition",
        ["session_id", "person_id", "topic"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    with op.batch_alter_table("session_instructor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stands_in_for", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            op.f("fk_session_instructor_stands_in_for_person"),
            "person",
            ["stands_in_for"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("session_instructor", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_session_instructor_stands_in_for_person"), type_="foreignkey")
        batch_op.drop_column("reason")
        batch_op.drop_column("stands_in_for")
    for table in ("petition", "walk_in", "amnesty"):
        op.drop_table(table)
