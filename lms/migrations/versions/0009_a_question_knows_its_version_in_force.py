"""a question knows its version in force"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("question", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    # What the newest version of its quiz asks, where there is one; else the newest there is.
    op.execute(
        "UPDATE question SET version = coalesce((SELECT v.number FROM question_version v"
        " JOIN quiz_item i ON i.question_version_id = v.id JOIN quiz_version qv ON qv.id = i.quiz_version_id"
        " JOIN quiz q ON q.id = qv.quiz_id AND q.version = qv.number WHERE v.question_id = question.id"
        " ORDER BY v.number DESC LIMIT 1), (SELECT max(v.number) FROM question_version v"
        " WHERE v.question_id = question.id), 1)"
    )


def downgrade() -> None:
    op.drop_column("question", "version")
