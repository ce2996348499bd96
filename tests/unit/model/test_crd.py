from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from celery_kustomize.model.application import CeleryApplication
from celery_kustomize.model.crd import crds, crds_text
from tests.unit.model.schema_documents import (
    APPLICATION,
    BASE,
    DEFAULTS,
    OVERLAY,
    changed,
    written_examples,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = written_examples()
KINDS = ("CeleryApplication", "CeleryApplicationOverlay", "CeleryApplicationDefaults")

# What apiextensions.k8s.io/v1 takes in a schema, without what a structural one must not have.
KEYWORDS = {
    *("type", "description", "properties", "required", "items", "additionalProperties"),
    *("enum", "minimum", "maximum", "multipleOf", "pattern", "minLength", "maxLength", "minItems"),
    *("nullable", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"),
    *("x-kubernetes-list-type", "x-kubernetes-list-map-keys"),
}
# kubectl apply keeps the whole object in an annotation, and annotations have this limit together.
LARGEST = 256 * 1024


def root(crd: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


ROOTS = {crd["spec"]["names"]["kind"]: root(crd) for crd in crds()}


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, node in schema.get("properties", {}).items():
        yield from nodes(node, f"{path}.{name}")
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            yield from nodes(schema[keyword], f"{path}[]")


def structural_problems(schema: dict[str, Any]) -> Iterator[str]:
    """Kubernetes 1.34, k8s.io/apiextensions-apiserver, pkg/apiserver/schema/validation.go."""
    for path, node in nodes(schema):
        if unknown := node.keys() - KEYWORDS:
            yield f"{path}: keywords {unknown}"
        if node.get("x-kubernetes-int-or-string"):
            if "type" in node:
                yield f"{path}: a type beside int-or-string"
        elif node.get("type") not in ("object", "array", "string", "integer", "number", "boolean"):
            yield f"{path}: no type"
        if "properties" in node and "additionalProperties" in node:
            yield f"{path}: properties beside additionalProperties"
        if (node.get("type") == "array") != ("items" in node):
            yield f"{path}: items"
        if missing := set(node.get("required", [])) - node.get("properties", {}).keys():
            yield f"{path}: required but not there: {missing}"
        yield from list_problems(path, node)


def list_problems(path: str, node: dict[str, Any]) -> Iterator[str]:
    for key in node.get("x-kubernetes-list-map-keys", []):
        item = node["items"]
        field = item["properties"][key]
        if key not in item["required"] or field.get("nullable") or field["type"] != "string":
            yield f"{path}: {key} is no good key"


def as_json_schema(node: dict[str, Any]) -> dict[str, Any]:
    """The node as JSON Schema: what an API server that refuses unknown fields checks."""
    result = {k: v for k, v in node.items() if not k.startswith("x-") and k != "nullable"}
    if node.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    if node.get("nullable"):
        types = result["type"] if isinstance(result["type"], list) else [result["type"]]
        result["type"] = [*types, "null"]
    if "properties" in node:
        result["properties"] = {k: as_json_schema(v) for k, v in node["properties"].items()}
        result["additionalProperties"] = False
    for keyword in ("items", "additionalProperties"):
        if keyword in node:
            result[keyword] = as_json_schema(node[keyword])
    return result


def complaints(document: dict[str, Any]) -> list[str]:
    schema = copy.deepcopy(ROOTS[document["kind"]])
    # An API server knows the metadata of objects by itself.
    schema["properties"]["metadata"] = {"type": "object"}
    errors = Draft202012Validator(as_json_schema(schema)).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in errors]


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def test_there_are_three() -> None:
    names = [crd["metadata"]["name"] for crd in crds()]
    assert names == [
        "celeryapplications.celeryproject.org",
        "celeryapplicationoverlays.celeryproject.org",
        "celeryapplicationdefaults.celeryproject.org",
    ]
    assert tuple(ROOTS) == KINDS


def test_the_text_is_the_three_objects() -> None:
    assert list(yaml.safe_load_all(crds_text())) == crds()


@pytest.mark.parametrize("crd", crds(), ids=KINDS)
class TestEach:
    def test_is_an_object_that_kubernetes_takes(self, crd: dict[str, Any]) -> None:
        kubernetes_validate.validate(crd, "1.34", strict=True)

    def test_is_structural(self, crd: dict[str, Any]) -> None:
        assert list(structural_problems(root(crd))) == []

    def test_has_no_defaults(self, crd: dict[str, Any]) -> None:
        """A default that an API server wrote would look like the user's and hide workerDefaults."""
        assert [path for path, node in nodes(root(crd)) if "default" in node] == []

    def test_is_small_enough_for_kubectl_apply(self, crd: dict[str, Any]) -> None:
        assert len(json.dumps(crd)) < LARGEST

    def test_says_that_nothing_acts_on_it(self, crd: dict[str, Any]) -> None:
        assert "No controller acts on it" in root(crd)["description"]


@pytest.mark.parametrize("document", [APPLICATION, OVERLAY, DEFAULTS], ids=KINDS)
def test_the_documents_of_these_tests_are_good(document: dict[str, Any]) -> None:
    assert complaints(document) == []


@pytest.mark.parametrize("document", [d for _, d in EXAMPLES], ids=[name for name, _ in EXAMPLES])
def test_the_examples_are_good(document: dict[str, Any]) -> None:
    assert complaints(document) == []


@given(changed(BASE))
def test_what_the_model_takes_the_crd_takes(document: dict[str, Any]) -> None:
    """But for null in an enumeration, which API servers refuse."""
    document = without_nulls(document)
    try:
        CeleryApplication.model_validate(document)
    except ValidationError:
        return
    assert complaints(document) == []


def test_null_stands_for_an_absent_field() -> None:
    document = copy.deepcopy(BASE)
    document["spec"]["workers"][0].update(
        queues=None, security={"runAsUser": None}, nodeSelector=None
    )
    assert complaints(document) == []


def test_a_misspelled_field_is_refused() -> None:
    document = copy.deepcopy(BASE)
    document["spec"]["workers"][0]["concurency"] = 4
    assert len(complaints(document)) == 1


def test_a_worker_set_needs_only_a_name() -> None:
    document = copy.deepcopy(BASE)
    document["spec"]["workers"] = [{"name": "a", "autoscaling": {}}, {"replicas": 1}]
    assert complaints(document) == ["$.spec.workers[1]: 'name' is a required property"]
