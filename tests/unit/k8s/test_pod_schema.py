"""The schema's data against another copy of Kubernetes' OpenAPI document: kubernetes-validate's."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import pytest

from celery_kustomize.k8s.pod_schema import (
    KUBERNETES,
    SCALARS,
    Field,
    object_type,
    object_types,
    parse_type,
)

# Not in Kubernetes' own document.
GATEWAY_API = {"ParentReference"}
REFERENCED_SCALARS = {
    "FieldsV1": "any",
    "IntOrString": "int-or-string",
    "Quantity": "quantity",
    "Time": "string",
}


@cache
def upstream() -> dict[str, Any]:
    schemas = resources.files("kubernetes_validate").joinpath("kubernetes-json-schema")
    file = schemas.joinpath(f"v{KUBERNETES}.0-local", "_definitions.json")
    definitions: dict[str, Any] = json.loads(file.read_text("utf-8"))["$defs"]
    groups = (".core.v1.", ".networking.v1.", ".autoscaling.v2.", ".apps.v1.", ".meta.v1.")
    return {
        name.rsplit(".", 1)[-1]: definition
        for name, definition in definitions.items()
        if any(group in name for group in groups)
    }


def upstream_type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name: str = schema["$ref"].rsplit(".", 1)[-1]
        return REFERENCED_SCALARS.get(name, name)
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    kind = next(kind for kind in kinds if kind != "null")
    if kind == "array":
        return "[]" + upstream_type(schema["items"])
    if kind == "object":
        return "{}" + upstream_type(schema["additionalProperties"])
    return str(schema["format"] if kind == "integer" else kind)


@pytest.mark.parametrize("name", sorted(set(object_types()) - GATEWAY_API))
def test_fields_are_those_of_kubernetes(name: str) -> None:
    kind, definition = object_type(name), upstream()[name]
    assert set(kind.fields) == set(definition["properties"])
    for field_name, schema in definition["properties"].items():
        expected, field = parse_type(upstream_type(schema)), kind.fields[field_name]
        assert (field.of, field.shape) == (expected.of, expected.shape), field_name
    assert set(kind.required) == set(definition.get("required", []))


def test_every_type_that_is_referred_to_is_there() -> None:
    referred = {field.of for kind in object_types().values() for field in kind.fields.values()}
    assert referred - SCALARS <= set(object_types())


def test_rules_name_fields_that_exist() -> None:
    for kind in object_types().values():
        for group in kind.one_of:
            assert set(group.members) <= set(kind.fields)
        if kind.discriminated:
            rule = kind.discriminated
            assert set(rule.members) | {rule.by} <= set(kind.fields)
            assert set(rule.members.values()) <= set(kind.fields[rule.by].enum)
        for field in kind.fields.values():
            if field.keys:
                assert set(field.keys) <= set(object_type(field.of).fields)


@pytest.mark.parametrize(
    ("type_name", "field", "keys"),
    [
        ("PodSpec", "containers", ("name",)),
        ("PodSpec", "imagePullSecrets", ("name",)),
        ("PodSpec", "hostAliases", ("ip",)),
        ("PodSpec", "topologySpreadConstraints", ("topologyKey", "whenUnsatisfiable")),
        ("PodSpec", "tolerations", ()),
        ("Container", "ports", ("containerPort", "protocol")),
        ("Container", "volumeMounts", ("mountPath",)),
        ("Container", "envFrom", ()),
        ("ResourceRequirements", "claims", ("name",)),
    ],
)
def test_merge_keys(type_name: str, field: str, keys: tuple[str, ...]) -> None:
    assert object_type(type_name).fields[field].keys == keys


def test_a_port_without_protocol_is_tcp() -> None:
    assert object_type("ContainerPort").key_defaults(("containerPort", "protocol")) == {
        "protocol": "TCP"
    }


def test_what_specifications_refer_to_is_there() -> None:
    wanted = """Affinity EnvFromSource EnvVar HorizontalPodAutoscalerBehavior Lifecycle
        LocalObjectReference NetworkPolicyPeer ObjectMeta ParentReference PersistentVolumeClaimSpec
        PodSecurityContext PodTemplateSpec Probe ResourceRequirements SecurityContext Toleration
        TopologySpreadConstraint Volume VolumeMount DeploymentStrategy"""
    assert set(wanted.split()) <= set(object_types())


def test_written_types() -> None:
    assert parse_type("[]EnvVar") == Field("EnvVar", "list")
    assert parse_type("{}quantity") == Field("quantity", "map")
    assert parse_type("Probe") == Field("Probe")
