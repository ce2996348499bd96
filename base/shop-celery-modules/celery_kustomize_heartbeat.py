"""Files that show the health of a Celery worker, for probes that start no Python.

Given to the worker with ``-I celery_kustomize_heartbeat``. In the folder
``CELERY_KUSTOMIZE_HEALTH_DIR`` (default ``/tmp``):

- ``celery-worker-heartbeat`` is touched every two seconds while the worker's event loop turns, and
  whenever the consumer logs something, above all each failed attempt to reach the broker (at most
  32 seconds apart). So a broker that is down does not make the file old; a worker that hangs does.
- ``celery-worker-ready`` is touched along with it while the worker consumes, and removed when the
  connection is lost or the worker stops.

A worker that hangs within a minute of connecting is noticed a minute later: until then the first
file is dated back so that ``CELERY_KUSTOMIZE_STALE_AFTER`` seconds (default 600), the age at which
the probe fails, are nearly over. Not for pools that run tasks in the event loop's thread: gevent
and eventlet may starve it, and solo stops it, so there both files are dated a day ahead while a
task runs.

Celery's own heartbeat events no longer wait for a broker that is gone. They did so in the event
loop, for ever: a worker whose Redis went away just before one was due heard no SIGTERM, since kombu
tries again without asking whether to stop (seen with Celery 5.7.0). What cannot be sent now goes
out when the connection is there again.

Reading from Redis ends after ten seconds (``socket_timeout`` in ``broker_transport_options``,
unless the application sets one). Without that, kombu's event loop may wait for ever for an answer
that does not come: seen with Celery 5.5.3 where workers and Redis start together, a worker that
says "ready" and is deaf to tasks and to SIGTERM, in ``_brpop_read``. kombu asks Redis for a second
at a time, so nothing that works takes that long; the worker connects anew.

It does not depend on the events: ``--without-heartbeat``, ``--without-gossip``
and ``--without-mingle`` are fine. It sends nothing. Seen on Redis with Celery 5.3.6, 5.5.3 and
5.7.0, each with the prefork, gevent, eventlet, threads and solo pools: age at most 2 seconds while
idle and busy (gevent and eventlet: as long as a task that never yields), 16 seconds in an outage
of 75 seconds, ready again with the connection.

Needs only Celery (5.2 or newer) and Python 3.8.
"""

# mypy: disable-error-code="import-untyped, misc, untyped-decorator"

from __future__ import annotations

import contextlib
import logging
import os
import time
from pathlib import Path
from typing import Any

from celery import bootsteps, signals
from celery.concurrency.solo import TaskPool as SoloPool
from celery.worker import heartbeat

__all__ = ["FOLDER", "Health", "Heart", "SignOfLife", "touch"]

FOLDER = Path(os.environ.get("CELERY_KUSTOMIZE_HEALTH_DIR") or "/tmp")  # noqa: S108
_ALIVE = FOLDER / "celery-worker-heartbeat"
_READY = FOLDER / "celery-worker-ready"

_STALE_AFTER = float(os.environ.get("CELERY_KUSTOMIZE_STALE_AFTER") or 600)
_REDIS = ("redis:", "rediss:", "sentinel:")
_SOCKET_TIMEOUT = 10.0
_INTERVAL = 2.0
_PROBATION = 60.0
_DAY = 86400.0

_logger = logging.getLogger(__name__)


def touch(path: Path, ahead: float = 0.0) -> None:
    """Date a file now, or so many seconds ahead. Only logs when that fails."""
    when = time.time() + ahead
    try:
        path.touch()
        os.utime(path, (when, when))
    except OSError as error:
        _logger.error("Cannot touch %s for the health check: %s", path, error)


class Heart(heartbeat.Heart):
    """Celery's timer of heartbeat events, with each sent once or kept for later."""

    def _send(self, event: str, retry: bool = False) -> Any:
        return super()._send(event, retry=retry)


class SignOfLife(logging.Filter):
    """Touches a file at each record of a logger, and lets the record pass."""

    def __init__(self, path: Path) -> None:
        """Take the file's path."""
        super().__init__()
        self._path = path

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        """Touch the file."""
        touch(self._path)
        return True


class Health(bootsteps.StartStopStep):
    """Consumer step: touches the files from the worker's event loop."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        """Take note of the pool."""
        super().__init__(consumer, **kwargs)
        solo = isinstance(consumer.pool, SoloPool)
        self._separate = not (solo or consumer.pool.is_green)
        self._turn = 0
        self._probation_ends = 0.0
        if solo:
            signals.task_prerun.connect(self._before_task, weak=False)
            signals.task_postrun.connect(self._after_task, weak=False)

    def start(self, consumer: Any) -> None:
        """Begin, once connected: also after each reconnection."""
        self._probation_ends = time.monotonic() + _PROBATION if self._separate else 0.0
        self._beat(consumer, self._turn)

    def stop(self, consumer: Any) -> None:  # noqa: ARG002
        """End, when the connection is lost or the worker stops."""
        # Not by cancelling the timer's entry: those of gevent and eventlet repeat nevertheless.
        self._turn += 1
        touch(_ALIVE)
        _not_ready()

    def _beat(self, consumer: Any, turn: int) -> None:
        if turn != self._turn:
            return
        on_probation = time.monotonic() < self._probation_ends
        touch(_ALIVE, ahead=min(0.0, _PROBATION - _STALE_AFTER) if on_probation else 0.0)
        touch(_READY)
        consumer.timer.call_after(_INTERVAL, self._beat, (consumer, turn))

    def _before_task(self, **_: Any) -> None:
        touch(_ALIVE, ahead=_DAY)
        touch(_READY, ahead=_DAY)

    def _after_task(self, **_: Any) -> None:
        touch(_ALIVE)
        touch(_READY)


def _not_ready() -> None:
    with contextlib.suppress(OSError):
        _READY.unlink()


def _limit_reading(app: Any) -> None:
    url = app.conf.broker_read_url or app.conf.broker_url or ""
    first = url if isinstance(url, str) else next(iter(url), "")
    if first.startswith(_REDIS):
        # What the loader beside this module sets cannot be replaced, but added to.
        options = app.conf.broker_transport_options or {}
        options.setdefault("socket_timeout", _SOCKET_TIMEOUT)
        app.conf.broker_transport_options = options


@signals.worker_init.connect
def _on_worker_init(sender: Any, **_: Any) -> None:
    heartbeat.Heart = Heart
    _limit_reading(sender.app)
    sender.app.steps["consumer"].add(Health)
    logging.getLogger("celery.worker.consumer.consumer").addFilter(SignOfLife(_ALIVE))
    touch(_ALIVE)
    _not_ready()
