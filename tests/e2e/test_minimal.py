"""examples/minimal: one worker set, and a Redis that is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.application import Application
from tests.e2e.commands import wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import Render
    from tests.e2e.kubectl import Kubectl


@pytest.fixture(scope="module")
def application(kubectl: Kubectl, render: Render) -> Application:
    application = Application(kubectl, "minimal")
    application.apply_manifest("redis.yaml", PASSWORD="")
    application.apply(render("minimal") / "minimal" / "base")
    application.wait_ready()
    return application


def test_tasks_are_executed_once(application: Application) -> None:
    client = application.client("minimal-worker-default")
    client.send("jobs.record", "run", "{i}", count=20)

    def executed() -> list[str]:
        redis = ("exec", "deployment/redis", "--", "redis-cli", "hvals", "run:ended")
        return application.kubectl(*redis).split()

    wait_until(lambda: len(executed()) == 20, "20 tasks")
    assert set(executed()) == {"1"}


def test_no_container_was_restarted(application: Application) -> None:
    assert application.restarts() == {}
