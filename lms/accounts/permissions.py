"""Who may do what: the one vocabulary of actions and the one table role → permissions."""

from enum import StrEnum


class Permission(StrEnum):
    """An action on a thing, `thing:action`. Alphabetical."""

    ACTION_PLAN_READ = "action_plan:read"
    ATTENDANCE_OWN = "attendance:own"
    BATCH_EDIT = "batch:edit"
    BATCH_READ = "batch:read"
    CERTIFICATE_ISSUE = "certificate:issue"
    CERTIFICATE_OWN = "certificate:own"
    CERTIFICATE_READ = "certificate:read"
    COURSE_CREATE = "course:create"
    COURSE_EDIT = "course:edit"
    COURSE_PUBLISH = "course:publish"
    COURSE_READ = "course:read"
    DELEGATION_EDIT = "delegation:edit"
    DELEGATION_OWN = "delegation:own"
    DELEGATION_READ = "delegation:read"
    DELEGATION_SCORE = "delegation:score"
    ENROLMENT_EDIT = "enrolment:edit"
    EVALUATION_ANSWER = "evaluation:answer"
    EVALUATION_OPEN = "evaluation:open"
    EVALUATION_RESULTS = "evaluation:results"
    EVALUATION_TAUGHT = "evaluation:taught"
    HOME_READ = "home:read"
    HOURS_EDIT = "hours:edit"
    HOURS_OWN = "hours:own"
    HOURS_READ = "hours:read"
    PEOPLE_EDIT = "people:edit"
    PEOPLE_READ = "people:read"
    PROGRAMME_EDIT = "programme:edit"
    PROGRAMME_READ = "programme:read"
    PULSE_ANSWER = "pulse:answer"
    PULSE_ASK = "pulse:ask"
    QUIZ_EDIT = "quiz:edit"
    QUIZ_RESULTS = "quiz:results"
    QUIZ_TAKE = "quiz:take"
    REGISTER_CORRECT = "register:correct"
    REGISTER_EXPORT = "register:export"
    REGISTER_READ = "register:read"
    REGISTER_SIGN = "register:sign"
    REPORT_READ = "report:read"
    SELF_EDIT = "self:edit"
    SESSION_ATTEND = "session:attend"
    SESSION_MODERATE = "session:moderate"
    SESSION_READ = "session:read"
    SESSION_SCHEDULE = "session:schedule"
    SITE_ADMINISTER = "site:administer"
    UNIT_EDIT = "unit:edit"


class Role(StrEnum):
    """What a grant makes somebody, within the grant's scope."""

    ADMIN = "admin"
    COORDINATOR = "coordinator"
    INSTRUCTOR = "instructor"
    TRAINEE = "trainee"
    UNIT_HEAD = "unit_head"


class ScopeKind(StrEnum):
    """What a grant reaches; `EVERYTHING` has no id."""

    BATCH = "batch"
    COURSE = "course"
    EVERYTHING = "everything"
    UNIT = "unit"


P = Permission

# What everybody may who can sign in, also before the first grant (invited, not yet enrolled).
# Certificates and hours stay their holder's when she has left every batch.
# Whoever is asked onto a panel may score, whatever else she may; the seat itself is what the guard looks for.
EVERYONE = frozenset(
    {
        P.CERTIFICATE_OWN,
        P.DELEGATION_SCORE,
        P.HOME_READ,
        P.HOURS_OWN,
        P.SELF_EDIT,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.TRAINEE: EVERYONE
    | {
        P.ATTENDANCE_OWN,
        P.BATCH_READ,
        P.COURSE_READ,
        P.EVALUATION_ANSWER,
        P.PROGRAMME_READ,
        P.PULSE_ANSWER,
        P.DELEGATION_OWN,
        P.DELEGATION_READ,
        P.QUIZ_TAKE,
        P.SESSION_ATTEND,
        P.SESSION_READ,
    },
    Role.INSTRUCTOR: EVERYONE
    | {
        P.BATCH_READ,
        P.COURSE_CREATE,
        P.COURSE_EDIT,
        P.COURSE_PUBLISH,
        P.COURSE_READ,
        P.DELEGATION_READ,
        P.EVALUATION_TAUGHT,
        P.PROGRAMME_READ,
        P.PULSE_ASK,
        P.QUIZ_EDIT,
        P.QUIZ_RESULTS,
        P.REGISTER_READ,
        P.SESSION_ATTEND,
        P.SESSION_MODERATE,
        P.SESSION_READ,
        P.SESSION_SCHEDULE,
    },
    Role.COORDINATOR: EVERYONE
    | {
        P.ACTION_PLAN_READ,
        P.BATCH_EDIT,
        P.BATCH_READ,
        P.CERTIFICATE_ISSUE,
        P.CERTIFICATE_READ,
        P.COURSE_READ,
        P.DELEGATION_EDIT,
        P.DELEGATION_READ,
        P.ENROLMENT_EDIT,
        P.EVALUATION_OPEN,
        P.EVALUATION_RESULTS,
        P.HOURS_EDIT,
        P.HOURS_READ,
        P.PEOPLE_EDIT,
        P.PEOPLE_READ,
        P.PROGRAMME_EDIT,
        P.PROGRAMME_READ,
        P.PULSE_ASK,
        P.QUIZ_RESULTS,
        P.REGISTER_CORRECT,
        P.REGISTER_EXPORT,
        P.REGISTER_READ,
        P.REGISTER_SIGN,
        P.REPORT_READ,
        P.SESSION_ATTEND,
        P.SESSION_MODERATE,
        P.SESSION_READ,
        P.SESSION_SCHEDULE,
    },
    # Answers for her unit's people: reads where they stand, changes nothing and sees nobody else.
    Role.UNIT_HEAD: EVERYONE | {P.REPORT_READ},
    Role.ADMIN: frozenset(Permission)
    - {
        P.ATTENDANCE_OWN,
        P.DELEGATION_OWN,
        P.EVALUATION_ANSWER,
        P.EVALUATION_TAUGHT,
        P.PULSE_ANSWER,
        P.QUIZ_TAKE,
    },
}

# A coordinator limited to her units sees and corrects her units' people; these acts concern the whole
# batch and therefore cannot come from a grant on a unit.
BEYOND_A_UNIT = frozenset(
    {
        P.BATCH_EDIT,
        P.CERTIFICATE_ISSUE,
        P.DELEGATION_EDIT,
        P.EVALUATION_OPEN,
        P.EVALUATION_RESULTS,
        P.PROGRAMME_EDIT,
        P.PULSE_ASK,
        P.QUIZ_RESULTS,
        P.REGISTER_SIGN,
        P.SESSION_SCHEDULE,
        P.SESSION_MODERATE,
        P.UNIT_EDIT,
    }
)

# Permissions that reach only the asker's own rows of a model that belongs to a person.
PERSONAL = frozenset(
    {
        P.ATTENDANCE_OWN,
        P.CERTIFICATE_OWN,
        P.DELEGATION_OWN,
        P.DELEGATION_SCORE,
        P.HOURS_OWN,
        P.QUIZ_TAKE,
        P.SELF_EDIT,
    }
)
