"""The project: settings, addresses, and the Celery application."""

# So that `.delay()` in the web pods finds the same application as the workers.
from config.celery_app import app

__all__ = ["app"]
