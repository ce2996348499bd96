"""How Celery settings reach the containers: Loader, CommandLine, File."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.unit.resources.rendering import Rendering, rendering

VALUES = "{task_acks_late: true, task_time_limit: 300, task_default_queue: main}"
COMPONENTS = """
workers: [{name: a}]
beat: {}
flower: {}
web: {command: [gunicorn], args: [-b, x]}
migration: {command: [migrate]}
"""
NAMES = ["worker-a", "beat", "flower", "web", "migrate"]
RUN = ["sh", "/etc/celery-kustomize/modules/run.sh"]


def of(delivery: str, values: str = VALUES, more: str = COMPONENTS) -> Rendering:
    return rendering(f"config: {{delivery: {delivery}, values: {values}}}\n{more}")


def maps(found: Rendering) -> list[str]:
    return [generator.name for generator in found.folder.config_maps]


def mounts(found: Rendering, name: str) -> dict[str, str]:
    items = found.container(name).get("volumeMounts", [])
    return {item["name"]: item["mountPath"] for item in items}


@pytest.mark.parametrize("component", NAMES)
def test_the_loader_reaches_everything_that_runs_the_application(component: str) -> None:
    found, name = of("Loader"), f"shop-{component}"
    assert found.env(name)["CELERY_KUSTOMIZE_SETTINGS"] == "/etc/celery-kustomize/settings"
    assert mounts(found, name) == {
        "celery-modules": "/etc/celery-kustomize/modules",
        "celery-config": "/etc/celery-kustomize/settings",
        **({"schedule": "/var/lib/celery-beat"} if component == "beat" else {}),
    }
    assert found.container(name)["command"] == RUN
    volumes = {volume["name"]: volume for volume in found.pod(name)["volumes"]}
    assert volumes["celery-config"]["configMap"] == {"name": "shop-celery-config"}
    assert volumes["celery-modules"]["configMap"] == {"name": "shop-celery-modules"}


def test_the_components_own_command_stays_whole_behind_the_script() -> None:
    assert of("Loader").container("shop-web")["args"] == ["gunicorn", "-b", "x"]


def test_the_images_python_path_is_not_replaced() -> None:
    found = of("Loader")
    for component in NAMES:
        assert "PYTHONPATH" not in found.env(f"shop-{component}")
    assert "PYTHONPATH:+" in found.config_map("shop-celery-modules")["run.sh"]


def test_the_loader_reads_a_key_for_each_setting() -> None:
    data = of("Loader", "{task_acks_late: true, a: main, b: '5', c: [x, 1], d: {e: null, f: 1.5}}")
    found = data.config_map("shop-celery-config")
    assert list(found) == sorted(found)
    assert dict(found) == {
        "task_acks_late": "true",
        "a": "main",
        "b": '"5"',
        "c": '["x", 1]',
        "d": '{"f": 1.5}',
    }


def test_what_broker_and_backend_need_travels_with_the_settings() -> None:
    found = rendering(
        """
        config: {values: {task_acks_late: true}}
        broker: {redis: {host: h}, transportOptions: {visibility_timeout: 5}}
        workers: [{name: a}]
        """
    )
    assert json.loads(found.config_map("shop-celery-config")["broker_transport_options"]) == {
        "visibility_timeout": 5
    }


@pytest.mark.parametrize("delivery", ["Loader", "CommandLine"])
def test_without_settings_nothing_is_delivered(delivery: str) -> None:
    found = of(delivery, "{}")
    assert "shop-celery-config" not in maps(found)
    assert "CELERY_KUSTOMIZE_SETTINGS" not in found.env("shop-web")
    assert found.container("shop-web")["command"] == ["gunicorn"]


def test_the_command_line_reaches_workers_and_beat_only() -> None:
    found = of("CommandLine")
    tail = ["--", "task_acks_late=true", "task_default_queue=main", "task_time_limit=300"]
    assert found.command_line("shop-worker-a")[-4:] == tail
    assert found.command_line("shop-beat")[-4:] == tail
    for component in ("flower", "web", "migrate"):
        assert "--" not in found.command_line(f"shop-{component}")
    assert "shop-celery-config" not in maps(found)
    for component in NAMES:
        assert "CELERY_KUSTOMIZE_SETTINGS" not in found.env(f"shop-{component}")


def test_args_of_the_user_come_before_the_settings() -> None:
    found = of("CommandLine", "{task_time_limit: 5}", "workers: [{name: a, args: [-X, q]}]")
    assert found.command_line("shop-worker-a")[-4:] == ["-X", "q", "--", "task_time_limit=5"]


@pytest.mark.parametrize("component", NAMES)
def test_the_file_is_mounted_and_named_in_the_environment(component: str) -> None:
    found, name = of("File"), f"shop-{component}"
    assert found.env(name)["CELERY_CONFIG"] == "/etc/celery/config.yaml"
    mount = {
        "name": "celery-config",
        "mountPath": "/etc/celery/config.yaml",
        "subPath": "config.yaml",
        "readOnly": True,
    }
    assert mount in found.container(name)["volumeMounts"]


def test_the_file_holds_the_settings() -> None:
    text = of("File").config_map("shop-celery-config")["config.yaml"]
    found = yaml.safe_load(text)
    assert {"task_acks_late": True, "task_time_limit": 300}.items() <= found.items()


def test_helper_modules_come_with_what_uses_them() -> None:
    assert maps(rendering("workers: [{name: a, healthCheck: {type: None}}]")) == []
    heartbeat = rendering("workers: [{name: a}]").config_map("shop-celery-modules")
    assert {"run.sh", "celery_kustomize_heartbeat.py"} <= set(heartbeat)
    beat = rendering("beat: {}").config_map("shop-celery-modules")
    assert {"run.sh", "celery_kustomize_beat.py", "celery_kustomize_heartbeat.py"} <= set(beat)


def test_a_worker_sets_own_command_finds_the_loader_too() -> None:
    found = rendering(
        f"app: null\nconfig: {{values: {VALUES}}}\nworkers: [{{name: a, command: [run, me]}}]"
    )
    assert found.container("shop-worker-a")["command"] == RUN
    assert found.container("shop-worker-a")["args"] == ["run", "me"]
