"""examples/shop: managed Redis, two worker sets, beat, Flower, web, migration and exporter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.application import Application
from tests.e2e.commands import CommandError, wait_until
from tests.e2e.probe import Probe

if TYPE_CHECKING:
    from tests.e2e.application import Client
    from tests.e2e.conftest import Render
    from tests.e2e.kubectl import Kubectl

_PASSWORD = "s3cret"
_PART_OF_SHOP = {"app.kubernetes.io/name": "shop"}
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


def start_probe(kubectl: Kubectl, namespace: str, labels: dict[str, str]) -> Probe:
    kubectl.create_namespace(namespace)
    probe = Probe(kubectl, namespace, "insider" if labels else "outsider", labels)
    probe.wait()
    return probe


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


def test_exporter_sees_the_workers(kubectl: Kubectl, application: Application) -> None:
    script = (
        "import urllib.request\n"
        f"url = 'http://shop-exporter.{application.namespace}:9808/metrics'\n"
        "print(urllib.request.urlopen(url, timeout=10).read().decode())\n"
    )
    prometheus = start_probe(kubectl, "monitoring", {})
    expected = {f'celery_worker_up{{hostname="{pod}"}} 1.0' for pod in application.worker_pods()}
    wait_until(
        lambda: expected <= set(prometheus.python(script).splitlines()),
        f"{expected} in the exporter's metrics",
        seconds=30,
        every=1,
    )


@pytest.mark.parametrize(
    ("namespace", "labels", "reached"),
    [
        ("elsewhere", {}, {"flower", "web"}),
        ("elsewhere", _PART_OF_SHOP, {"flower", "web"}),
        ("shop", {}, {"flower", "web"}),
        ("shop", _PART_OF_SHOP, {"flower", "web", "redis"}),
        ("keda", {}, {"flower", "web", "redis"}),
        ("monitoring", {}, {"flower", "web", "exporter"}),
    ],
)
def test_network_policies_hold(
    kubectl: Kubectl,
    application: Application,
    namespace: str,
    labels: dict[str, str],
    reached: set[str],
) -> None:
    """A cluster has to enforce them; see CONTRIBUTING.md for those that do not."""
    services = {"exporter": 9808, "flower": 80, "redis": 6379, "web": 80}
    addresses = {
        f"tcp:shop-{name}.{application.namespace}:{port}": name for name, port in services.items()
    }
    expected = {address for address, name in addresses.items() if name in reached}
    probe = start_probe(kubectl, namespace, labels)
    wait_until(lambda: probe.reached(*addresses) == expected, f"{expected}", seconds=30)


def test_no_container_was_restarted(application: Application) -> None:
    assert application.restarts() == {}
