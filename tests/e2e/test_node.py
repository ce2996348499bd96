"""What the cluster gives pods, as any cluster does: volumes, names, figures, and refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.commands import CommandError, wait_until

if TYPE_CHECKING:
    from tests.e2e.kubectl import Kubectl, Object

_NAMESPACE = "node"
_WITHIN = f"--namespace={_NAMESPACE}"


pytestmark = pytest.mark.usefixtures("own_cluster")


@pytest.fixture(scope="module", autouse=True)
def _namespace(kubectl: Kubectl) -> None:
    kubectl.create_namespace(_NAMESPACE)


def pod(name: str, command: str, claim: str = "", **spec: object) -> Object:
    """A pod that Pod Security "restricted" admits and that runs a shell command once.

    With a claim, its volume is at ``/data``.
    """
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    mount = {"name": "data", "mountPath": "/data"}
    container = {
        "name": "main",
        "image": "docker.io/library/redis:7.4",
        "command": ["sh", "-c", command],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [mount] if claim else [],
    }
    whole = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1234,
            "fsGroup": 4321,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [volume] if claim else [],
    }
    metadata = {"name": name, "namespace": _NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": whole | spec}


def run_pod(kubectl: Kubectl, each: Object) -> str:
    """Run the pod to its end and give its log."""
    name = each["metadata"]["name"]
    kubectl.apply_objects([each])
    ended = "--for=jsonpath={.status.phase}=Succeeded"
    kubectl("wait", ended, f"pod/{name}", "--timeout=60s", _WITHIN)
    return kubectl("logs", name, _WITHIN)


def test_volumes_belong_to_the_pods_group_and_outlive_it(kubectl: Kubectl) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": _NAMESPACE},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    kubectl.apply_objects([claim])
    write = "echo kept > /data/file; stat -c %g /data"
    assert run_pod(kubectl, pod("writes", write, claim="data")) == "4321\n"
    assert run_pod(kubectl, pod("reads", "cat /data/file", claim="data")) == "kept\n"

    kubectl("delete", "pod/writes", "pod/reads", "pvc/data", _WITHIN)
    wait_until(lambda: kubectl.list("persistentvolumes") == [], "the end of the volume")


def test_names_of_services(kubectl: Kubectl) -> None:
    command = "getent hosts kubernetes.default kube-dns.kube-system.svc.cluster.local"
    answer = run_pod(kubectl, pod("asks", command))
    assert [line.split()[0] for line in answer.splitlines()] == ["10.96.0.1", "10.96.0.10"]


def test_pods_reach_nothing_outside(kubectl: Kubectl) -> None:
    # 198.51.100.0/24 is for documentation (RFC 5737): nobody is there.
    command = "redis-cli -h 198.51.100.1 ping 2>&1"
    assert "Connection refused" in run_pod(kubectl, pod("leaves", f"{command}; true"))


def test_pod_security_refuses_what_is_not_restricted(kubectl: Kubectl) -> None:
    each = pod("privileged", "true", hostNetwork=True)
    with pytest.raises(CommandError, match='violates PodSecurity "restricted:latest": host name'):
        kubectl.apply_objects([each])


def test_metrics_of_pods(kubectl: Kubectl) -> None:
    kubectl.apply_objects([pod("burns", "while :; do :; done")])

    def millicores() -> int:
        path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{_NAMESPACE}/pods/burns"
        try:
            [container] = json.loads(kubectl("get", "--raw", path))["containers"]
        except CommandError:  # not yet seen twice
            return 0
        return int(container["usage"]["cpu"].removesuffix("n")) // 1_000_000

    wait_until(lambda: millicores() > 100, "figures of a busy pod", seconds=60, every=1)
    kubectl("delete", "pod/burns", _WITHIN)
