"""Every page of courses on its blueprint: importing the modules binds them."""

from lms.courses.views import course_editor, handing_out, module_editor, reading
from lms.courses.views.blueprint import blueprint

__all__ = ["blueprint", "course_editor", "handing_out", "module_editor", "reading"]
