"""people read any language that has a catalogue, and put their first steps away"""

import sqlalchemy as sa
from alembic import op

from lms.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.drop_constraint(op.f("ck_person_language_known"), type_="check")
        table.add_column(sa.Column("guide_closed_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    # What the older shape cannot hold: readers of further languages go back to the first.
    op.execute("update person set language = 'id' where language not in ('id', 'en')")
    with op.batch_alter_table("person") as table:
        table.drop_column("guide_closed_at")
        table.create_check_constraint(op.f("ck_person_language_known"), "language in ('id', 'en')")
