"""The application for gunicorn: `gunicorn --preload wsgi:app`. Settings come from `DATELINE_*` variables."""

import logging

from api import create_app
from search import logs
from search.settings import Settings

settings = Settings.from_environ()
if not logging.getLogger(logs.ROOT).hasHandlers():  # `dateline serve` has configured logging before
    logs.configure(settings.log, logging.INFO)
    logs.share_format("gunicorn.error")
app = create_app(settings)
app.log_start()
