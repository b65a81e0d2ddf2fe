"""lesson hours are counted by a dated table"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "hour_watermark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("looked_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_watermark")),
    )
    op.create_table(
        "conversion_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=14), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.Column("fixed", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("factor", sa.Numeric(precision=5, scale=3), nullable=False),
        sa.Column("daily_cap", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("monthly_times", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("ground", sa.String(length=200), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("basis in ('held', 'activity', 'time')", name=op.f("ck_conversion_line_basis_known")),
        sa.CheckConstraint("scope in ('national', 'international')", name=op.f("ck_conversion_line_scope_known")),
        sa.CheckConstraint(
            "valid_until is null or valid_until >= valid_from", name=op.f("ck_conversion_line_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_conversion_line_changed_by_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversion_line")),
        sa.UniqueConstraint("kind", "scope", "valid_from", name=op.f("uq_conversion_line_kind_scope_valid_from")),
    )
    op.create_table(
        "development_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("name_id", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("is_classical", sa.Boolean(), nullable=False),
        sa.Column("certificate", sa.String(length=1), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("certificate in ('F', 'T', 'P')", name=op.f("ck_development_kind_certificate_known")),
        sa.CheckConstraint(
            "valid_until is null or valid_until >= valid_from", name=op.f("ck_development_kind_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_development_kind_changed_by_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_kind")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_development_kind_code_valid_from")),
    )
    op.create_table(
        "hour_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organiser", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=14), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("certificate_number", sa.String(length=120), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("file_kind", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (decided_at is null)", name=op.f("ck_hour_claim_decided_has_time")),
        sa.CheckConstraint("scope in ('national', 'international')", name=op.f("ck_hour_claim_scope_known")),
        sa.CheckConstraint("state in ('waiting', 'accepted', 'refused')", name=op.f("ck_hour_claim_state_known")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_hour_claim_ends_after_start")),
        sa.CheckConstraint("hours > 0", name=op.f("ck_hour_claim_hours_positive")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_hour_claim_decided_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_hour_claim_made_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hour_claim_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_claim")),
        sa.UniqueConstraint(
            "person_id", "title", "starts_on", "ends_on", name=op.f("uq_hour_claim_person_id_title_starts_on_ends_on")
        ),
    )
    with op.batch_alter_table("hour_claim") as batch_op:
        batch_op.create_index(batch_op.f("ix_hour_claim_decided_at"), ["decided_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_hour_claim_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_hour_claim_state", ["state", "made_at"], unique=False)

    op.create_table(
        "hour_policy",
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("minimum", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("pppk_guide", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("rounding", sa.String(length=8), nullable=False),
        sa.Column("counts_partial", sa.Boolean(), nullable=False),
        sa.Column("teleconference_kind", sa.Integer(), nullable=False),
        sa.Column("visit_kind", sa.Integer(), nullable=False),
        sa.Column("self_paced_kind", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_hour_policy_changed_by_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("valid_from", name=op.f("pk_hour_policy")),
    )
    op.create_table(
        "hour_total",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("final", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("provisional", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hour_total_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "year", name=op.f("pk_hour_total")),
    )
    with op.batch_alter_table("hour_total") as batch_op:
        batch_op.create_index("ix_hour_total_year", ["year", "person_id"], unique=False)

    op.create_table(
        "hour_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=14), nullable=False),
        sa.Column("held", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("hours", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("title_id", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("derived_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_hour_entry_batch_id_batch"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hour_entry_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_entry")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_hour_entry_person_id_key")),
    )
    with op.batch_alter_table("hour_entry") as batch_op:
        batch_op.create_index(batch_op.f("ix_hour_entry_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_hour_entry_person_year", ["person_id", "year", "day"], unique=False)

    op.add_column("programme", sa.Column("kind", sa.Integer(), server_default="3", nullable=False))
    # Said in SQL: with its constraint in the same statement SQLite need not copy the table.
    op.execute(
        "ALTER TABLE programme ADD COLUMN scope VARCHAR(14) DEFAULT 'national' NOT NULL"
        " CONSTRAINT ck_programme_scope_known CHECK (scope in ('national', 'international'))"
    )
    op.add_column("programme", sa.Column("organiser", sa.String(length=200), server_default="", nullable=False))
    op.add_column(
        "programme_course",
        sa.Column("lesson_hours", sa.Numeric(precision=5, scale=2), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("programme_course", "lesson_hours")
    for column in ("organiser", "scope", "kind"):
        op.execute(f"ALTER TABLE programme DROP COLUMN {column}")
    with op.batch_alter_table("hour_entry") as batch_op:
        batch_op.drop_index("ix_hour_entry_person_year")
        batch_op.drop_index(batch_op.f("ix_hour_entry_batch_id"))

    op.drop_table("hour_entry")
    with op.batch_alter_table("hour_total") as batch_op:
        batch_op.drop_index("ix_hour_total_year")

    op.drop_table("hour_total")
    op.drop_table("hour_policy")
    with op.batch_alter_table("hour_claim") as batch_op:
        batch_op.drop_index("ix_hour_claim_state")
        batch_op.drop_index(batch_op.f("ix_hour_claim_person_id"))
        batch_op.drop_index(batch_op.f("ix_hour_claim_decided_at"))

    op.drop_table("hour_claim")
    op.drop_table("development_kind")
    op.drop_table("conversion_line")
    op.drop_table("hour_watermark")
