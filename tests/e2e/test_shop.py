"""examples/shop: managed Redis, two worker sets, beat, Flower, web, migration and exporter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.application import Application
from tests.e2e.commands import CommandError, wait_until

if TYPE_CHECKING:
    from tests.e2e.application import Client
    from tests.e2e.conftest import Render
    from tests.e2e.kubectl import Kubectl

_PASSWORD = "s3cret"
_FLOWER = "http://shop-flower/api/workers?refresh=1"


@pytest.fixture(scope="module")
def application(kubectl: Kubectl, render: Render) -> Application:
    application = Application(kubectl, "shop")
    application.create_secret("shop-redis", redis_password=_PASSWORD)
    application.create_secret("shop-flower", basic_auth=f"admin:{_PASSWORD}")
    application.apply(render("shop") / "shop" / "base")
    application.wait_ready()
    return application


@pytest.fixture(scope="module")
def client(application: Application) -> Client:
    return application.client("shop-worker-default")


def ticks(application: Application) -> int:
    """How many tasks of beat were executed, by what they write into the database of results."""
    command = ("redis-cli", "-n", "1", "llen", "ticks")
    return int(application.kubectl("exec", "shop-redis-0", "--", *command))


@pytest.mark.parametrize(
    ("queue", "worker"), [("default", "default"), ("emails", "default"), ("reports", "reports")]
)
def test_each_queue_has_its_worker_set(
    application: Application, client: Client, queue: str, worker: str
) -> None:
    results = client.call("jobs.where", count=10, queue=queue)
    assert {result["host"] for result in results} <= application.worker_pods(worker)
    assert {result["queue"] for result in results} == {queue}


def test_settings_arrive(client: Client) -> None:
    script = "from shop.celery import app; print(app.conf.task_time_limit)"
    assert client.run("python", "-c", script) == "300\n"


def test_migration_is_complete(application: Application) -> None:
    [job] = application.objects("jobs")
    assert job["status"]["succeeded"] == 1


def test_web_enqueues_and_shows_the_result(client: Client) -> None:
    script = (Path(__file__).with_name("scripts") / "place_order.py").read_text(encoding="utf-8")
    assert json.loads(client.python(script)) == {"state": "SUCCESS", "result": 7}


def test_flower_shows_the_workers(application: Application, client: Client) -> None:
    expected = application.worker_pods()

    def shown() -> set[str]:
        return {name.partition("@")[2] for name in client.get(_FLOWER, f"admin:{_PASSWORD}")}

    wait_until(lambda: shown() == expected, f"{expected} in Flower", seconds=30, every=1)


def test_flower_wants_its_password(client: Client) -> None:
    with pytest.raises(CommandError, match="HTTP Error 401"):
        client.get(_FLOWER, "admin:wrong")


def test_beat_sends(application: Application) -> None:
    before = ticks(application)
    wait_until(lambda: ticks(application) > before, "a task from beat", seconds=30)


def test_exporter_sees_the_workers(application: Application, client: Client) -> None:
    script = (
        "import urllib.request\n"
        "answer = urllib.request.urlopen('http://shop-exporter:9808/metrics', timeout=10)\n"
        "print(answer.read().decode())\n"
    )
    expected = {f'celery_worker_up{{hostname="{pod}"}} 1.0' for pod in application.worker_pods()}
    wait_until(
        lambda: expected <= set(client.python(script).splitlines()),
        f"{expected} in the exporter's metrics",
        seconds=30,
        every=1,
    )


def test_no_container_was_restarted(application: Application) -> None:
    assert application.restarts() == {}
