"""deploy/: what stands there works, together and with the plugin."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.argocd.running import call, generate, objects

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
REPO_SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: argocd-repo-server}
spec:
  template:
    spec:
      containers: [{name: argocd-repo-server, image: argocd}]
      volumes: [{name: tmp, emptyDir: {}}, {name: var-files, emptyDir: {}},
                {name: plugins, emptyDir: {}}]
"""


def load(path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / path).read_text())
    return found


def kustomize(folder: Path) -> list[Any]:
    command = [os.environ["CELERY_KUSTOMIZE_BIN"], "build", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return objects(done.stdout)


# --- the sidecar ---------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path) -> list[Any]:
    """An Argo CD of a repo-server alone, with the component and defaults of its own."""
    (tmp_path / "argocd").mkdir()
    component = os.path.relpath(DEPLOY / "component", tmp_path / "argocd")
    (tmp_path / "argocd" / "install.yaml").write_text(REPO_SERVER)
    (tmp_path / "argocd" / "defaults.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: celery-kustomize-defaults}\n"
        "data: {defaults.yaml: mine}\n"
    )
    (tmp_path / "argocd" / "kustomization.yaml").write_text(
        f"namespace: argocd\nresources: [install.yaml]\ncomponents: [{component}]\n"
        "images: [{name: celery-kustomize, newName: registry.example.com/celery-kustomize}]\n"
        "patches: [{path: defaults.yaml}]\n"
    )
    return kustomize(tmp_path / "argocd")


def test_the_component_adds_a_sidecar_that_argo_cd_can_use(installed: list[Any]) -> None:
    config_map, deployment = installed
    pod = deployment["spec"]["template"]["spec"]
    sidecar, repo_server = sorted(pod["containers"], key=lambda c: c["name"] != "celery-kustomize")
    assert repo_server == {"name": "argocd-repo-server", "image": "argocd"}
    assert sidecar["image"] == f"registry.example.com/celery-kustomize:{VERSION}"
    assert sidecar["command"][-1] == "/var/run/argocd/argocd-cmp-server"
    security = sidecar["securityContext"]
    assert (security["runAsUser"], security["readOnlyRootFilesystem"]) == (999, True)
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: mount["name"] for mount in sidecar["volumeMounts"]}
    assert mounts["/home/argocd/cmp-server/plugins"] == "plugins"
    assert mounts["/var/run/argocd"] == "var-files"
    assert set(mounts.values()) <= volumes.keys()
    assert mounts["/tmp"] != "tmp"
    defaults = volumes[mounts["/etc/celery-kustomize"]]["configMap"]
    assert defaults["name"] == config_map["metadata"]["name"]
    assert config_map["data"] == {"defaults.yaml": "mine"}
    assert sidecar["env"] == [
        {"name": "CELERY_KUSTOMIZE_DEFAULTS", "value": "/etc/celery-kustomize/defaults.yaml"}
    ]


def test_the_helm_values_are_the_component() -> None:
    values = load("helm/values.yaml")
    pod = load("component/sidecar.yaml")["spec"]["template"]["spec"]
    (container,) = values["repoServer"]["extraContainers"]
    assert container.pop("image") == f"registry.example.com/celery-kustomize:{VERSION}"
    (patched,) = pod["containers"]
    assert patched.pop("image") == f"celery-kustomize:{VERSION}"
    assert container == patched
    assert values["repoServer"]["volumes"] == pod["volumes"]
    (config_map,) = values["extraObjects"]
    text = (DEPLOY / "component" / "defaults.yaml").read_text()
    assert config_map["data"] == {"defaults.yaml": text}
    assert config_map["metadata"]["name"] == pod["volumes"][1]["configMap"]["name"]


def test_the_defaults_change_nothing(shop: Path) -> None:
    file = DEPLOY / "component" / "defaults.yaml"
    assert generate(shop, CELERY_KUSTOMIZE_DEFAULTS=str(file)) == generate(shop)


def test_the_image_has_the_configuration_where_argo_cd_looks_for_it() -> None:
    path = "/home/argocd/cmp-server/config/plugin.yaml"
    assert f"COPY deploy/plugin.yaml {path}" in (ROOT / "Dockerfile").read_text()


# --- Applications --------------------------------------------------------------------------------


def rendered_template(template: Any, **values: str) -> Any:
    """An ApplicationSet's template with the values of one folder and environment."""
    text = yaml.safe_dump(template, width=10_000)
    for name, value in values.items():
        text = text.replace(f"{{{{ .{name.replace('_', '.')} }}}}", value)
    assert "{{" not in text
    return yaml.safe_load(text)


def from_the_set() -> list[dict[str, Any]]:
    spec = load("applications/applicationset.yaml")["spec"]
    folders, environments = spec["generators"][0]["matrix"]["generators"]
    return [
        rendered_template(
            spec["template"],
            path_path=item["path"],
            path_basenameNormalized=Path(item["path"]).name,
            **each,
        )
        for item in folders["git"]["directories"]
        for each in environments["list"]["elements"]
    ]


def applications() -> dict[str, dict[str, Any]]:
    files = [*DEPLOY.glob("applications/*.yaml"), *DEPLOY.glob("native/*.yaml")]
    found = {str(file.relative_to(DEPLOY)): yaml.safe_load(file.read_text()) for file in files}
    result = {name: item for name, item in found.items() if item.get("kind") == "Application"}
    for item in from_the_set():
        result[f"set/{item['metadata']['name']}"] = item
    return result


APPLICATIONS = applications()


def built(application: dict[str, Any]) -> list[Any]:
    """The objects that Argo CD gets of an Application."""
    source = application["spec"]["source"]
    if "plugin" not in source:
        return kustomize(ROOT / source["path"])
    done = generate(ROOT / source["path"], json.dumps(source["plugin"]["parameters"]))
    assert (done.code, done.err) == (0, "")
    return objects(done.out)


def test_there_are_applications_of_every_sort() -> None:
    assert sorted(APPLICATIONS) == [
        "applications/production.yaml",
        "applications/staging.yaml",
        "native/production.yaml",
        "native/staging.yaml",
        "set/shop-production",
        "set/shop-staging",
    ]


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_application_is_one_that_its_project_allows(name: str) -> None:
    application, project = APPLICATIONS[name], load("applications/project.yaml")["spec"]
    spec = application["spec"]
    assert spec["project"] == "shop"
    assert spec["source"]["repoURL"] in project["sourceRepos"]
    assert spec["destination"] in project["destinations"]
    allowed = {(item["group"], item["kind"]) for item in project["namespaceResourceWhitelist"]}
    for item in built(application):
        group = item["apiVersion"].rpartition("/")[0]
        assert (group, item["kind"]) in allowed
        assert item["metadata"]["namespace"] == spec["destination"]["namespace"]
    created = {item["name"] for item in project["clusterResourceWhitelist"]}
    assert spec["destination"]["namespace"] in created


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_all_ways_give_the_same_objects(environment: str) -> None:
    ways = [
        f"applications/{environment}.yaml",
        f"native/{environment}.yaml",
        f"set/shop-{environment}",
    ]
    first, *others = [built(APPLICATIONS[way]) for way in ways]
    assert all(other == first for other in others)
    assert len({APPLICATIONS[way]["metadata"]["name"] for way in ways}) == 1


def commands() -> list[str]:
    github = load("native/github-actions.yaml")["jobs"]["render"]
    gitlab = load("native/gitlab-ci.yaml")["celery-kustomize"]
    images = {github["container"]["image"], gitlab["image"]["name"]}
    assert images == {f"registry.example.com/celery-kustomize:{VERSION}"}
    steps = [step["run"] for step in github["steps"] if "run" in step]
    return sorted({*steps, *gitlab["script"]})


@pytest.mark.parametrize("command", commands())
def test_the_ci_jobs_pass_here(command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "celery-kustomize"
    done = call(ROOT, *arguments)
    assert (done.code, done.err) == (0, "")
