"""a correction may come with the document it rests on"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("correction", sa.Column("file_sha256", sa.String(length=64), nullable=True))
    op.add_column("correction", sa.Column("file_name", sa.String(length=160), nullable=False, server_default=""))
    op.add_column("correction", sa.Column("file_kind", sa.String(length=120), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("file_kind", "file_name", "file_sha256"):
        op.drop_column("correction", column)
