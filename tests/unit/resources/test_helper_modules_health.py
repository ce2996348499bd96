"""The files that workers and beat touch: with real processes, and with a clock of the test's."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.runtime.celery_python import PYTHON, environment, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_APP = """
from celery import Celery
app = Celery("shop", broker={broker!r})
app.conf.broker_connection_retry_on_startup = True
app.conf.broker_transport_options = {options!r}
app.conf.beat_schedule = {{"often": {{"task": "x", "schedule": 0.2}}}}
"""


@contextmanager
def _celery(folder: Path, broker: str, *args: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    options = {}
    if broker == "filesystem://":
        for name in ("data_folder_in", "data_folder_out", "control_folder"):
            options[name] = str(folder / "queue")
        (folder / "queue").mkdir()
    (folder / "shop.py").write_text(_APP.format(broker=broker, options=options))
    variables = environment(CELERY_KUSTOMIZE_HEALTH_DIR=str(folder), **env)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, "-m", "celery", "-A", "shop", *args],
            cwd=folder,
            env=variables,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _until(true: Callable[[], bool], folder: Path) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.05)


def _modified(file: Path) -> float:
    return file.stat().st_mtime if file.exists() else 0.0


def test_a_worker_is_ready_and_alive_until_it_stops(tmp_path: Path) -> None:
    alive, ready = tmp_path / "celery-worker-heartbeat", tmp_path / "celery-worker-ready"
    ready.touch()  # left by a container before
    options = ["-P", "solo", "-I", "celery_kustomize_heartbeat", "--without-heartbeat"]
    quick = ["--without-gossip", "--without-mingle"]
    with _celery(tmp_path, "filesystem://", "worker", *options, *quick) as worker:
        begun = time.time()
        _until(lambda: _modified(ready) > begun, tmp_path)
        assert _modified(alive) > begun
        first = _modified(alive)
        _until(lambda: _modified(alive) > first, tmp_path)  # the event loop turns
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
    assert not ready.exists()


def test_a_worker_without_its_broker_is_alive_but_not_ready(tmp_path: Path) -> None:
    alive, ready = tmp_path / "celery-worker-heartbeat", tmp_path / "celery-worker-ready"
    options = ["worker", "-P", "solo", "-I", "celery_kustomize_heartbeat"]
    with _celery(tmp_path, "amqp://127.0.0.1:1//", *options):
        _until(lambda: (tmp_path / "log").read_text().count("Cannot connect to") > 0, tmp_path)
        attempted = _modified(alive)
        _until(lambda: _modified(alive) > attempted, tmp_path)
        assert not ready.exists()


def test_beat_is_alive_at_every_tick(tmp_path: Path) -> None:
    alive = tmp_path / "celery-beat-heartbeat"
    with _celery(
        tmp_path, "filesystem://", "beat", "-S", "celery_kustomize_beat:Scheduler", "-s", "last"
    ):
        _until(lambda: (tmp_path / "queue").is_dir() and any(tmp_path.glob("queue/*")), tmp_path)
        ticked = _modified(alive)
        _until(lambda: _modified(alive) > ticked, tmp_path)


_STEP = """
import os, time, types
from pathlib import Path
import celery_kustomize_heartbeat as module
from celery import signals
from celery.concurrency.solo import TaskPool as Solo

class Pool:
    is_green = {green}

calls = []
timer = types.SimpleNamespace(call_after=lambda *call: calls.append(call))
consumer = types.SimpleNamespace(pool={pool}, timer=timer)
step = module.Health(consumer)
alive, ready = (Path(os.environ["CELERY_KUSTOMIZE_HEALTH_DIR"], "celery-worker-" + name)
                for name in ("heartbeat", "ready"))

def age(file):
    return round((time.time() - file.stat().st_mtime) / 10) * 10

def turn():
    seconds, call, args = calls.pop()
    call(*args)
    return seconds
"""


def _step(
    tmp_path: Path, code: str, pool: str = "Pool()", green: str = "False", **env: str
) -> object:
    variables = {"CELERY_KUSTOMIZE_HEALTH_DIR": str(tmp_path), **env}
    return evaluate(_STEP.format(pool=pool, green=green) + code, tmp_path, variables)


_PROBATION = """
step.start(consumer)
first = age(alive)
every = turn()
second = age(alive)
now = time.monotonic
time.monotonic = lambda: now() + 61
turn()
result = [first, every, second, age(alive), age(ready)]
"""


def test_a_hang_in_the_first_minute_is_seen_a_minute_later(tmp_path: Path) -> None:
    assert _step(tmp_path, _PROBATION) == [540, 2.0, 540, 0, 0]


def test_the_probe_s_age_is_taken_into_account(tmp_path: Path) -> None:
    stale = {"CELERY_KUSTOMIZE_STALE_AFTER": "120"}
    assert _step(tmp_path, _PROBATION, **stale) == [60, 2.0, 60, 0, 0]


@pytest.mark.parametrize("stale", ["60", "30"])
def test_a_short_age_needs_no_probation(tmp_path: Path, stale: str) -> None:
    result = _step(tmp_path, _PROBATION, CELERY_KUSTOMIZE_STALE_AFTER=stale)
    assert result == [0, 2.0, 0, 0, 0]


@pytest.mark.parametrize(("pool", "green"), [("Pool()", "True"), ("Solo()", "False")])
def test_pools_that_hold_up_the_loop_have_no_probation(
    tmp_path: Path, pool: str, green: str
) -> None:
    assert _step(tmp_path, _PROBATION, pool, green) == [0, 2.0, 0, 0, 0]


def test_a_lost_connection_ends_the_turns(tmp_path: Path) -> None:
    code = (
        "step.start(consumer)\nstep.stop(consumer)\nturn()\nresult = [ready.exists(), len(calls)]\n"
        "step.start(consumer)\nresult += [ready.exists(), len(calls)]"
    )
    assert _step(tmp_path, code) == [False, 0, True, 1]


def test_a_task_of_the_solo_pool_may_take_a_day(tmp_path: Path) -> None:
    code = (
        "step.start(consumer)\nsignals.task_prerun.send(sender=None)\n"
        "result = [age(alive), age(ready)]\nsignals.task_postrun.send(sender=None)\n"
        "result += [age(alive), age(ready)]"
    )
    assert _step(tmp_path, code, pool="Solo()") == [-86400, -86400, 0, 0]


def test_a_file_that_cannot_be_written_does_not_stop_the_worker(tmp_path: Path) -> None:
    code = "step.start(consumer)\nstep.stop(consumer)\nresult = alive.exists()"
    missing = str(tmp_path / "missing")
    assert (
        evaluate(
            _STEP.format(pool="Pool()", green="False") + code,
            tmp_path,
            {"CELERY_KUSTOMIZE_HEALTH_DIR": missing},
        )
        is False
    )


_SCHEDULER = """
from celery.beat import Scheduler as Base

class Own(Base):
    def tick(self, *args, **kwargs):
        return [args, kwargs]
"""

_TICK = """
import os
from pathlib import Path
from celery import Celery
from celery_kustomize_beat import Scheduler

file = Path(os.environ["CELERY_KUSTOMIZE_HEALTH_DIR"], "celery-beat-heartbeat")
file.unlink()
scheduler = Scheduler(Celery("shop"), lazy=True, max_interval=7)
base = Scheduler.__mro__[1]
result = [base.__module__ + ":" + base.__qualname__, scheduler.max_interval, file.exists()]
"""


def test_the_scheduler_is_persistent_by_default(tmp_path: Path) -> None:
    folder = {"CELERY_KUSTOMIZE_HEALTH_DIR": str(tmp_path)}
    assert evaluate(_TICK, tmp_path, folder) == ["celery.beat:PersistentScheduler", 7, False]


def test_the_named_scheduler_does_its_own(tmp_path: Path) -> None:
    (tmp_path / "schedulers.py").write_text(_SCHEDULER)
    variables = {
        "CELERY_KUSTOMIZE_HEALTH_DIR": str(tmp_path),
        "CELERY_KUSTOMIZE_SCHEDULER": "schedulers:Own",
    }
    code = f"{_TICK}\nresult += [scheduler.tick(1, x=2), file.exists()]"
    expected = ["schedulers:Own", 7, False, [[1], {"x": 2}], True]
    assert evaluate(code, tmp_path, variables) == expected


_HEART = """
from types import SimpleNamespace
import celery_kustomize_heartbeat
from celery import Celery, signals
from celery.worker import heartbeat

class Worker:
    app = Celery()

signals.worker_init.send(sender=Worker)
result = []
eventer = SimpleNamespace(
    enabled=True, on_enabled=set(), on_disabled=set(),
    send=lambda event, **options: result.append([event, options["retry"]]),
)
timer = SimpleNamespace(call_repeatedly=lambda _, call, arguments: call(*arguments))
heartbeat.Heart(timer, eventer).start()
"""


def test_heartbeat_events_do_not_wait_for_a_broker_that_is_gone(tmp_path: Path) -> None:
    folder = {"CELERY_KUSTOMIZE_HEALTH_DIR": str(tmp_path)}
    expected = [["worker-online", False], ["worker-heartbeat", False]]
    assert evaluate(_HEART, tmp_path, folder) == expected


_READING = """
import celery_kustomize_heartbeat
from celery import Celery, signals

class Worker:
    app = Celery(broker={broker!r})
    app.conf.broker_transport_options = {options!r}

signals.worker_init.send(sender=Worker)
result = Worker.app.conf.broker_transport_options
"""


@pytest.mark.parametrize(
    ("broker", "options", "expected"),
    [
        ("redis://redis", {}, {"socket_timeout": 10.0}),
        (
            "rediss://redis",
            {"priority_steps": [0]},
            {"socket_timeout": 10.0, "priority_steps": [0]},
        ),
        ("sentinel://redis", {"socket_timeout": 3}, {"socket_timeout": 3}),
        ("amqp://rabbitmq", {}, {}),
    ],
)
def test_reading_from_redis_ends(
    tmp_path: Path, broker: str, options: dict[str, object], expected: dict[str, object]
) -> None:
    folder = {"CELERY_KUSTOMIZE_HEALTH_DIR": str(tmp_path)}
    code = _READING.format(broker=broker, options=options)
    assert evaluate(code, tmp_path, folder) == expected
