from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from celery_kustomize.k8s.pod_schema import object_types
from celery_kustomize.k8s.schema import SchemaProblem, check, definition_name, json_schema

GOOD_POD: dict[str, Any] = {
    "metadata": {"labels": {"team": "checkout"}, "annotations": {"a": ""}},
    "spec": {
        "containers": [
            {
                "name": "worker",
                "image": "app:1",
                "imagePullPolicy": "IfNotPresent",
                "env": [
                    {"name": "A", "value": "1"},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                ],
                "ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}],
                "resources": {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"cpu": 0.5}},
                "livenessProbe": {"httpGet": {"port": "http", "path": "/"}, "periodSeconds": 5},
                "readinessProbe": {"tcpSocket": {"port": 80}},
                "securityContext": {"runAsUser": 2**40, "capabilities": {"drop": ["ALL"]}},
            }
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "tolerations": [{"key": "spot", "operator": "Exists"}],
        "terminationGracePeriodSeconds": 600,
    },
}


def problems(type_name: str, value: Any, *, partial: bool = False) -> list[tuple[Any, ...]]:
    return [(*found.loc, found.message) for found in check(type_name, value, partial=partial)]


def test_good_pod() -> None:
    assert problems("PodTemplateSpec", GOOD_POD) == []
    assert problems("PodTemplateSpec", GOOD_POD, partial=True) == []


@pytest.mark.parametrize(
    ("type_name", "value", "problem"),
    [
        (
            "Container",
            {"name": "a", "imagePulPolicy": "Always"},
            ("imagePulPolicy", 'unknown field "imagePulPolicy"; did you mean "imagePullPolicy"?'),
        ),
        ("Container", {"name": "a", "zzz": 1}, ("zzz", 'unknown field "zzz"')),
        ("Container", {"image": "a"}, ("name", "is required")),
        ("Container", ["a"], ("expected a map, got a list",)),
        ("Container", {"name": "a", "args": "-v"}, ("args", "expected a list, got a string")),
        ("Container", {"name": "a", "env": {"A": "1"}}, ("env", "expected a list, got a map")),
        (
            "Container",
            {"name": "a", "args": ["-c", 4]},
            ("args", 1, 'expected a string, got the number 4: write "4" in quotes'),
        ),
        (
            "EnvVar",
            {"name": "A", "value": True},
            ("value", 'expected a string, got the boolean true: write "true" in quotes'),
        ),
        (
            "EnvVar",
            {"name": "A", "value": 1.1},
            ("value", "expected a string, got the number 1.1: write it in quotes"),
        ),
        (
            "EnvVar",
            {"name": "A", "value": 10**5000},
            ("value", "expected a string, got a number: write it in quotes"),
        ),
        ("EnvVar", {"name": "A", "value": []}, ("value", "expected a string, got a list")),
        (
            "EnvVar",
            {"name": "A", "value": None},
            ("value", "must not be null: leave the field out"),
        ),
        (
            "EnvVar",
            {"name": "A", "value": "1", "valueFrom": {"fieldRef": {"fieldPath": "x"}}},
            ("only one of value and valueFrom may be given",),
        ),
        (
            "EnvFromSource",
            {"prefix": "A_"},
            ("one of configMapRef or secretRef is required",),
        ),
        (
            "Probe",
            {"periodSeconds": 5},
            ("one of exec, grpc, httpGet or tcpSocket is required",),
        ),
        (
            "Probe",
            {"exec": {}, "periodSeconds": "5"},
            ("periodSeconds", "expected an integer, got a string: write 5 without quotes"),
        ),
        (
            "Probe",
            {"exec": {}, "periodSeconds": 1.5},
            ("periodSeconds", "expected an integer, got the number 1.5"),
        ),
        (
            "Probe",
            {"exec": {}, "periodSeconds": True},
            ("periodSeconds", "expected an integer, got the boolean true"),
        ),
        (
            "Probe",
            {"exec": {}, "periodSeconds": 2**31},
            ("periodSeconds", "the number does not fit in 32 bits"),
        ),
        (
            "Probe",
            {"tcpSocket": {"port": 1.5}},
            ("tcpSocket", "port", "expected an integer or a string, got the number 1.5"),
        ),
        (
            "PodSpec",
            {"containers": [], "hostNetwork": "true"},
            ("hostNetwork", "expected a boolean, got a string: write true without quotes"),
        ),
        (
            "PodSpec",
            {"containers": [], "nodeSelector": {"a": {}}},
            ("nodeSelector", "a", "expected a string, got a map"),
        ),
        (
            "PodSpec",
            {"containers": [], "nodeSelector": {1: "a"}},
            ("nodeSelector", "the key 1 must be a string: write it in quotes"),
        ),
        (
            "PodSpec",
            {"containers": [], "nodeSelector": "a"},
            ("nodeSelector", "expected a map, got a string"),
        ),
        (
            "ResourceRequirements",
            {"limits": {"memory": "512MB"}},
            (
                "limits",
                "memory",
                '"512MB" is not a quantity: write 512M (decimal) or 512Mi (binary)',
            ),
        ),
        (
            "Toleration",
            {"operator": "exists"},
            ("operator", '"exists" is not one of Equal, Exists; did you mean "Exists"?'),
        ),
        (
            "PersistentVolumeClaimSpec",
            {"accessModes": ["RWO"]},
            (
                "accessModes",
                0,
                '"RWO" is not one of ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod',
            ),
        ),
        ("ParentReference", {"kind": "Gateway"}, ("name", "is required")),
        ("[]Toleration", {}, ("expected a list, got a map",)),
        ("[]EnvVar", [{}], (0, "name", "is required")),
        ("{}string", {"a": 1}, ("a", 'expected a string, got the number 1: write "1" in quotes')),
    ],
)
def test_problem(type_name: str, value: Any, problem: tuple[Any, ...]) -> None:
    assert problems(type_name, value) == [problem]


def test_an_empty_text_is_an_enum_left_out() -> None:
    assert problems("Toleration", {"operator": "Exists", "effect": ""}) == []


def test_all_problems_at_once() -> None:
    pod = {"metadata": {"label": {}}, "spec": {"containers": [{"nam": "a"}], "volumes": {}}}
    assert problems("PodTemplateSpec", pod) == [
        ("metadata", "label", 'unknown field "label"; did you mean "labels"?'),
        ("spec", "containers", 0, "nam", 'unknown field "nam"; did you mean "name"?'),
        ("spec", "containers", 0, "name", "is required"),
        ("spec", "volumes", "expected a list, got a map"),
    ]


@pytest.mark.parametrize(
    "patch",
    [
        {},
        {"spec": None},
        {"spec": {"$patch": "replace", "hostNetwork": True}},
        {"spec": {"containers": [{"name": "a", "$patch": "delete"}]}},
        {"spec": {"containers": [{"name": "a", "$patch": "replace", "image": "b"}]}},
        {"spec": {"containers": [{"$patch": "replace"}, {"name": "a"}]}},
        {"spec": {"containers": [{"name": "a", "livenessProbe": {"periodSeconds": 5}}]}},
        {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 80}]}]}},
        {"spec": {"tolerations": [{"$patch": "replace"}]}},
        {"metadata": {"labels": {"a": None}, "annotations": {"$patch": "replace"}}},
    ],
)
def test_partial_accepts(patch: Any) -> None:
    assert problems("PodTemplateSpec", patch, partial=True) == []


@pytest.mark.parametrize(
    ("patch", "problem"),
    [
        ({"$patch": "delete"}, ("$patch", "must not delete everything")),
        (
            {"spec": {"containers": [{"image": "a"}]}},
            (
                "spec",
                "containers",
                0,
                "name",
                "is required: items of containers are merged by name",
            ),
        ),
        (
            {"spec": {"topologySpreadConstraints": [{"topologyKey": "zone"}]}},
            (
                "spec",
                "topologySpreadConstraints",
                0,
                "whenUnsatisfiable",
                "is required: items of topologySpreadConstraints are merged by topologyKey and "
                "whenUnsatisfiable",
            ),
        ),
        (
            {"spec": {"containers": [{"name": "a", "$patch": "remove"}]}},
            ("spec", "containers", 0, "$patch", "must be delete, replace or merge"),
        ),
        (
            {"metadata": {"labels": {"$patch": "remove"}}},
            ("metadata", "labels", "$patch", "must be delete, replace or merge"),
        ),
        (
            {"spec": {"tolerations": [{"key": "a", "$patch": "delete"}]}},
            (
                "spec",
                "tolerations",
                0,
                'tolerations is replaced whole: write the list you want, without "$patch"',
            ),
        ),
        (
            {"spec": {"containers": [{"name": "a", "envFrom": [{}]}]}},
            (
                "spec",
                "containers",
                0,
                "envFrom",
                0,
                "one of configMapRef or secretRef is required",
            ),
        ),
        (
            {"spec": {"containers": ["a"]}},
            ("spec", "containers", 0, "expected a map, got a string"),
        ),
        (
            {"spec": {"$retainKeys": []}},
            ("spec", "$retainKeys", 'unknown field "$retainKeys"'),
        ),
    ],
)
def test_partial_refuses(patch: Any, problem: tuple[Any, ...]) -> None:
    assert problems("PodTemplateSpec", patch, partial=True) == [problem]


def test_directives_only_in_partial() -> None:
    assert problems("ObjectMeta", {"$patch": "replace"}) == [
        ("$patch", 'unknown field "$patch"'),
    ]


def test_unknown_type_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        check("Nothing", {})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["spec", "containers", "name", "env", "volumes", "$patch", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_any_value_has_an_answer(value: Any, partial: bool) -> None:
    for found in check("PodTemplateSpec", value, partial=partial):
        assert isinstance(found, SchemaProblem)
        assert found.message.isprintable()


def validator(type_name: str, *, partial: bool = False) -> Draft202012Validator:
    schema = {
        "$ref": f"#/$defs/{definition_name(type_name, partial=partial)}",
        "$defs": json_schema(type_name, partial=partial),
    }
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("partial", [False, True])
def test_json_schema_of_every_type_is_valid_and_closed(partial: bool) -> None:
    for name in object_types():
        definitions = json_schema(name, partial=partial)
        assert definition_name(name, partial=partial) in definitions
    validator("PodTemplateSpec", partial=partial)


def test_json_schema_agrees_with_check() -> None:
    strict, lenient = validator("PodTemplateSpec"), validator("PodTemplateSpec", partial=True)
    patch = {"spec": {"containers": [{"name": "a", "$patch": "delete"}], "volumes": None}}
    assert strict.is_valid(GOOD_POD)
    assert lenient.is_valid(GOOD_POD)
    assert lenient.is_valid(patch)
    assert not strict.is_valid(patch)
    for bad in (
        {"spec": {"containers": [{"name": "a", "imagePullPolicy": "always"}]}},
        {"spec": {"containers": [{"name": "a", "imagePulPolicy": "Always"}]}},
        {"spec": {"containers": {"name": "a"}}},
    ):
        assert not strict.is_valid(bad)
        assert not lenient.is_valid(bad)


def test_json_schema_carries_descriptions() -> None:
    container = json_schema("Container")["k8s.Container"]
    assert container["description"] == (
        "A single application container that you want to run within a pod."
    )
    assert container["properties"]["image"]["description"] == "Container image name."
