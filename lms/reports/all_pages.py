"""Every page and file of reports: importing this binds them all to the blueprint."""

from lms.reports import programme_views, trend_views
from lms.reports.views import blueprint

trend_views.register(blueprint)
programme_views.register(blueprint)

__all__ = ["blueprint"]
