"""celery.k8s.io/v1beta1 CeleryApplication: each field, what is said about it, every mistake."""

from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.convert import convert
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, mark_at, plain
from celery_kustomize.model import defaults
from celery_kustomize.model.application import CeleryApplication

HEAD = """\
apiVersion: celery.k8s.io/v1beta1
kind: CeleryApplication
metadata: {name: sums}
spec:
"""
IMAGE = '  image: sums:1\n  celeryVersion: "5.4"\n'


def converted(text: str, head: str = HEAD) -> tuple[Map, list[str]]:
    """The native document, and what is said beside the general warning."""
    documents, problems = parse((head + text).encode(), "sums.yaml")
    assert problems == []
    native, told = convert(documents[0])
    return native, [str(problem) for problem in told[1:]]


def spec(text: str) -> dict[str, Any]:
    native, told = converted(IMAGE + text)
    assert told == []
    CeleryApplication.model_validate(native)
    found = plain(native["spec"])
    assert isinstance(found, dict)
    return found


def test_the_image_runs_its_own_command_and_reads_the_file() -> None:
    native, told = converted(IMAGE)
    assert told == []
    application = CeleryApplication.model_validate(native)
    worker = application.spec.workers[0]
    assert application.spec.app is None
    assert worker.command is None
    assert application.spec.config.delivery == "File"
    assert defaults.health_check_type(application.spec, worker) == "Ping"
    assert application.spec.flower is not None
    assert application.spec.flower.exposed() == []


class TestCeleryConfig:
    def test_addresses_and_flowers_options_have_fields_of_their_own(self) -> None:
        found = spec(
            "  celeryConfig: {broker_url: 'sqs://', result_backend: 'django-db', port: 80, "
            "url_prefix: flower, task_acks_late: true}\n"
        )
        assert found["broker"] == {"url": "sqs://"}
        assert found["resultBackend"] == {"url": "django-db"}
        assert found["flower"] == {"port": 80, "urlPrefix": "flower"}
        assert found["config"] == {"delivery": "File", "values": {"task_acks_late": True}}

    def test_several_brokers_are_one_url(self) -> None:
        found = spec("  celeryConfig: {broker_url: ['redis://a', 'redis://b']}\n")
        assert found["broker"] == {"url": "redis://a;redis://b"}

    def test_null_is_said_to_be_left_out(self) -> None:
        native, told = converted(f"{IMAGE}  celeryConfig: {{result_expires: null}}\n")
        assert plain(native["spec"]["config"]) == {"delivery": "File"}
        assert told == [
            "warning: sums.yaml:7: spec.celeryConfig.result_expires: is left out, as it is null: "
            "Celery's default counts"
        ]

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ("5", ": expected a map, got the number 5"),
            (
                "{broker_url: 5}",
                ".broker_url: expected a text, got the number 5: write it in quotes",
            ),
            ("{broker_url: []}", ".broker_url: expected a URL, got an empty list"),
            ("{broker_url: [{a: b}]}", ".broker_url[0]: expected a text, got a map"),
            ("{result_backend: {a: b}}", ".result_backend: expected a text, got a map"),
            (
                "{port: '5555'}",
                '.port: expected a whole number of at least 1, got the text "5555": write 5555 '
                "without quotes",
            ),
        ],
    )
    def test_mistakes(self, settings: str, message: str) -> None:
        told = converted(f"{IMAGE}  celeryConfig: {settings}\n")[1]
        assert told[0] == f"sums.yaml:7: spec.celeryConfig{message}"


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("sums", "IfNotPresent"),
        ("sums:latest", "IfNotPresent"),
        ("registry.example.com:5000/sums", "IfNotPresent"),
        ("sums:1.0", None),
        ("registry.example.com:5000/sums:1.0", None),
        (f"sums@sha256:{'0' * 64}", None),
    ],
)
def test_an_image_without_a_version_is_not_pulled_again(image: str, policy: str | None) -> None:
    native, _ = converted(f'  image: "{image}"\n  celeryVersion: "5.4"\n')
    assert native["spec"].get("imagePullPolicy") == policy


def test_a_given_pull_policy_counts() -> None:
    native, _ = converted('  image: sums\n  imagePullPolicy: Never\n  celeryVersion: "5.4"\n')
    assert native["spec"]["imagePullPolicy"] == "Never"


def test_annotations_stand_on_objects_and_pods_and_share_nothing() -> None:
    head = HEAD.replace("{name: sums}", "{name: sums, annotations: {a: b}}")
    native, _ = converted(IMAGE, head)
    places = [
        native["metadata"]["annotations"],
        native["spec"]["workers"][0]["annotations"],
        native["spec"]["flower"]["annotations"],
    ]
    assert places == [{"a": "b"}] * 3
    assert len({id(place) for place in places}) == 3


@pytest.mark.parametrize(
    ("given", "version", "told"),
    [
        ('"4.3.0"', "4.3.0", []),
        ("v5.4", "5.4", []),
        ("5.4", "5.4", ['is read as 5.4: write it in quotes, as "5.4"']),
        (
            '"5.x"',
            None,
            ["is left out, as it is not a version such as 5.5: options are not checked against it"],
        ),
        (
            "[5]",
            None,
            ["is left out, as it is not a version such as 5.5: options are not checked against it"],
        ),
    ],
)
def test_versions(given: str, version: str | None, told: list[str]) -> None:
    native, said = converted(f"  image: sums:1\n  celeryVersion: {given}\n")
    assert native["spec"].get("celeryVersion") == version
    assert said == [f"warning: sums.yaml:6: spec.celeryVersion: {message}" for message in told]


def test_every_mistake_at_once() -> None:
    text = """\
  imagePullSecret: [{name: a}]
  workerConfig:
    replicas: two
    resource: {}
    envConfig: {envs: []}
  flowerConfig: true
"""
    assert converted(text)[1] == [
        "sums.yaml:4: spec.celeryVersion: is missing: write Celery's version in the image, for "
        'example "5.5"',
        "sums.yaml:4: spec.image: is missing: write the image of the workers and of Flower",
        'sums.yaml:5: spec.imagePullSecret: unknown field; did you mean "imagePullSecrets"?',
        "sums.yaml:7: spec.workerConfig.replicas: expected a whole number of at least 0, got the "
        'text "two"',
        'sums.yaml:8: spec.workerConfig.resource: unknown field; did you mean "resources"?',
        'sums.yaml:9: spec.workerConfig.envConfig.envs: unknown field; did you mean "env"?',
        "sums.yaml:10: spec.flowerConfig: expected a map, got true",
    ]


def test_a_name_is_needed() -> None:
    head = HEAD.replace("metadata: {name: sums}\n", "")
    assert converted(IMAGE, head)[1] == [
        "sums.yaml:1: metadata.name: is missing: write the application's name",
    ]


def test_errors_of_the_model_point_into_the_older_file() -> None:
    native, _ = converted(
        f"{IMAGE}  workerConfig:\n    replicas: 1\n  celeryConfig:\n    a: 1\n    broker_url: b\n"
    )
    assert mark_at(native, ("spec", "broker", "url")).line == 11
    assert mark_at(native, ("spec", "workers", 0, "replicas")).path == "spec.workerConfig.replicas"
    assert mark_at(native, ("spec", "config", "values", "a")).path == "spec.celeryConfig.a"
    assert mark_at(native, ("spec", "config", "delivery")).line == 9
