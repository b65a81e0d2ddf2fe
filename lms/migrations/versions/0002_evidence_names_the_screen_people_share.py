"""evidence names the screen people share"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Said in SQL: with its constraints in the same statement SQLite need not copy the ledger.
    op.execute(
        "ALTER TABLE evidence ADD COLUMN host_visit_id INTEGER"
        " CONSTRAINT fk_evidence_host_visit_id_visit REFERENCES visit (id)"
        " CONSTRAINT ck_evidence_shared_names_a_device CHECK ((kind = 'shared') = (host_visit_id is not null))"
    )
    op.create_index(
        "ix_evidence_host_visit",
        "evidence",
        ["host_visit_id", "person_id"],
        sqlite_where=sa.text("host_visit_id is not null"),
        postgresql_where=sa.text("host_visit_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_evidence_host_visit", table_name="evidence")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_evidence_shared_names_a_device"), type_="check")
        batch_op.drop_column("host_visit_id")
