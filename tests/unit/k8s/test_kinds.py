from __future__ import annotations

import pytest

from celery_kustomize.k8s.kinds import api_group, is_cluster_scoped, pod_template_path


@pytest.mark.parametrize(
    ("api_version", "kind", "answer"),
    [
        ("v1", "Namespace", True),
        ("v1", "PersistentVolume", True),
        ("v1", "PersistentVolumeClaim", False),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", True),
        ("rbac.authorization.k8s.io/v1", "Role", False),
        ("storage.k8s.io/v1beta1", "StorageClass", True),
        ("keda.sh/v1alpha1", "ClusterTriggerAuthentication", True),
        ("keda.sh/v1alpha1", "TriggerAuthentication", False),
        ("gateway.networking.k8s.io/v1", "GatewayClass", True),
        ("gateway.networking.k8s.io/v1", "Gateway", False),
        ("cert-manager.io/v1", "ClusterIssuer", True),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", True),
        ("example.com/v1", "Namespace", False),
        ("example.com/v1", "Unknown", False),
    ],
)
def test_cluster_scoped(api_version: str, kind: str, answer: bool) -> None:
    assert is_cluster_scoped(api_version, kind) is answer


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("apps/v1", "Deployment", ("spec", "template")),
        ("batch/v1", "CronJob", ("spec", "jobTemplate", "spec", "template")),
        ("v1", "Pod", ()),
        ("argoproj.io/v1alpha1", "Rollout", ("spec", "template")),
        ("keda.sh/v1alpha1", "ScaledJob", ("spec", "jobTargetRef", "template")),
        ("v1", "Service", None),
        ("serving.knative.dev/v1", "Service", ("spec", "template")),
        ("example.com/v1", "Deployment", None),
    ],
)
def test_pod_template_path(api_version: str, kind: str, path: tuple[str, ...] | None) -> None:
    assert pod_template_path(api_version, kind) == path


def test_api_group() -> None:
    assert api_group("apps/v1") == "apps"
    assert api_group("v1") == ""
