from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.k8s.kustomize_namespace import namespace_unset_only, set_namespace


def one(kind: str, api: str = "v1", **fields: Any) -> dict[str, Any]:
    metadata = {"name": "x", **fields.pop("metadata", {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}


def moved(item: dict[str, Any], *, unset_only: bool = False) -> dict[str, Any]:
    return set_namespace(item, "prod", unset_only=unset_only)


RBAC = "rbac.authorization.k8s.io/v1"


@pytest.mark.parametrize(
    ("item", "field", "unset_only"),
    [
        (one("Service"), "prod", "prod"),
        (one("Service", metadata={"namespace": "a"}), "prod", "a"),
        (one("Widget", "example.com/v1"), "prod", "prod"),
        (one("ClusterTriggerAuthentication", "keda.sh/v1alpha1"), "prod", "prod"),
        (one("ClusterRole", RBAC), None, None),
        (one("Namespace"), None, None),
    ],
)
def test_where_objects_go(item: dict[str, Any], field: str | None, unset_only: str | None) -> None:
    assert moved(item)["metadata"].get("namespace") == field
    assert moved(item, unset_only=True)["metadata"].get("namespace") == unset_only


def test_a_namespace_object_takes_the_name() -> None:
    assert moved(one("Namespace"))["metadata"]["name"] == "prod"
    assert moved(one("Namespace"), unset_only=True)["metadata"]["name"] == "x"


def test_subjects_called_default_move() -> None:
    subjects = [{"name": "default", "namespace": "a"}, {"name": "default"}, {"name": "y"}]
    item = one("RoleBinding", RBAC, subjects=subjects)
    assert [s.get("namespace") for s in moved(item)["subjects"]] == ["prod", "prod", None]
    kept = moved(item, unset_only=True)["subjects"]
    assert [s.get("namespace") for s in kept] == ["a", "prod", None]
    assert subjects[1] == {"name": "default"}


def test_services_of_api_services_and_conversion_webhooks_move() -> None:
    item = one("APIService", "apiregistration.k8s.io/v1", spec={"service": {"name": "s"}})
    assert moved(item)["spec"]["service"] == {"name": "s", "namespace": "prod"}
    assert moved(item, unset_only=True) == item
    service = {"name": "s", "namespace": "a"}
    spec = {"conversion": {"webhook": {"clientConfig": {"service": service}}}}
    crd = one("CustomResourceDefinition", "apiextensions.k8s.io/v1", spec=spec)
    config = moved(crd)["spec"]["conversion"]["webhook"]["clientConfig"]
    assert config["service"]["namespace"] == "prod"
    assert service["namespace"] == "a"
    del service["namespace"]
    assert moved(crd) == crd


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (one("Service"), False),
        (one("Service", metadata={"namespace": "prod"}), False),
        (one("Service", metadata={"namespace": "a"}), True),
        (one("Namespace"), True),
        (one("Namespace", metadata={"name": "prod"}), False),
        (one("ClusterIssuer", "cert-manager.io/v1", metadata={"namespace": "a"}), False),
    ],
)
def test_who_needs_to_be_left_alone(item: dict[str, Any], expected: bool) -> None:
    assert namespace_unset_only([one("Secret"), item], "prod") is expected
