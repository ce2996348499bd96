"""``plugin config``: a plugin.yaml that Argo CD reads, made from the table of parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from celery_kustomize.argocd.config import config_text
from celery_kustomize.argocd.parameters import PARAMETERS
from tests.unit.argocd.running import call

COMMANDS = ("generate", "discover", "parameters")


def config(folder: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(call(folder, "plugin", "config", *arguments).out)
    return found


def command(name: str) -> dict[str, list[str]]:
    return {"command": ["celery-kustomize", "plugin", name]}


def test_what_argo_cd_reads(tmp_path: Path) -> None:
    """Argo CD ignores keys that it does not know, so that a misspelt one has no effect."""
    found = config(tmp_path)
    spec = found.pop("spec")
    assert found == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ConfigManagementPlugin",
        "metadata": {"name": "celery-kustomize"},
    }
    static = spec["parameters"].pop("static")
    assert spec == {
        "generate": command("generate"),
        "discover": {"find": command("discover")},
        "parameters": {"dynamic": command("parameters")},
        "preserveFileMode": False,
        "provideGitCreds": False,
    }
    fields = {"name", "title", "tooltip", "required", "collectionType"}
    assert [set(item) for item in static] == [fields] * len(static)
    assert {item["collectionType"] for item in static} == {"string", "map"}


def test_every_parameter_is_announced_once(tmp_path: Path) -> None:
    static = [item["name"] for item in config(tmp_path)["spec"]["parameters"]["static"]]
    dynamic = [parameter.name for parameter in PARAMETERS if parameter.of_folder]
    assert sorted(static + dynamic) == sorted(parameter.name for parameter in PARAMETERS)


def test_without_discovery(tmp_path: Path) -> None:
    expected = config(tmp_path)
    del expected["spec"]["discover"]
    assert config(tmp_path, "--no-discovery") == expected


def test_its_commands_are_there(tmp_path: Path) -> None:
    for name in COMMANDS:
        assert call(tmp_path, "plugin", name, "--help").code == 0


def test_the_text_says_where_it_comes_from() -> None:
    assert config_text().startswith("# Made by `celery-kustomize plugin config`.\n")
