"""Every page of quizzes on its blueprint: importing the modules binds them."""

from lms.quizzes.views import (
    bank,
    exporting,
    grading,
    handing_in,
    importing,
    line_outages,
    question_editor,
    quiz_editor,
    regrading,
    results,
    setting,
    taking,
)
from lms.quizzes.views.blueprint import blueprint

__all__ = [
    "bank", "blueprint", "exporting", "grading", "handing_in", "importing", "line_outages", "question_editor",
    "quiz_editor", "regrading", "results", "setting", "taking",
]  # fmt: skip
