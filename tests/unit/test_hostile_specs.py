"""Whatever stands in a spec: the run ends with a result or with problems, never a traceback."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from celery_kustomize.errors import CeleryKustomizeError, Severity, SpecError
from celery_kustomize.pipeline import run
from celery_kustomize.tree import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

ROOT = Path(__file__).parents[2]
EVERY_FIELD = Path(__file__).parent / "resources" / "every_field.yaml"

Document = dict[str, Any]
_Place = tuple[str | int, ...]


def _specs() -> Iterator[list[Document]]:
    paths = [EVERY_FIELD, *sorted((ROOT / "examples").rglob("*.yaml"))]
    for path in paths:
        documents = [d for d in yaml.safe_load_all(path.read_text()) if d]
        if any("Celery" in str(d.get("kind")) for d in documents):
            # Files beside the spec, and patches, which kustomize applies, have tests of their own.
            for document in documents:
                spec = document.get("spec", {})
                for part in (spec, *(spec.get("overlays") or [])):
                    part.pop("patches", None)
                    part.get("overrides", {}).pop("extraResources", None)
                    part.pop("extraResources", None)
            yield documents


SPECS = list(_specs())

# Parts that exclude each other, so that no single spec has them all.
SECRET = {"secretKeyRef": {"name": "s", "key": "k"}}
PARTS: list[Any] = [
    {"url": "redis://:$(A)@h/0"},
    {"urlFrom": SECRET},
    {"redis": {"host": "h", "tls": {}}},
    {
        "sentinel": {
            "hosts": ["a", "b"],
            "masterName": "m",
            "passwordFrom": SECRET,
            "sentinelUsername": "u",
            "sentinelPasswordFrom": SECRET,
            "sentinelTls": {"insecureSkipVerify": True},
        }
    },
    {"rabbitmq": {"host": "h", "username": "u", "passwordFrom": SECRET, "managementPort": 1}},
    {
        "sqs": {
            "region": "r",
            "predefinedQueues": {"q": {"url": "u"}},
            "endpoint": "http://e",
            "accessKeyIdFrom": SECRET,
            "secretAccessKeyFrom": SECRET,
        }
    },
    {"kafka": {"hosts": ["h"], "sasl": "plaintext", "username": "u", "passwordFrom": SECRET}},
    {"pubsub": {"projectId": "p", "credentialsFrom": SECRET}},
    {"azureServiceBus": {"namespace": "n", "sasPolicy": "p", "sasKeyFrom": SECRET}},
    {
        "oauth": {
            "provider": "google",
            "authRegex": ".*",
            "clientIdFrom": SECRET,
            "clientSecretFrom": SECRET,
            "cookieSecretFrom": SECRET,
            "redirectUri": "https://x/login",
        }
    },
    {"name": "a", "$patch": "delete"},
    [{"$patch": "replace"}],
    {"$patch": "replace"},
    {"source": "Flower"},
    {"delivery": "CommandLine"},
    {"delivery": "File"},
]
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    -(2**63),
    2**64 - 1,
    10**400,
    0.5,
    1e300,
    -0.0,
    "",
    " ",
    "a",
    "A" * 300,
    "0",
    "1e400",
    "10Gi",
    "-5m",
    "1" * 30 + "Ki",
    "$(A)",
    "$(",
    "a\nb",
    "\t",
    "\x00",
    "\x7f\x1b[31m",
    "\ud800",
    "\u2028",
    "日本",
    "🌱",
    "../../etc/passwd",
    "{{ x }}",
    "- a: b",
    "*a",
    "!!python/object:os.system",
    "%41:/#?[]@",
    "a=b,c=d",
    "--purge",
    "'\"\\`$(id)",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {"a": None},
    {"a": {"b": [1]}},
    {"<<": {"a": 1}},
    {"__proto__": 1},
    {"[key]": 1},
    {"0": 1},
]


def _places(value: Any, path: _Place = ()) -> Iterator[_Place]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


def _at(value: Any, path: _Place) -> Any:
    for step in path:
        value = value[step]
    return value


def _replace(documents: list[Any], place: _Place, choice: Random) -> None:
    value = choice.choice(ODD) if choice.random() < 0.7 else choice.choice(PARTS)
    _at(documents, place[:-1])[place[-1]] = copy.deepcopy(value)


def _transplant(documents: list[Any], place: _Place, choice: Random) -> None:
    donor = choice.choice(SPECS)
    part = copy.deepcopy(_at(donor, choice.choice(list(_places(donor)))))
    _at(documents, place[:-1])[place[-1]] = part


def _remove(documents: list[Any], place: _Place, _: Random) -> None:
    del _at(documents, place[:-1])[place[-1]]


def _rename(documents: list[Any], place: _Place, choice: Random) -> None:
    parent = _at(documents, place[:-1])
    if isinstance(parent, dict):
        name = choice.choice(["", "a", "nam", "x" * 200, "\x1b", "$patch", "app", "a.b/c", "[key]"])
        parent[name] = parent.pop(place[-1])


def _repeat(documents: list[Any], place: _Place, choice: Random) -> None:
    parent = _at(documents, place[:-1])
    if isinstance(parent, list):
        parent.insert(choice.randrange(len(parent) + 1), copy.deepcopy(parent[int(place[-1])]))


def _add(documents: list[Any], place: _Place, choice: Random) -> None:
    value = _at(documents, place)
    part = copy.deepcopy(choice.choice(PARTS))
    if isinstance(value, dict) and isinstance(part, dict):
        value.update(part)
    elif isinstance(value, list):
        value.append(part)


_CHANGES: list[Callable[[list[Any], _Place, Random], None]] = [
    _replace,
    _replace,
    _replace,
    _transplant,
    _transplant,
    _remove,
    _rename,
    _repeat,
    _add,
]


def mutated(choice: Random) -> list[Any]:
    """The documents of a spec with some of its parts changed, at any place."""
    documents: list[Any] = copy.deepcopy(choice.choice(SPECS))
    for _ in range(choice.choice([1, 1, 1, 2, 3, 6])):
        places = [place for place in _places(documents) if place]
        if not places:
            break
        choice.choice(_CHANGES)(documents, choice.choice(places), choice)
    return documents


def _run(data: bytes) -> None:
    try:
        result = run(["-"], stdin=io.BytesIO(data))
    except SpecError as caught:
        errors = [p for p in caught.problems if p.severity is Severity.ERROR]
        broken = [line for line in str(caught).split("\n") if not line.isprintable()]
        if not errors or broken:
            pytest.fail(f"stopped without an error, or with one that no terminal takes: {broken}")
        return
    for application in result.applications:
        for folder in (application.base, *application.overlays.values()):
            for text in files(folder).values():
                text.encode()


@pytest.fixture(autouse=True, scope="module")
def _without_kustomize() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELERY_KUSTOMIZE_BIN", "/nonexistent/kustomize")
        yield


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=True))
def test_changed_specs_never_end_in_a_traceback(choice: Random) -> None:
    text = "\n---\n".join(json.dumps(document) for document in mutated(choice))
    try:
        _run(text.encode())
    except CeleryKustomizeError:
        pass
    except Exception as error:
        error.add_note(text)
        raise


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
@example(b"")
@example(b"\xff\xfe")
@example(b"kind: CeleryApplication\n")
@example(b"apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplication\n")
@example(b"apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplication\nspec: []\nmetadata: 5\n")
@example(b"apiVersion: celeryproject.org/v1alpha1\nkind: Celery\nspec: []\nmetadata: 5\n")
@example(b"apiVersion: celery.k8s.io/v1beta1\nkind: CeleryApplication\nspec: 5\n")
@example(b"apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationOverlay\nspec: []\n")
@example(b"apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationDefaults\nspec: []\n")
def test_any_bytes_never_end_in_a_traceback(data: bytes) -> None:
    _run(data)
