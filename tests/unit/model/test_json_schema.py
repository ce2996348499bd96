from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from celery_kustomize.load.yaml import parse
from celery_kustomize.merge import environments, values
from celery_kustomize.model import shape
from celery_kustomize.model.application import CeleryApplication
from celery_kustomize.model.json_schema import KINDS, json_schema, json_schema_text
from celery_kustomize.model.validate import validate
from tests.unit.model.schema_documents import (
    APPLICATION,
    BASE,
    DEFAULTS,
    OVERLAY,
    changed,
    misspelled,
    written_examples,
)

VALIDATOR = Draft202012Validator(json_schema())
MODELS = {model.__name__: model for model in KINDS}
EXAMPLES = written_examples()


def complaints(document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def model_errors(document: dict[str, Any]) -> list[tuple[str, tuple[int | str, ...]]]:
    try:
        MODELS[document["kind"]].model_validate(document)
    except ValidationError as error:
        return [(item["type"], item["loc"]) for item in error.errors()]
    return []


def with_spec(**fields: Any) -> dict[str, Any]:
    spec = {"app": "shop.celery", "image": "shop:1", **fields}
    return {
        "apiVersion": "celeryproject.org/v1beta1",
        "kind": "CeleryApplication",
        "metadata": {"name": "shop"},
        "spec": spec,
    }


def with_overrides(**fields: Any) -> dict[str, Any]:
    return with_spec(overlays=[{"name": "production", "overrides": fields}])


def test_it_is_a_schema_of_its_draft() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_every_reference_has_its_definition() -> None:
    text = json_schema_text()
    references = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert references <= json.loads(text)["$defs"].keys()


def test_every_field_is_described() -> None:
    definitions = json_schema()["$defs"]
    bare = [
        f"{name}.{field}"
        for name, definition in definitions.items()
        if not name.startswith("k8s.")
        for field, entry in definition["properties"].items()
        if not entry.get("description")
    ]
    assert bare == []


@pytest.mark.parametrize("document", [APPLICATION, OVERLAY, DEFAULTS], ids=lambda d: d["kind"])
def test_the_documents_of_these_tests_are_good(document: dict[str, Any]) -> None:
    assert model_errors(document) == []
    assert complaints(document) == []


@pytest.mark.parametrize("document", [d for _, d in EXAMPLES], ids=[name for name, _ in EXAMPLES])
def test_the_examples_are_good(document: dict[str, Any]) -> None:
    assert complaints(document) == []


class TestAgreesWithTheModels:
    @given(changed(BASE))
    def test_what_the_model_takes_the_schema_takes(self, document: dict[str, Any]) -> None:
        if not model_errors(document):
            assert complaints(document) == []

    @given(changed(BASE))
    def test_what_the_schema_takes_only_rules_refuse(self, document: dict[str, Any]) -> None:
        """Rules are those across fields and of text's form, which the models write by hand."""
        if not complaints(document):
            errors = model_errors(document)
            # workerDefaults may give what a worker set lacks.
            kinds = {kind for kind, loc in errors if loc[:2] != ("spec", "workers")}
            assert kinds <= {"spec"}
            assert {kind for kind, _ in errors} <= {"spec", "missing"}

    @given(changed(APPLICATION, ("spec", "overlays", 1)))
    def test_overrides_that_merge_well_pass(self, document: dict[str, Any]) -> None:
        documents, problems = parse(yaml.safe_dump(document).encode(), "shop.yaml")
        if problems:
            return
        merged, problems = environments(documents[0])
        for environment in merged:
            problems += validate(CeleryApplication, environment.document).problems
        if not problems:
            assert complaints(document) == []

    @given(misspelled(APPLICATION))
    def test_both_refuse_a_misspelled_field(self, case: tuple[str, dict[str, Any]]) -> None:
        path, document = case
        assert complaints(document) != [], path
        if "overrides" not in path:
            assert model_errors(document) != [], path

    def test_lists_merge_as_merge_says(self) -> None:
        assert values._SPEC.keys == shape.MERGED_LISTS
        assert values._SPEC.whole == shape.WHOLE_ITEMS


class TestNull:
    def test_stands_for_an_absent_field(self) -> None:
        document = with_spec(
            beat=None, workers=[{"name": "a", "pool": None, "resources": {"limits": {"cpu": None}}}]
        )
        assert complaints(document) == []

    def test_does_not_stand_for_a_required_one(self) -> None:
        document = with_spec(broker={"redis": {"host": None}})
        assert complaints(document) == ["$.spec.broker.redis.host: None is not of type 'string'"]


class TestWorkers:
    def test_need_only_a_name(self) -> None:
        assert complaints(with_spec(workers=[{"name": "a", "autoscaling": {}}])) == []
        assert complaints(with_spec(workers=[{"replicas": 1}])) == [
            "$.spec.workers[0]: 'name' is a required property"
        ]


class TestOverrides:
    def test_require_nothing(self) -> None:
        assert complaints(with_overrides(redis={"storage": {"size": "1Gi"}})) == []

    def test_take_no_overlays(self) -> None:
        assert complaints(with_overrides(overlays=[])) != []
        assert complaints(with_overrides(patches=[])) != []

    @pytest.mark.parametrize("name", ["workers", "env", "volumes", "imagePullSecrets"])
    def test_items_are_deleted_by_name(self, name: str) -> None:
        assert complaints(with_overrides(**{name: [{"name": "a", "$patch": "delete"}]})) == []
        assert complaints(with_overrides(**{name: [{"name": "a", "$patch": "remove"}]})) != []

    def test_a_list_that_is_replaced_has_whole_items(self) -> None:
        worker = {"name": "a", "autoscaling": {"schedules": [{"start": "0 8 * * *"}]}}
        assert complaints(with_overrides(workers=[worker])) != []


class TestKinds:
    def test_other_objects_may_stand_beside(self) -> None:
        assert complaints({"apiVersion": "v1", "kind": "ConfigMap", "data": {}}) == []
        assert complaints({"apiVersion": "celeryproject.org/v1alpha1", "kind": "Celery"}) == []

    @pytest.mark.parametrize(
        ("version", "kind", "expected"),
        [
            (
                "celeryproject.org/v1beta1",
                "CeleryAplication",
                "$.kind: 'CeleryAplication' is not one of ['CeleryApplication', "
                "'CeleryApplicationOverlay', 'CeleryApplicationDefaults']",
            ),
            (
                "celeryproject.org/v1",
                "CeleryApplication",
                "$.apiVersion: 'celeryproject.org/v1' is not one of "
                "['celeryproject.org/v1beta1', 'celeryproject.org/v1alpha1']",
            ),
        ],
    )
    def test_ours_are_spelled_exactly(self, version: str, kind: str, expected: str) -> None:
        assert complaints({"apiVersion": version, "kind": kind}) == [expected]

    def test_defaults_are_partial(self) -> None:
        document = copy.deepcopy(DEFAULTS)
        document["spec"]["redis"]["storge"] = {}
        assert complaints(document) != []
