"""Every page of quizzes on its blueprint: importing the modules binds them."""

from lms.quizzes.views import grading, handing_in, regrading, results, setting, taking
from lms.quizzes.views.blueprint import blueprint

__all__ = ["blueprint", "grading", "handing_in", "regrading", "results", "setting", "taking"]
