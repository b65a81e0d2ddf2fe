"""certificates are numbered without gaps, signed, revoked and verified"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "badge_key",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("public", _JSON, nullable=False),
        sa.Column("private_pem", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_badge_key")),
    )
    op.create_table(
        "number_book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("pattern", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_book")),
        sa.UniqueConstraint("name", name=op.f("uq_number_book_name")),
        sa.UniqueConstraint("pattern", name=op.f("uq_number_book_pattern")),
    )
    op.create_table(
        "number_counter",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["number_book.id"], name=op.f("fk_number_counter_book_id_number_book")),
        sa.PrimaryKeyConstraint("book_id", "year", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "certificate_rule",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("terms", _JSON, nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["number_book.id"], name=op.f("fk_certificate_rule_book_id_number_book")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_certificate_rule_changed_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_certificate_rule_programme_id_programme"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_certificate_rule")),
    )
    with op.batch_alter_table("certificate_rule") as table:
        table.create_index(table.f("ix_certificate_rule_book_id"), ["book_id"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("signed_size", sa.Integer(), nullable=True),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at is not null)", name=op.f("ck_certificate_revoked_has_time")
        ),
        sa.CheckConstraint(
            "state <> 'signed' or signed_sha256 is not null", name=op.f("ck_certificate_signed_has_file")
        ),
        sa.CheckConstraint("state in ('draft', 'signed', 'revoked')", name=op.f("ck_certificate_state_known")),
        sa.CheckConstraint(
            "(signed_sha256 is null) = (signed_at is null)", name=op.f("ck_certificate_signed_has_time")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_certificate_batch_id_batch")),
        sa.ForeignKeyConstraint(["book_id"], ["number_book.id"], name=op.f("fk_certificate_book_id_number_book")),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["person.id"], name=op.f("fk_certificate_issued_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["person.id"], name=op.f("fk_certificate_revoked_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["person.id"], name=op.f("fk_certificate_signed_by_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("book_id", "year", "serial", name=op.f("uq_certificate_book_id_year_serial")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    with op.batch_alter_table("certificate") as table:
        table.create_index(table.f("ix_certificate_batch_id"), ["batch_id"], unique=False)
        table.create_index(table.f("ix_certificate_person_id"), ["person_id"], unique=False)
        table.create_index(
            "uq_certificate_valid",
            ["batch_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'revoked'"),
            postgresql_where=sa.text("state <> 'revoked'"),
        )
    op.create_table(
        "certificate_waiver",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind in ('attendance', 'registers', 'tests', 'evaluation')", name=op.f("ck_certificate_waiver_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_certificate_waiver_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_certificate_waiver_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_waiver_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "person_id", "kind", name=op.f("pk_certificate_waiver")),
    )
    with op.batch_alter_table("certificate_waiver") as table:
        table.create_index(table.f("ix_certificate_waiver_person_id"), ["person_id"], unique=False)
    op.create_table(
        "issue_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("people", _JSON, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("left_out", _JSON, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("beat_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state in ('waiting', 'running', 'done')", name=op.f("ck_issue_run_state_known")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_issue_run_asked_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_issue_run_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_run")),
    )
    with op.batch_alter_table("issue_run") as table:
        table.create_index(table.f("ix_issue_run_batch_id"), ["batch_id"], unique=False)
        table.create_index(
            "uq_issue_run_open",
            ["batch_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'done'"),
            postgresql_where=sa.text("state <> 'done'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("issue_run") as table:
        table.drop_index(
            "uq_issue_run_open", sqlite_where=sa.text("state <> 'done'"), postgresql_where=sa.text("state <> 'done'")
        )
        table.drop_index(table.f("ix_issue_run_batch_id"))
    op.drop_table("issue_run")
    with op.batch_alter_table("certificate_waiver") as table:
        table.drop_index(table.f("ix_certificate_waiver_person_id"))
    op.drop_table("certificate_waiver")
    with op.batch_alter_table("certificate") as table:
        table.drop_index(
            "uq_certificate_valid",
            sqlite_where=sa.text("state <> 'revoked'"),
            postgresql_where=sa.text("state <> 'revoked'"),
        )
        table.drop_index(table.f("ix_certificate_person_id"))
        table.drop_index(table.f("ix_certificate_batch_id"))
    op.drop_table("certificate")
    with op.batch_alter_table("certificate_rule") as table:
        table.drop_index(table.f("ix_certificate_rule_book_id"))
    op.drop_table("certificate_rule")
    op.drop_table("number_counter")
    op.drop_table("number_book")
    op.drop_table("badge_key")
