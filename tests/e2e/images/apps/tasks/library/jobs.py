"""Tasks by which the tests see what a worker does.

Their names are ``jobs.NAME`` in every application. What they record is in the Redis of the result
backend, or, without one, of the broker, so ``redis-cli`` reads it.
"""

import functools
import os
import socket
import time

import celery
from celery import current_app, shared_task, signals

_worker = {"pool": None}


@signals.worker_init.connect
def _remember_pool(sender, **_):
    _worker["pool"] = sender.pool_cls.__module__.rpartition(".")[2]


@functools.cache
def store():
    """The Redis client that Celery itself uses, with its passwords, TLS and Sentinels."""
    backend = current_app.backend
    if hasattr(backend, "client"):
        return backend.client
    return current_app.connection_for_write().default_channel.client


@shared_task
def add(x, y):
    return x + y


@shared_task(bind=True)
def where(self):
    """What runs it, and which queue it came through."""
    delivery = self.request.delivery_info or {}
    return {
        "celery": celery.__version__,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "pool": _worker["pool"],
        "queue": delivery.get("routing_key"),
        "redelivered": delivery.get("redelivered"),
        "worker": self.request.hostname,
    }


@shared_task
def sleep(seconds):
    time.sleep(seconds)


@shared_task
def fail(message="failed as asked"):
    raise RuntimeError(message)


@shared_task
def burn(seconds):
    """Keep one CPU busy. Gives the rounds made."""
    rounds, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        rounds += 1
    return rounds


@shared_task
def eat(megabytes, seconds=0):
    """Hold so much memory for so long."""
    # Not zeros: the kernel gives a page that nobody wrote to no memory.
    held = b"x" * (megabytes * 1024 * 1024)
    time.sleep(seconds)
    return len(held)


@shared_task
def record(run, item, seconds=0):
    """Count starts and ends of an item in the hashes ``RUN:started`` and ``RUN:ended``."""
    store().hincrby(f"{run}:started", item, 1)
    time.sleep(seconds)
    store().hincrby(f"{run}:ended", item, 1)


@shared_task
def tick():
    """What beat sends: each one is a line in the list ``ticks``."""
    store().rpush("ticks", f"{time.time():.3f} {socket.gethostname()}")


def schedule(app):
    """Let beat send a tick every ten seconds, or ``TICK_SECONDS``."""
    app.conf.beat_schedule = {
        **(app.conf.beat_schedule or {}),
        "tick": {"task": "jobs.tick", "schedule": float(os.environ.get("TICK_SECONDS", "10"))},
    }
