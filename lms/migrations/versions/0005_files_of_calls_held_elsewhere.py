"""files of calls held elsewhere, and by what names people are known in them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PROVIDERS = "provider in ('teams', 'zoom')"


def upgrade() -> None:
    op.create_table(
        "call_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(_PROVIDERS, name=op.f("ck_call_alias_provider_known")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_call_alias_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_call_alias_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_call_alias_confirmed_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_alias")),
        sa.UniqueConstraint("batch_id", "provider", "name", name=op.f("uq_call_alias_batch_id_provider_name")),
    )
    op.create_index(op.f("ix_call_alias_person_id"), "call_alias", ["person_id"])
    op.create_table(
        "call_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column(
            "left_out", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(_PROVIDERS, name=op.f("ck_call_import_provider_known")),
        sa.ForeignKeyConstraint(["imported_by"], ["person.id"], name=op.f("fk_call_import_imported_by_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_call_import_session_id_live_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_import")),
    )
    op.create_index(op.f("ix_call_import_session_id"), "call_import", ["session_id"])


def downgrade() -> None:
    op.drop_table("call_import")
    op.drop_table("call_alias")
