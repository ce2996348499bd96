"""Parameters of every shape, from wherever Argo CD puts them: what is taken, what is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from celery_kustomize.argocd.environment import read_target
from celery_kustomize.argocd.parameters import PARAMETERS
from celery_kustomize.errors import SpecError
from celery_kustomize.located import plain
from tests.unit.argocd.running import parameters

ALL = "ARGOCD_APP_PARAMETERS"


def values(text: str | None = None, **environment: str) -> dict[str, Any]:
    given = environment if text is None else {ALL: text, **environment}
    found: dict[str, Any] = plain(read_target(given).values)
    return found


def problems(text: str | None = None, **environment: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        values(text, **environment)
    return [str(problem) for problem in caught.value.problems]


# --- what is taken -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [None, "", "null", "[]"])
def test_no_parameters(text: str | None) -> None:
    assert values(text) == {}


def test_every_parameter() -> None:
    given: dict[str, Any] = {
        "application": "shop",
        "overlay": "production",
        "image": "1.4.3",
        "namespace": "preview",
        "labels": {"team": "checkout"},
        "annotations": {"example.com/owner": "checkout"},
        "overrides": "workers: [{name: a, replicas: 1}]",
    }
    assert list(given) == [parameter.name for parameter in PARAMETERS]
    expected = {**given, "overrides": {"workers": [{"name": "a", "replicas": 1}]}}
    assert values(parameters(**given)) == expected


@pytest.mark.parametrize(
    "item",
    [
        {"name": "overlay", "string": ""},
        {"name": "overlay", "string": " \n"},
        {"name": "overlay", "string": None},
        {"name": "overlay", "array": []},
        {"name": "overlay", "string": "", "array": [], "map": {}},
        {"name": "labels", "map": {}},
        {"name": "labels", "string": ""},
        {"name": "overrides", "string": "\n"},
    ],
)
def test_an_empty_value_is_none(item: dict[str, Any]) -> None:
    assert values(json.dumps([item])) == {}


def test_text_is_taken_without_the_space_around_it() -> None:
    assert values(parameters(overlay=" production\n")) == {"overlay": "production"}


@pytest.mark.parametrize("variable", ["ARGOCD_ENV_OVERLAY", "ARGOCD_ENV_overlay", "PARAM_OVERLAY"])
def test_a_variable_for_a_text(variable: str) -> None:
    assert values(**{variable: "production"}) == {"overlay": "production"}
    assert values("null", **{variable: "production"}) == {"overlay": "production"}


def test_a_parameter_counts_more_than_a_variable() -> None:
    given = {"PARAM_OVERLAY": "b", "ARGOCD_ENV_OVERLAY": "c", "ARGOCD_ENV_IMAGE": "1"}
    assert values(parameters(overlay="a"), **given) == {"overlay": "a", "image": "1"}
    assert values(**given) == {"overlay": "b", "image": "1"}


def test_an_empty_parameter_switches_a_variable_off() -> None:
    assert values(parameters(overlay=""), ARGOCD_ENV_OVERLAY="production") == {}


def test_variables_of_others_are_nothing_to_us() -> None:
    assert (
        values(
            OVERLAY="x",
            ARGOCD_ENV_="x",
            ARGOCD_ENV_PATH="/evil",
            ARGOCD_ENV_LD_PRELOAD="/evil.so",
            ARGOCD_ENV_HELM_ARGS="x",
            ARGOCD_APP_NAMESPACE="x",
            ARGOCD_APP_NAME="x",
            PARAM_LABELS_TEAM="x",
            KUBE_VERSION="1.34",
        )
        == {}
    )


# --- what is told --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("overlay=secret", "is not JSON: Expecting value at character 1"),
        ("[" * 100_000, "is not JSON that can be read"),
        ("1" * 5_000, "is not JSON that can be read"),
        ("{}", "must be a list of parameters, not a map"),
        ('"x"', "must be a list of parameters, not a string"),
        ("5", "must be a list of parameters, not the number 5"),
        ("false", "must be a list of parameters, not false"),
        ('["overlay"]', "every parameter must be a map with a name"),
        ('[{"string": "x"}]', "every parameter must be a map with a name"),
        ('[{"name": 1}]', "every parameter must be a map with a name"),
    ],
)
def test_what_is_no_list_of_parameters(text: str, problem: str) -> None:
    assert problems(text) == [f"{ALL}: {problem}"]


KNOWN = "application, overlay, image, namespace, labels, annotations, overrides"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("overlai", 'unknown parameter "overlai"; did you mean "overlay"?'),
        ("Overlay", 'unknown parameter "Overlay"; did you mean "overlay"?'),
        ("images", 'unknown parameter "images"; did you mean "image"?'),
        ("values", f'unknown parameter "values" (there are: {KNOWN})'),
        ("a\n\x1b[31m", f'unknown parameter "a\\n\\u001b[31m" (there are: {KNOWN})'),
        ("\ud800", f'unknown parameter "\\ud800" (there are: {KNOWN})'),
        ("x" * 500, f'unknown parameter "{"x" * 64}..." (there are: {KNOWN})'),
    ],
)
def test_an_unknown_parameter(name: str, problem: str) -> None:
    assert problems(parameters(**{name: "x"})) == [f"{ALL}: {problem}"]


@pytest.mark.parametrize(
    "item",
    [
        {"string": 5},
        {"string": True},
        {"string": {"a": "b"}},
        {"array": ["production"]},
        {"map": {"a": "b"}},
        {"string": "production", "array": ["production"]},
        {"value": "production"},
        {"string": "production", "value": "production"},
        {},
    ],
)
def test_a_value_that_is_no_text(item: dict[str, Any]) -> None:
    assert problems(json.dumps([{"name": "overlay", **item}])) == [
        'parameter overlay: must have a string, as in string: "production"'
    ]


@pytest.mark.parametrize(
    "item",
    [
        {"string": "a=b"},
        {"array": ["a=b"]},
        {"map": {"a": 5}},
        {"map": {"a": None}},
        {"map": ["a"]},
        {},
    ],
)
def test_a_value_that_is_no_map(item: dict[str, Any]) -> None:
    assert problems(json.dumps([{"name": "labels", **item}])) == [
        "parameter labels: must have a map of strings, as in map: {preview: pr-7}"
    ]


def test_a_parameter_given_twice() -> None:
    item = {"name": "overlay", "string": "production"}
    assert problems(json.dumps([item, item])) == ["parameter overlay: is given twice: remove one"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "parameter overrides:1: a value is expected here, not the end"),
        ("- a", "parameter overrides: must be one YAML map, a partial spec"),
        ("a: b\n---\n- a", "parameter overrides: must be one YAML map, a partial spec"),
        ("image", "parameter overrides: must be one YAML map, a partial spec"),
        ("# a", "parameter overrides: must be one YAML map, a partial spec"),
        ("a: b\n---\nc: d", "parameter overrides: must be one YAML map, a partial spec"),
        ("a: b\na: c", "parameter overrides:2: a: given twice, first in line 1: remove one"),
    ],
)
def test_overrides_that_are_no_map(text: str, problem: str) -> None:
    assert problems(parameters(overrides=text)) == [problem]


@pytest.mark.parametrize("text", ["\ud800", "a\x80", "\ufffe"])
def test_characters_that_nothing_keeps(text: str) -> None:
    message = "has a character that YAML cannot keep: remove it"
    assert problems(parameters(overlay=text)) == [f"parameter overlay: {message}"]
    assert problems(parameters(overrides=f"image: {text}")) == [f"parameter overrides: {message}"]
    assert problems(parameters(annotations={"a": text})) == [f"parameter annotations: a: {message}"]


def test_all_problems_at_once() -> None:
    items = [{"name": "x"}, {"name": "image", "string": 1}, {"name": "labels", "string": "a"}]
    assert problems(json.dumps(items), ARGOCD_ENV_LABELS="a", ARGOCD_ENV_OVERLAYS="b") == [
        f'{ALL}: unknown parameter "x" (there are: {KNOWN})',
        "ARGOCD_ENV_LABELS: holds a map: write it as the parameter labels, not as a variable",
        "ARGOCD_ENV_OVERLAYS: is not known; did you mean ARGOCD_ENV_OVERLAY?",
        'parameter image: must have a string, as in string: "1.4.3"',
        "parameter labels: must have a map of strings, as in map: {preview: pr-7}",
    ]


def test_a_variable_in_two_spellings() -> None:
    assert problems(ARGOCD_ENV_OVERLAY="a", ARGOCD_ENV_overlay="b") == [
        "ARGOCD_ENV_overlay: is given as ARGOCD_ENV_OVERLAY too: remove one"
    ]


def test_a_variable_that_is_not_utf_8() -> None:
    """Python reads such bytes as lone surrogates."""
    assert problems(ARGOCD_ENV_OVERLAY="a\udcff") == [
        "ARGOCD_ENV_OVERLAY: has a character that YAML cannot keep: remove it"
    ]
