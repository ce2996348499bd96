"""A repository, an Application, and Argo CD: creates, updates, heals, prunes, refuses."""

from __future__ import annotations

import itertools
import json
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.argocd import ArgoCD
from tests.e2e.commands import CommandError, run, wait_until
from tests.e2e.git import GitServer, Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.kubectl import Kubectl, Object

    Spec = dict[str, Any]

_counter = itertools.count(1)


@pytest.fixture(scope="module")
def argocd(kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> ArgoCD:
    return ArgoCD(kubectl, tmp_path_factory.mktemp("argocd"))


@pytest.fixture(scope="module")
def git(kubectl: Kubectl) -> GitServer:
    return GitServer(kubectl)


class Environment:
    """A repository with one spec, its Application, and the namespace that it fills."""

    def __init__(self, kubectl: Kubectl, argocd: ArgoCD, repository: Repository, name: str) -> None:
        self.kubectl = kubectl
        self.argocd = argocd
        self.repository = repository
        self.name = name
        self.revision = ""

    def push(self, spec: Spec, **files: str) -> None:
        """Make the spec, and the files beside it, what the repository holds."""
        self.revision = self.repository.push({"celery.yaml": document(self.name, spec), **files})

    def sync(self, spec: Spec, **files: str) -> None:
        """Push the spec, and wait until it runs."""
        self.push(spec, **files)
        self.argocd.wait_synced(self.name, self.revision)

    def objects(self, kind: str, selector: str = "") -> list[Object]:
        return self.kubectl.list(kind, f"--namespace={self.name}", f"--selector={selector}")

    def names(self, kind: str) -> set[str]:
        return {each["metadata"]["name"] for each in self.objects(kind)}

    def deployment(self, name: str) -> Object:
        return self.kubectl.get("deployment", name, f"--namespace={self.name}")

    def __call__(self, *arguments: str) -> str:
        return self.kubectl(f"--namespace={self.name}", *arguments)


@pytest.fixture
def environment(
    kubectl: Kubectl, argocd: ArgoCD, git: GitServer
) -> Iterator[Callable[[], Environment]]:
    """Makes environments; each is deleted after the test."""
    made: list[Environment] = []

    def make() -> Environment:
        name = f"app-{next(_counter)}"
        argocd_environment = Environment(kubectl, argocd, git.create(name), name)
        create_namespace(kubectl, name)
        argocd.create(name, argocd_environment.repository, namespace=name)
        made.append(argocd_environment)
        return argocd_environment

    yield make
    for each in made:
        argocd.delete(each.name)
        kubectl("delete", "namespace", each.name, "--ignore-not-found", "--wait=false")


def create_namespace(kubectl: Kubectl, name: str) -> None:
    """The namespace, with what Git does not hold: the password of Redis."""
    kubectl.create_namespace(name)
    secret = ("create", "secret", "generic", "redis", "--from-literal=password=s3cret")
    kubectl(f"--namespace={name}", *secret)


def document(name: str, spec: Spec) -> str:
    head = {"apiVersion": "celeryproject.org/v1beta1", "kind": "CeleryApplication"}
    return yaml.safe_dump({**head, "metadata": {"name": name}, "spec": spec}, sort_keys=False)


def small(**more: Any) -> Spec:
    """A Redis of its own and one worker set of one process."""
    return {
        "app": "tasks",
        "image": "localhost/tasks:5.7",
        "imagePullPolicy": "IfNotPresent",
        "redis": {
            "version": "7.4",
            "passwordFrom": {"secretKeyRef": {"name": "redis", "key": "password"}},
        },
        "broker": {"managedRedis": {"database": 0}},
        "resultBackend": {"managedRedis": {"database": 1}},
        "workers": [{"name": "main", "concurrency": 1}],
        **more,
    }


def idle(count: int) -> Spec:
    """Worker sets without pods: what is counted is objects."""
    sets = [{"name": f"set-{i}", "queues": [f"queue-{i}"], "replicas": 0} for i in range(count)]
    return small(redis=None, resultBackend=None, broker={"redis": {"host": "redis"}}, workers=sets)


def test_a_push_becomes_a_running_application(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.sync(small())

    worker = f"deployment/{here.name}-worker-main"
    inside = ("exec", worker, "--", "sh", "/etc/celery-kustomize/modules/run.sh")
    said = here(
        *inside,
        *["python", "-m", "send", "--app=tasks", "jobs.add", "--wait=60"],
        "--arguments=[2,3]",
    )
    assert json.loads(said) == 5


def test_a_second_push_changes_what_runs(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.sync(small())
    worker = f"{here.name}-worker-main"

    changed = {"name": "main", "concurrency": 2, "replicas": 2}
    here.sync(small(image="localhost/tasks:5.5", workers=[changed, {"name": "new"}]))

    deployment = here.deployment(worker)
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert deployment["spec"]["replicas"] == 2
    assert container["image"] == "localhost/tasks:5.5"
    assert "--concurrency=2" in container["args"]
    assert f"{here.name}-worker-new" in here.names("deployments")

    here.sync(small(image="localhost/tasks:5.5", workers=[changed]))
    assert here.names("deployments") == {worker}  # pruned


def test_what_someone_changes_by_hand_is_healed(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.sync(small())
    worker = f"{here.name}-worker-main"

    here("scale", "deployment", worker, "--replicas=3")
    wait_until(lambda: here.deployment(worker)["spec"]["replicas"] == 1, "one replica again")

    old = here.deployment(worker)["metadata"]["uid"]
    here("delete", "deployment", worker)
    wait_until(lambda: worker in here.names("deployments"), "the Deployment again")
    assert here.deployment(worker)["metadata"]["uid"] != old
    # Not deleted while it starts: a process 1 without its handler yet would not hear of it.
    here("rollout", "status", f"deployment/{worker}", "--timeout=60s")


def test_two_environments_of_one_spec(kubectl: Kubectl, argocd: ArgoCD, git: GitServer) -> None:
    repository = git.create("environments")
    overlays = [
        {"name": "staging", "namespace": "two-staging"},
        {
            "name": "production",
            "namespace": "two-production",
            "overrides": {"workers": [{"name": "set-0", "concurrency": 7}]},
        },
    ]
    revision = repository.push({"celery.yaml": document("two", idle(1) | {"overlays": overlays})})
    for name in ("staging", "production"):
        argocd.create(f"two-{name}", repository, namespace=f"two-{name}", overlay=name)
    for name, concurrency in (("staging", 2), ("production", 7)):
        argocd.wait_synced(f"two-{name}", revision)
        deployment = kubectl.get("deployment", "two-worker-set-0", f"--namespace=two-{name}")
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        assert f"--concurrency={concurrency}" in container["args"]
    for name in ("staging", "production"):
        argocd.delete(f"two-{name}")


def test_the_migration_comes_before_the_workers(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.sync(small(migration={"command": ["sh", "-c", "sleep 3"]}))

    [job] = here.objects("jobs")
    completed = job["status"]["completionTime"]
    [worker] = here.objects("deployments", "app.kubernetes.io/component=worker")
    assert worker["metadata"]["creationTimestamp"] >= completed  # also at the very first sync


def test_a_failing_migration_stops_the_sync(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.sync(small(migration={"command": ["true"]}))
    worker = f"{here.name}-worker-main"
    old = here.deployment(worker)["spec"]["template"]["spec"]["containers"][0]["image"]

    here.push(
        small(image="localhost/tasks:5.5", migration={"command": ["false"], "backoffLimit": 0})
    )
    here.argocd.refresh(here.name)

    def failed() -> bool:
        operation = here.argocd.get(here.name)["status"].get("operationState", {})
        revision = operation.get("operation", {}).get("sync", {}).get("revision")
        # It tries again a few times, as long as the phase is Running.
        message = operation.get("message", "")
        return revision == here.revision and "completed unsuccessfully" in message

    wait_until(failed, "the sync to fail", seconds=120, every=0.5)
    [container] = here.deployment(worker)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == old


def test_a_broken_spec_is_shown_and_leaves_what_runs(
    environment: Callable[[], Environment],
) -> None:
    here = environment()
    here.sync(idle(2))
    before = {each["metadata"]["uid"] for each in here.objects("deployments")}

    here.push({**idle(2), "workers": [{"name": "set-0", "concurency": 2}]})
    message = here.argocd.wait_condition(here.name, "ComparisonError")

    assert "celery.yaml:1" in message  # the line follows
    assert "concurency" in message
    assert "concurrency" in message  # what to write
    assert {each["metadata"]["uid"] for each in here.objects("deployments")} == before


def test_a_deleted_application_leaves_nothing(
    kubectl: Kubectl, argocd: ArgoCD, git: GitServer
) -> None:
    repository = git.create("deleted")
    create_namespace(kubectl, "deleted")
    argocd.create("deleted", repository, namespace="deleted")
    argocd.wait_synced("deleted", repository.push({"celery.yaml": document("deleted", small())}))

    argocd.delete("deleted")

    kinds = "deployments,statefulsets,services,configmaps,poddisruptionbudgets,jobs,serviceaccounts"
    left = kubectl.list(kinds, "--namespace=deleted")
    # Kubernetes' own, in every namespace.
    names = {each["metadata"]["name"] for each in left} - {"default", "kube-root-ca.crt"}
    assert names == set()


def test_an_autoscaler_keeps_its_replicas(environment: Callable[[], Environment]) -> None:
    here = environment()
    scaled = {
        "name": "main",
        "concurrency": 1,
        "resources": {"requests": {"cpu": "10m"}},
        "autoscaling": {"minReplicas": 2, "maxReplicas": 3, "cpu": {"averageUtilization": 1000}},
    }
    here.sync(small(workers=[scaled]))
    worker = f"{here.name}-worker-main"
    wait_until(
        lambda: here.deployment(worker)["spec"]["replicas"] == 2, "the autoscaler's replicas"
    )

    here.argocd.refresh(here.name, "hard")
    here.argocd.wait_synced(here.name, here.revision)
    assert here.deployment(worker)["spec"]["replicas"] == 2


def test_a_sync_without_change_changes_nothing(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.sync(small(beat={}, flower={}))
    kinds = "deployments,statefulsets,services,poddisruptionbudgets"

    def generations() -> dict[str, int]:
        metadata = [each["metadata"] for each in here.objects(kinds)]
        return {each["uid"]: each.get("generation", 0) for each in metadata}

    before = generations()

    synced = here.argocd.get(here.name)["status"]["operationState"]["finishedAt"]
    here.argocd.refresh(here.name, "hard")
    wait_until(
        lambda: (
            "argocd.argoproj.io/refresh"
            not in here.argocd.get(here.name)["metadata"].get("annotations", {})
        ),
        "the refresh",
    )
    status = here.argocd.get(here.name)["status"]
    assert [each for each in status["resources"] if each.get("status") != "Synced"] == []
    assert status["operationState"]["finishedAt"] == synced  # no second sync was wanted
    assert generations() == before


def test_twenty_worker_sets(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.sync(idle(20))
    assert len(here.names("deployments")) == 20


def test_ten_applications_at_once(environment: Callable[[], Environment]) -> None:
    environments = [environment() for _ in range(10)]
    for each in environments:
        each.push(idle(1))
    for each in environments:
        each.argocd.wait_synced(each.name, each.revision)


# Ends cmp-server, and with it the container: process 1 is its parent.
_KILL = """
import os, pathlib
for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    if b"argocd-cmp-server" in file.read_bytes().split(b"\\0")[0]:
        os.kill(int(file.parts[2]), 9)
"""


def test_restarts_in_the_middle_of_a_sync(environment: Callable[[], Environment]) -> None:
    here = environment()
    here.push(idle(5))
    here.argocd.refresh(here.name)
    selector = "--selector=app.kubernetes.io/name=argocd-repo-server"
    here.argocd.kubectl("delete", "pod", selector, "--wait=false")
    here.argocd.wait_repo_server()
    # What failed three times meanwhile is kept for an hour.
    here.argocd.refresh(here.name, "hard")
    here.argocd.wait_synced(here.name, here.revision)

    here.push(idle(6))
    here.argocd.refresh(here.name)
    sidecar = ("deployment/argocd-repo-server", "--container=celery-kustomize")
    with suppress(CommandError):  # the container may end before the command that ends it
        here.argocd.kubectl("exec", *sidecar, "--", "python3", "-c", _KILL)
    here.argocd.wait_repo_server()
    here.argocd.refresh(here.name, "hard")
    here.argocd.wait_synced(here.name, here.revision)
    assert len(here.names("deployments")) == 6


def test_an_application_set_makes_one_for_each_folder_and_environment(
    kubectl: Kubectl, argocd: ArgoCD, git: GitServer
) -> None:
    repository = git.create("fleet")
    overlays = [{"name": "staging"}, {"name": "production"}]
    names = [f"fleet-{team}-{where}" for team in ("a", "b") for where in ("staging", "production")]
    files = {
        f"apps/{team}/celery.yaml": document(f"fleet-{team}", idle(1) | {"overlays": overlays})
        for team in ("a", "b")
    }
    revision = repository.push(files)
    found = yaml.safe_load(Path("deploy/applications/applicationset.yaml").read_text("utf-8"))
    git_generator = found["spec"]["generators"][0]["matrix"]["generators"][0]["git"]
    git_generator |= {"repoURL": repository.url, "directories": [{"path": "apps/*"}]}
    template = found["spec"]["template"]
    template["metadata"]["name"] = f"fleet-{template['metadata']['name']}"
    template["spec"] |= {"project": "default"}
    template["spec"]["source"]["repoURL"] = repository.url
    template["spec"]["destination"]["namespace"] = (
        "fleet-{{ .path.basenameNormalized }}{{ .suffix }}"
    )
    kubectl.apply_objects([found])

    for name in names:
        wait_until(
            partial(kubectl.succeeds, "get", "applications.argoproj.io", name, "-n=argocd"),
            f"the Application {name}",
        )
        argocd.wait_synced(name, revision)
    argocd.kubectl("delete", "applicationset", found["metadata"]["name"])


def test_native_kustomize_on_what_was_rendered(
    kubectl: Kubectl, argocd: ArgoCD, git: GitServer, tmp_path: Path
) -> None:
    repository = git.create("native")
    spec = idle(1) | {"overlays": [{"name": "staging", "namespace": "native"}]}
    (tmp_path / "celery.yaml").write_text(document("native", spec), encoding="utf-8")
    rendered = tmp_path / "rendered"
    program = (sys.executable, "-m", "celery_kustomize")
    run(*program, "render", str(tmp_path / "celery.yaml"), "-o", str(rendered))
    files = [file for file in rendered.rglob("*") if file.is_file()]
    texts = {str(file.relative_to(rendered)): file.read_text("utf-8") for file in files}

    path = "native/overlays/staging"
    argocd.create("native", repository, namespace="native", path=path, native=True)
    argocd.wait_synced("native", repository.push(texts))

    assert kubectl.succeeds("get", "deployment", "native-worker-set-0", "--namespace=native")
    argocd.delete("native")


@pytest.mark.usefixtures("argocd")
@pytest.mark.parametrize("folder", ["applications", "native"])
def test_the_api_server_takes_the_examples_of_deploy(kubectl: Kubectl, folder: str) -> None:
    found = [
        each
        for file in sorted(Path("deploy", folder).glob("*.yaml"))
        for each in yaml.safe_load_all(file.read_text(encoding="utf-8"))
        if isinstance(each, dict) and each.get("apiVersion", "").startswith("argoproj.io")
    ]
    assert found
    for each in found:
        strict = ("--dry-run=server", "--validate=strict")
        kubectl.apply(json.dumps(each), *strict)
