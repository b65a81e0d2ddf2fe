"""The WSGI application, configured from the environment: `flask --app wsgi …`, `gunicorn wsgi:app`."""

from lms.app import create_app
from lms.settings import Settings

app = create_app(Settings.read())
