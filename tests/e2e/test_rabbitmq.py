"""examples/rabbitmq: a RabbitMQ over TLS with quorum queues, and a Redis for results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.application import Application
from tests.e2e.brokers import external_rabbitmq, external_redis
from tests.e2e.commands import wait_until

if TYPE_CHECKING:
    from tests.e2e.application import Client
    from tests.e2e.conftest import Render
    from tests.e2e.kubectl import Kubectl

_PASSWORD = "s3cret"


@pytest.fixture(scope="module")
def application(
    kubectl: Kubectl, render: Render, tmp_path_factory: pytest.TempPathFactory
) -> Application:
    authority = external_rabbitmq(kubectl, "messaging", tmp_path_factory.mktemp("pki"), _PASSWORD)
    external_redis(kubectl, "data", _PASSWORD)
    application = Application(kubectl, "orders")
    application.create_secret("orders-rabbitmq", password=_PASSWORD)
    application.create_secret("orders-redis", password=_PASSWORD)
    application.create_secret("orders-flower", basic_auth=f"admin:{_PASSWORD}")
    application.kubectl("create", "configmap", "messaging-ca", f"--from-file=ca.crt={authority}")
    application.apply(render("rabbitmq") / "orders" / "base")
    application.wait_ready()
    return application


@pytest.fixture(scope="module")
def client(application: Application) -> Client:
    return application.client("orders-worker-orders")


@pytest.mark.parametrize(("queue", "worker"), [("celery", "orders"), ("invoices", "invoices")])
def test_each_queue_has_its_worker_set(
    application: Application, client: Client, queue: str, worker: str
) -> None:
    results = client.call("jobs.where", count=10, queue=queue)
    assert {result["host"] for result in results} <= application.worker_pods(worker)


def test_queues_are_quorum_queues(kubectl: Kubectl) -> None:
    command = ("rabbitmqctl", "list_queues", "--vhost=orders", "--silent", "name", "type")
    said = kubectl("--namespace=messaging", "exec", "deployment/rabbitmq", "--", *command)
    assert {"celery\tquorum", "invoices\tquorum"} <= set(said.splitlines())


def test_flower_under_its_prefix(application: Application, client: Client) -> None:
    expected = application.worker_pods()
    url = "http://orders-flower:5555/flower/api/workers?refresh=1"

    def shown() -> set[str]:
        return {name.partition("@")[2] for name in client.get(url, f"admin:{_PASSWORD}")}

    wait_until(lambda: shown() == expected, f"{expected} in Flower", seconds=30, every=1)


def test_no_container_was_restarted(application: Application) -> None:
    assert application.restarts() == {}
