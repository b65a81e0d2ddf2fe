"""study visits choose delegates by published criteria and prepare the journey"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("about_id", sa.Text(), nullable=False),
        sa.Column("about_en", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("reserves", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decision_number", sa.String(length=120), nullable=False),
        sa.Column("decision_reasons", sa.Text(), nullable=False),
        sa.Column("decided_on", _JSON, nullable=True),
        sa.Column("decided_hash", sa.String(length=64), nullable=False),
        sa.Column("announce_at", UTCDateTime(), nullable=True),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("appeal_until", UTCDateTime(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("rate_source", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "decided_at is null or published_at is not null", name=op.f("ck_delegation_published_before_decided")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_delegation_ends_after_start")),
        sa.CheckConstraint("quota > 0 and reserves >= 0", name=op.f("ck_delegation_quota_positive")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_delegation_created_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_delegation_decided_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_delegation_programme_id_programme")),
        sa.ForeignKeyConstraint(
            ["published_by"], ["person.id"], name=op.f("fk_delegation_published_by_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_announce_at"), "delegation", ["announce_at"], unique=False)
    op.create_index(op.f("ix_delegation_programme_id"), "delegation", ["programme_id"], unique=False)
    op.create_table(
        "delegation_candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("nominated_at", UTCDateTime(), nullable=False),
        sa.Column("nominated_by", sa.Integer(), nullable=True),
        sa.Column("out_reason", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=False),
        sa.Column("passport_until", sa.Date(), nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("report_saved_at", UTCDateTime(), nullable=True),
        sa.Column("report_sent_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome is null or outcome in ('chosen', 'reserve', 'not_chosen')",
            name=op.f("ck_delegation_candidate_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_delegation_candidate_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_delegation_candidate_delegation_id_delegation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["nominated_by"],
            ["person.id"],
            name=op.f("fk_delegation_candidate_nominated_by_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delegation_candidate_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_candidate")),
        sa.UniqueConstraint("delegation_id", "person_id", name=op.f("uq_delegation_candidate_delegation_id_person_id")),
    )
    op.create_index(op.f("ix_delegation_candidate_person_id"), "delegation_candidate", ["person_id"], unique=False)
    op.create_table(
        "delegation_cost",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("payer", sa.String(length=10), nullable=False),
        sa.Column("payer_name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("budget_code", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("currency in ('IDR', 'SGD')", name=op.f("ck_delegation_cost_currency_known")),
        sa.CheckConstraint("price >= 0 and quantity > 0", name=op.f("ck_delegation_cost_amount_positive")),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_delegation_cost_delegation_id_delegation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_cost")),
    )
    op.create_index(op.f("ix_delegation_cost_delegation_id"), "delegation_cost", ["delegation_id"], unique=False)
    op.create_table(
        "delegation_criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_id", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("about_id", sa.Text(), nullable=False),
        sa.Column("about_en", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("least", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.CheckConstraint("weight > 0", name=op.f("ck_delegation_criterion_weight_positive")),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_delegation_criterion_delegation_id_delegation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_criterion")),
    )
    op.create_index(
        op.f("ix_delegation_criterion_delegation_id"), "delegation_criterion", ["delegation_id"], unique=False
    )
    op.create_table(
        "delegation_panelist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by"], ["person.id"], name=op.f("fk_delegation_panelist_added_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_delegation_panelist_delegation_id_delegation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delegation_panelist_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_panelist")),
        sa.UniqueConstraint("delegation_id", "person_id", name=op.f("uq_delegation_panelist_delegation_id_person_id")),
    )
    op.create_index(op.f("ix_delegation_panelist_person_id"), "delegation_panelist", ["person_id"], unique=False)
    op.create_table(
        "delegation_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_delegation_stop_delegation_id_delegation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_stop")),
    )
    op.create_index(op.f("ix_delegation_stop_delegation_id"), "delegation_stop", ["delegation_id"], unique=False)
    op.create_table(
        "delegation_appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("filed_at", UTCDateTime(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_delegation_appeal_answered_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["delegation_candidate.id"],
            name=op.f("fk_delegation_appeal_candidate_id_delegation_candidate"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_appeal")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_delegation_appeal_candidate_id")),
    )
    op.create_table(
        "delegation_cascade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("module_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["delegation_candidate.id"],
            name=op.f("fk_delegation_cascade_candidate_id_delegation_candidate"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["module.id"], name=op.f("fk_delegation_cascade_module_id_module"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_cascade")),
    )
    op.create_index(op.f("ix_delegation_cascade_candidate_id"), "delegation_cascade", ["candidate_id"], unique=False)
    op.create_table(
        "delegation_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panelist_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["delegation_candidate.id"],
            name=op.f("fk_delegation_conflict_candidate_id_delegation_candidate"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["panelist_id"],
            ["delegation_panelist.id"],
            name=op.f("fk_delegation_conflict_panelist_id_delegation_panelist"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_conflict")),
        sa.UniqueConstraint(
            "panelist_id", "candidate_id", name=op.f("uq_delegation_conflict_panelist_id_candidate_id")
        ),
    )
    op.create_index(op.f("ix_delegation_conflict_candidate_id"), "delegation_conflict", ["candidate_id"], unique=False)
    op.create_table(
        "delegation_diary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("learned", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["delegation_candidate.id"],
            name=op.f("fk_delegation_diary_candidate_id_delegation_candidate"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_diary")),
        sa.UniqueConstraint("candidate_id", "on", name=op.f("uq_delegation_diary_candidate_id_on")),
    )
    op.create_table(
        "delegation_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panelist_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("scored_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("points between 0 and 100", name=op.f("ck_delegation_score_points_in_range")),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["delegation_candidate.id"],
            name=op.f("fk_delegation_score_candidate_id_delegation_candidate"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"],
            ["delegation_criterion.id"],
            name=op.f("fk_delegation_score_criterion_id_delegation_criterion"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["panelist_id"],
            ["delegation_panelist.id"],
            name=op.f("fk_delegation_score_panelist_id_delegation_panelist"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_score")),
        sa.UniqueConstraint(
            "panelist_id",
            "candidate_id",
            "criterion_id",
            name=op.f("uq_delegation_score_panelist_id_candidate_id_criterion_id"),
        ),
    )
    op.create_index(op.f("ix_delegation_score_candidate_id"), "delegation_score", ["candidate_id"], unique=False)
    op.create_table(
        "delegation_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["delegation_candidate.id"],
            name=op.f("fk_delegation_task_candidate_id_delegation_candidate"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_delegation_task_delegation_id_delegation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["person.id"], name=op.f("fk_delegation_task_done_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name=op.f("fk_delegation_task_owner_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_task")),
    )
    op.create_index(op.f("ix_delegation_task_candidate_id"), "delegation_task", ["candidate_id"], unique=False)
    op.create_index("ix_delegation_task_due", "delegation_task", ["delegation_id", "due_on"], unique=False)
    op.create_index(op.f("ix_delegation_task_owner_id"), "delegation_task", ["owner_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_delegation_task_owner_id"), table_name="delegation_task")
    op.drop_index("ix_delegation_task_due", table_name="delegation_task")
    op.drop_index(op.f("ix_delegation_task_candidate_id"), table_name="delegation_task")
    op.drop_table("delegation_task")
    op.drop_index(op.f("ix_delegation_score_candidate_id"), table_name="delegation_score")
    op.drop_table("delegation_score")
    op.drop_table("delegation_diary")
    op.drop_index(op.f("ix_delegation_conflict_candidate_id"), table_name="delegation_conflict")
    op.drop_table("delegation_conflict")
    op.drop_index(op.f("ix_delegation_cascade_candidate_id"), table_name="delegation_cascade")
    op.drop_table("delegation_cascade")
    op.drop_table("delegation_appeal")
    op.drop_index(op.f("ix_delegation_stop_delegation_id"), table_name="delegation_stop")
    op.drop_table("delegation_stop")
    op.drop_index(op.f("ix_delegation_panelist_person_id"), table_name="delegation_panelist")
    op.drop_table("delegation_panelist")
    op.drop_index(op.f("ix_delegation_criterion_delegation_id"), table_name="delegation_criterion")
    op.drop_table("delegation_criterion")
    op.drop_index(op.f("ix_delegation_cost_delegation_id"), table_name="delegation_cost")
    op.drop_table("delegation_cost")
    op.drop_index(op.f("ix_delegation_candidate_person_id"), table_name="delegation_candidate")
    op.drop_table("delegation_candidate")
    op.drop_index(op.f("ix_delegation_programme_id"), table_name="delegation")
    op.drop_index(op.f("ix_delegation_announce_at"), table_name="delegation")
    op.drop_table("delegation")
