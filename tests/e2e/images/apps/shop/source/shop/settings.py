import os

from celery.schedules import crontab

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only for tests")
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost").split(",")
ROOT_URLCONF = "shop.urls"
TIME_ZONE = "UTC"
USE_TZ = True

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.sessions", "shop"]
MIDDLEWARE = ["shop.web.health", "django.middleware.common.CommonMiddleware"]

# Each pod its own: only the migration uses it.
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/tmp/shop.sqlite3"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("DJANGO_LOG_LEVEL", "WARNING")},
}

CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "shop.tasks.send_receipt": {"queue": "emails"},
    "shop.tasks.report": {"queue": "reports"},
}
CELERY_BEAT_SCHEDULE = {
    "nightly report": {"task": "shop.tasks.report", "schedule": crontab(hour=3, minute=0)},
    "tick": {"task": "jobs.tick", "schedule": 10.0},
}
