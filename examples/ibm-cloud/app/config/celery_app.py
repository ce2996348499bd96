"""The Celery application: ``celery -A config.celery_app worker``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
# Broker and result backend come from CELERY_BROKER_URL and CELERY_RESULT_BACKEND.
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
