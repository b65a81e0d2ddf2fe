"""quizzes are set per batch, graded and regraded, and made in the browser"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("quiz", sa.Column("made_here", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("question", sa.Column("archived_at", UTCDateTime(), nullable=True))
    op.add_column("attempt", sa.Column("drawn", _JSON, nullable=True))
    op.add_column("attempt", sa.Column("reached", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("attempt", sa.Column("ungraded", sa.Integer(), nullable=False, server_default="0"))
    # Said in SQL: with its constraint in the same statement SQLite need not copy the answers.
    op.execute(
        "ALTER TABLE answer ADD COLUMN key_version_id INTEGER"
        " CONSTRAINT fk_answer_key_version_id_question_version REFERENCES question_version (id)"
    )
    op.add_column("answer", sa.Column("ruling", sa.String(length=12), nullable=True))
    with op.batch_alter_table("extra_time", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.drop_constraint(op.f("ck_extra_time_minutes_sane"), type_="check")
        batch_op.create_check_constraint(op.f("ck_extra_time_minutes_sane"), "minutes between 0 and 1440")
        batch_op.create_check_constraint(op.f("ck_extra_time_attempts_sane"), "attempts between 0 and 20")
    op.create_table(
        "quiz_setting",
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=True),
        sa.Column("closes_at", UTCDateTime(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("overrides", _JSON, nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_quiz_setting_closes_after_opening")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_quiz_setting_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_quiz_setting_changed_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_setting_quiz_id_quiz"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("quiz_id", "batch_id", name=op.f("pk_quiz_setting")),
    )
    op.create_index(op.f("ix_quiz_setting_batch_id"), "quiz_setting", ["batch_id"])
    op.create_table(
        "question_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_question_draft_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_draft_question_id_question"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["person.id"], name=op.f("fk_question_draft_saved_by_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_draft")),
        sa.UniqueConstraint("question_id", name=op.f("uq_question_draft_question_id")),
    )
    op.create_index(op.f("ix_question_draft_course_id"), "question_draft", ["course_id"])
    op.create_table(
        "answer_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_answer_file_attempt_id_attempt"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["quiz_item.id"], name=op.f("fk_answer_file_item_id_quiz_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_file")),
        sa.UniqueConstraint("attempt_id", "item_id", "sha256", name=op.f("uq_answer_file_attempt_id_item_id_sha256")),
    )
    op.create_table(
        "grading",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("given", _JSON, nullable=False),
        sa.Column("earned", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("graded_by", sa.Integer(), nullable=True),
        sa.Column("graded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_grading_attempt_id_attempt"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["graded_by"], ["person.id"], name=op.f("fk_grading_graded_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["quiz_item.id"], name=op.f("fk_grading_item_id_quiz_item")),
        sa.PrimaryKeyConstraint("attempt_id", "item_id", name=op.f("pk_grading")),
    )
    op.create_table(
        "regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rulings", _JSON, nullable=False),
        sa.Column("changes", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_regrade_batch_id_batch"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_regrade_by_id_person"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_regrade_quiz_id_quiz"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    op.create_index("ix_regrade_quiz_batch", "regrade", ["quiz_id", "batch_id"])


def downgrade() -> None:
    for table in ("regrade", "grading", "answer_file", "question_draft", "quiz_setting"):
        op.drop_table(table)
    # What gave only attempts has no place in the older table.
    op.execute("DELETE FROM extra_time WHERE minutes = 0")
    with op.batch_alter_table("extra_time", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_extra_time_attempts_sane"), type_="check")
        batch_op.drop_constraint(op.f("ck_extra_time_minutes_sane"), type_="check")
        batch_op.create_check_constraint(op.f("ck_extra_time_minutes_sane"), "minutes between 1 and 1440")
        batch_op.drop_column("attempts")
    # The foreign key goes with its column.
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_column("ruling")
        batch_op.drop_column("key_version_id")
    for column in ("ungraded", "reached", "drawn"):
        op.drop_column("attempt", column)
    op.drop_column("question", "archived_at")
    op.drop_column("quiz", "made_here")
