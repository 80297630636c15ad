"""What gunicorn serves: `gunicorn wsgi:app`. Settings come from `DATELINE_*` variables."""

from api import create_app

app = create_app()
