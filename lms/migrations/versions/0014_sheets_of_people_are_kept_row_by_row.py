"""sheets of people are kept row by row until applied"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "unit_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plain", sa.String(length=400), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.Column("told_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["told_by"], ["person.id"], name=op.f("fk_unit_alias_told_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_alias_unit_id_unit"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_alias")),
        sa.UniqueConstraint("plain", name=op.f("uq_unit_alias_plain")),
    )
    with op.batch_alter_table("unit_alias") as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_alias_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "people_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("columns", _JSON, nullable=False),
        sa.Column("other_columns", _JSON, nullable=False),
        sa.Column("passed_over", _JSON, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.Column("counts", _JSON, nullable=False),
        sa.CheckConstraint(
            "state in ('judging', 'ready', 'applying', 'applied', 'dropped')", name=op.f("ck_people_import_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_people_import_batch_id_batch"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_people_import_by_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
    )
    with op.batch_alter_table("people_import") as batch_op:
        batch_op.create_index(batch_op.f("ix_people_import_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_import_by_id"), ["by_id"], unique=False)

    op.create_table(
        "people_import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("cells", _JSON, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("nip", sa.String(length=18), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("changes", _JSON, nullable=False),
        sa.Column("problems", _JSON, nullable=False),
        sa.Column("notes", _JSON, nullable=False),
        sa.Column("unknown_unit", sa.String(length=400), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.Column("is_enrolled", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "outcome in ('new', 'changed', 'unchanged', 'refused')", name=op.f("ck_people_import_row_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["people_import.id"],
            name=op.f("fk_people_import_row_import_id_people_import"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_people_import_row_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import_row")),
        sa.UniqueConstraint("import_id", "number", name=op.f("uq_people_import_row_import_id_number")),
    )
    with op.batch_alter_table("people_import_row") as batch_op:
        batch_op.create_index("ix_people_import_row_email", ["import_id", "email"], unique=False)
        batch_op.create_index("ix_people_import_row_nip", ["import_id", "nip"], unique=False)
        batch_op.create_index("ix_people_import_row_outcome", ["import_id", "outcome", "number"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("people_import_row") as batch_op:
        batch_op.drop_index("ix_people_import_row_outcome")
        batch_op.drop_index("ix_people_import_row_nip")
        batch_op.drop_index("ix_people_import_row_email")

    op.drop_table("people_import_row")
    with op.batch_alter_table("people_import") as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_import_by_id"))
        batch_op.drop_index(batch_op.f("ix_people_import_batch_id"))

    op.drop_table("people_import")
    with op.batch_alter_table("unit_alias") as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_alias_unit_id"))

    op.drop_table("unit_alias")
