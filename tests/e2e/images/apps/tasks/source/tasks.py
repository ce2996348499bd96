"""The application of examples/minimal: no settings of its own but what beat sends."""

import jobs
from celery import Celery

app = Celery("tasks")
jobs.schedule(app)
