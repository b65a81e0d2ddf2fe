"""sessions that are repeated know their series"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("live_session") as table:
        table.add_column(sa.Column("series", sa.String(length=32), nullable=True))
        table.create_index(op.f("ix_live_session_series"), ["series"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("live_session") as table:
        table.drop_index(op.f("ix_live_session_series"))
        table.drop_column("series")
