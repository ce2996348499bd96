"""The managed Redis: one instance, its password nowhere but in the Secret."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.resources.rendering import Rendering, rendering

PASSWORD = "passwordFrom: {secretKeyRef: {name: shop-redis, key: password}}"


def of(more: str = "", outside: str = "") -> Rendering:
    return rendering(f"redis: {{{PASSWORD}{more}}}\n{outside}")


def configuration(found: Rendering) -> list[str]:
    return found.config_map("shop-redis-config")["redis.conf"].splitlines()


def test_objects() -> None:
    found = of()
    assert found.kinds("shop-redis") == ["StatefulSet", "Service"]
    headless = found("Service", "shop-redis-headless")
    assert headless["spec"]["clusterIP"] == "None"
    spec = found("StatefulSet", "shop-redis")["spec"]
    assert spec["replicas"] == 1
    assert spec["serviceName"] == "shop-redis-headless"
    for name in ("shop-redis", "shop-redis-headless"):
        assert found("Service", name)["spec"]["selector"] == spec["selector"]["matchLabels"]


def test_the_password_is_neither_an_argument_nor_in_the_configuration() -> None:
    found = of()
    container = found.container("shop-redis")
    assert found.env("shop-redis") == {
        "REDISCLI_AUTH": {"secretKeyRef": {"name": "shop-redis", "key": "password"}}
    }
    assert container["command"][:2] == ["sh", "-c"]
    script = container["command"][2]
    # Through standard input; `exec`, so that the server is process 1 and gets SIGTERM.
    assert script.startswith("exec redis-server - <<EOF\n")
    assert 'requirepass "$REDISCLI_AUTH"' in script
    assert "args" not in container
    assert not any("requirepass" in line for line in configuration(found))


def test_configuration() -> None:
    assert configuration(of()) == [
        "port 6379",
        "dir /data",
        "appendonly yes",
        'save ""',
        "maxmemory-policy noeviction",
    ]
    assert configuration(of(", appendOnly: false, maxMemoryPolicy: allkeys-lru")) == [
        "port 6379",
        "dir /data",
        "appendonly no",
        "maxmemory-policy allkeys-lru",
    ]


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ("resources: {limits: {memory: 1Gi}}", "maxmemory 768mb"),
        ("resources: {limits: {memory: 500M}}", "maxmemory 375000000"),
        ("resources: {limits: {memory: 1000}}", "maxmemory 750"),
        ("maxMemory: 512Mi", "maxmemory 512mb"),
        ("maxMemory: 2G, resources: {limits: {memory: 8Gi}}", "maxmemory 2000000000"),
    ],
)
def test_max_memory(fields: str, line: str) -> None:
    assert line in configuration(of(f", {fields}"))


def test_a_request_is_no_limit() -> None:
    lines = configuration(of(", resources: {requests: {memory: 1Gi}}"))
    assert not any(line.startswith("maxmemory ") for line in lines)


def test_storage() -> None:
    assert {"name": "data", "emptyDir": {}} in of().pod("shop-redis")["volumes"]
    claimed = of(", storage: {size: 10Gi, storageClassName: fast}")
    (template,) = claimed("StatefulSet", "shop-redis")["spec"]["volumeClaimTemplates"]
    assert template["metadata"] == {"name": "data"}
    assert template["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "10Gi"}},
    }
    assert all(volume["name"] != "data" for volume in claimed.pod("shop-redis")["volumes"])


def test_an_existing_claim() -> None:
    found = of(", storage: {existingClaim: old}")
    assert "volumeClaimTemplates" not in found("StatefulSet", "shop-redis")["spec"]
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "old"}}
    assert volume in found.pod("shop-redis")["volumes"]


@pytest.mark.parametrize(
    ("fields", "outside", "image"),
    [
        ("", "", "redis:7.4"),
        (", version: '8.0'", "", "redis:8.0"),
        (", image: 'valkey/valkey:8'", "", "valkey/valkey:8"),
        ("", "registryMirror: m.example.com/x", "m.example.com/x/library/redis:7.4"),
        (", image: 'own/redis:1'", "registryMirror: m.example.com/x", "own/redis:1"),
    ],
)
def test_image(fields: str, outside: str, image: str) -> None:
    assert of(fields, outside).container("shop-redis")["image"] == image


def test_arguments_follow_the_configuration() -> None:
    container = of(", args: [--loglevel, debug]").container("shop-redis")
    assert 'exec redis-server - "$@" <<EOF' in container["command"][2]
    assert container["command"][3] == "--"
    assert container["args"] == ["--loglevel", "debug"]


def test_a_command_of_its_own() -> None:
    container = of(", command: [redis-server], args: [x]").container("shop-redis")
    assert (container["command"], container["args"]) == (["redis-server"], ["x"])


def test_name() -> None:
    found = of(", name: cache", "broker: {managedRedis: {}}\nworkers: [{name: a}]")
    assert ("StatefulSet", "cache") in found.objects
    assert ("Service", "cache") in found.objects
    assert "redis.conf" in found.config_map("cache-config")
    assert found.env("shop-worker-a")["CELERY_BROKER_URL"].endswith("@cache:6379/0")


def test_probes_tell_loading_from_dead() -> None:
    container = of().container("shop-redis")

    def command(probe: str) -> Any:
        return container[probe]["exec"]["command"]

    assert command("livenessProbe") == ["redis-cli", "ping"]
    assert "PONG" in command("readinessProbe")[2]
