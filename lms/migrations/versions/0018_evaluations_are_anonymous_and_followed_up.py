"""evaluations are anonymous for good, followed up, and stand beside action plans"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.db import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_questionnaire_changed_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_questionnaire_programme_id_programme"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("programme_id", "kind", name=op.f("pk_questionnaire")),
    )
    op.create_table(
        "action_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_action_plan_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_action_plan_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_plan")),
        sa.UniqueConstraint("batch_id", "person_id", name=op.f("uq_action_plan_batch_id_person_id")),
    )
    with op.batch_alter_table("action_plan") as table:
        table.create_index(table.f("ix_action_plan_person_id"), ["person_id"], unique=False)
    op.create_table(
        "evaluation_setting",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("days_open", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_evaluation_setting_batch_id_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_evaluation_setting")),
    )
    op.create_table(
        "action_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_action_note_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plan.id"], name=op.f("fk_action_note_plan_id_action_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_note")),
    )
    with op.batch_alter_table("action_note") as table:
        table.create_index(table.f("ix_action_note_plan_id"), ["plan_id"], unique=False)
    op.create_table(
        "action_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.CheckConstraint("percent between 0 and 100", name=op.f("ck_action_step_percent_is_one")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plan.id"], name=op.f("fk_action_step_plan_id_action_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_step")),
    )
    with op.batch_alter_table("action_step") as table:
        table.create_index(table.f("ix_action_step_plan_id"), ["plan_id"], unique=False)
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("instructor_id", sa.Integer(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'instructor') = (session_id is not null)", name=op.f("ck_survey_instructor_has_session")
        ),
        sa.CheckConstraint(
            "(month is not null) = (kind in ('alumnus', 'superior', 'peer'))", name=op.f("ck_survey_followup_has_month")
        ),
        sa.CheckConstraint(
            "kind in ('organiser', 'instructor', 'alumnus', 'superior', 'peer')", name=op.f("ck_survey_kind_known")
        ),
        sa.CheckConstraint("closes_at >= opens_at", name=op.f("ck_survey_closes_after_opening")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_survey_batch_id_batch"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["instructor_id"], ["person.id"], name=op.f("fk_survey_instructor_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_survey_session_id_live_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("key", name=op.f("uq_survey_key")),
    )
    with op.batch_alter_table("survey") as table:
        table.create_index(table.f("ix_survey_batch_id"), ["batch_id"], unique=False)
        table.create_index(table.f("ix_survey_instructor_id"), ["instructor_id"], unique=False)
        table.create_index(table.f("ix_survey_session_id"), ["session_id"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("answers", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_ballot_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ballot") as table:
        table.create_index(table.f("ix_ballot_survey_id"), ["survey_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["about_id"], ["person.id"], name=op.f("fk_invitation_about_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_invitation_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("survey_id", "about_id", "name", name=op.f("uq_invitation_survey_id_about_id_name")),
    )
    with op.batch_alter_table("invitation") as table:
        table.create_index(table.f("ix_invitation_about_id"), ["about_id"], unique=False)
        table.create_index(table.f("ix_invitation_person_id"), ["person_id"], unique=False)
    op.create_table(
        "turnout",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_turnout_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_turnout_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("survey_id", "person_id", name=op.f("pk_turnout")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("turnout") as table:
        table.create_index(table.f("ix_turnout_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("turnout") as table:
        table.drop_index(table.f("ix_turnout_person_id"))
    op.drop_table("turnout")
    with op.batch_alter_table("invitation") as table:
        table.drop_index(table.f("ix_invitation_person_id"))
        table.drop_index(table.f("ix_invitation_about_id"))
    op.drop_table("invitation")
    with op.batch_alter_table("ballot") as table:
        table.drop_index(table.f("ix_ballot_survey_id"))
    op.drop_table("ballot")
    with op.batch_alter_table("survey") as table:
        table.drop_index(table.f("ix_survey_session_id"))
        table.drop_index(table.f("ix_survey_instructor_id"))
        table.drop_index(table.f("ix_survey_batch_id"))
    op.drop_table("survey")
    with op.batch_alter_table("action_step") as table:
        table.drop_index(table.f("ix_action_step_plan_id"))
    op.drop_table("action_step")
    with op.batch_alter_table("action_note") as table:
        table.drop_index(table.f("ix_action_note_plan_id"))
    op.drop_table("action_note")
    op.drop_table("evaluation_setting")
    with op.batch_alter_table("action_plan") as table:
        table.drop_index(table.f("ix_action_plan_person_id"))
    op.drop_table("action_plan")
    op.drop_table("questionnaire")
