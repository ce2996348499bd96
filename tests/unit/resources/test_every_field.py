"""A spec with every field: nothing is missing in it, and Kubernetes takes what it becomes."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import kubernetes_validate
import pytest
import yaml

from celery_kustomize.load.yaml import parse
from celery_kustomize.merge import environments
from celery_kustomize.model.application import CeleryApplication
from celery_kustomize.model.base import Model
from celery_kustomize.resources import render

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (Path(__file__).parent / "every_field.yaml").read_text()
CUSTOM = {"HTTPRoute", "ScaledObject", "TriggerAuthentication", "ServiceMonitor"}
SECRET = {"secretKeyRef": {"name": "s", "key": "k"}}

# One spec has one broker and one way to log in to Flower; these stand for the others.
OTHERS: dict[str, dict[str, Any]] = {
    "url": {"broker": {"url": "memory://"}},
    "urlFrom": {"broker": {"urlFrom": SECRET}},
    "sentinel": {
        "broker": {
            "sentinel": {
                "hosts": ["s.data.svc"],
                "port": 1,
                "masterName": "m",
                "database": 1,
                "username": "u",
                "passwordFrom": SECRET,
                "sentinelUsername": "u",
                "sentinelPasswordFrom": SECRET,
                "tls": {},
                "sentinelTls": {},
            }
        }
    },
    "rabbitmq": {
        "broker": {
            "rabbitmq": {
                "host": "r.data.svc",
                "port": 1,
                "vhost": "v",
                "username": "u",
                "passwordFrom": SECRET,
                "tls": {},
                "managementPort": 2,
            }
        }
    },
    "rabbitmq user": {
        "broker": {"rabbitmq": {"host": "r.x", "usernameFrom": SECRET, "passwordFrom": SECRET}}
    },
    "sqs": {
        "broker": {
            "sqs": {
                "region": "r",
                "queueNamePrefix": "p",
                "predefinedQueues": {"q": {"url": "u"}},
                "endpoint": "http://e",
                "accessKeyIdFrom": SECRET,
                "secretAccessKeyFrom": SECRET,
            }
        }
    },
    "kafka": {
        "broker": {
            "kafka": {
                "hosts": ["k.x"],
                "port": 1,
                "username": "u",
                "passwordFrom": SECRET,
                "sasl": "plaintext",
                "tls": {},
            }
        }
    },
    "pubsub": {
        "broker": {"pubsub": {"projectId": "p", "queueNamePrefix": "q", "credentialsFrom": SECRET}}
    },
    "azure": {
        "broker": {
            "azureServiceBus": {
                "namespace": "n",
                "queueNamePrefix": "q",
                "sasPolicy": "p",
                "sasKeyFrom": SECRET,
            }
        }
    },
    "result backend": {"resultBackend": {"sentinel": {"hosts": ["a"], "masterName": "m"}}},
    "managed result backend": {"resultBackend": {"managedRedis": {}, "transportOptions": {"a": 1}}},
    "result backend url": {"resultBackend": {"url": "redis://h/1"}},
    "result backend url from": {"resultBackend": {"urlFrom": SECRET}},
    "oauth": {
        "flower": {
            "oauth": {
                "provider": "google",
                "authRegex": ".*",
                "clientIdFrom": SECRET,
                "clientSecretFrom": SECRET,
                "cookieSecretFrom": SECRET,
                "redirectUri": "https://f/login",
            }
        }
    },
    "identity": {
        "workers": [
            {"name": "a", "autoscaling": {"maxReplicas": 2, "queueLength": {"podIdentity": "aws"}}}
        ]
    },
    "delivery by file": {"config": {"delivery": "File", "values": {"task_acks_late": True}}},
    "components": {
        name: {"command": ["x"], "podTemplate": {"spec": {"hostNetwork": False}}}
        for name in ("beat", "flower", "web", "migration")
    },
}


def application(change: dict[str, Any] | None = None) -> CeleryApplication:
    document = yaml.safe_load(TEXT)
    document["spec"] |= change or {}
    located, problems = parse(yaml.safe_dump(document).encode(), "every_field.yaml")
    assert problems == []
    merged, problems = environments(located[0])
    assert problems == []
    return CeleryApplication.model_validate(merged[0].document)


def _given(value: Any, seen: dict[type[Model], set[str]]) -> None:
    if isinstance(value, Model):
        seen[type(value)] |= value.model_fields_set
        for name in value.model_fields_set:
            _given(getattr(value, name), seen)
    elif isinstance(value, dict):
        for item in value.values():
            _given(item, seen)
    elif isinstance(value, list):
        for item in value:
            _given(item, seen)


def _models(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for argument in get_args(annotation):
        yield from _models(argument)


def test_every_field_of_every_model_is_written_somewhere() -> None:
    seen: dict[type[Model], set[str]] = defaultdict(set)
    for change in ({}, *OTHERS.values()):
        _given(application(change), seen)
    # What all components have in common counts once.
    shared = {name for names in seen.values() for name in names}
    missing = {
        (model.__name__, name)
        for model in set(_models(CeleryApplication))
        for name in model.model_fields
        if name not in seen[model] and (model not in seen or name not in shared)
    }
    assert missing == set()


@pytest.mark.parametrize("change", [{}, *OTHERS.values()], ids=["all", *OTHERS])
def test_kubernetes_takes_every_object(change: dict[str, Any]) -> None:
    folder = render(application(change), header="Generated.")
    for item in folder.objects():
        if item["kind"] not in CUSTOM:
            kubernetes_validate.validate(item, "1.34", strict=True)


@pytest.mark.parametrize("change", [{}, *OTHERS.values()], ids=["all", *OTHERS])
def test_every_mounted_volume_exists_and_every_reference_is_declared_before(
    change: dict[str, Any],
) -> None:
    folder = render(application(change), header="Generated.")
    for item in folder.objects():
        template = item.get("spec", {}).get("template")
        if not isinstance(template, dict):
            continue
        pod = template["spec"]
        volumes = {volume["name"] for volume in pod.get("volumes", [])}
        volumes |= {c["metadata"]["name"] for c in item["spec"].get("volumeClaimTemplates", [])}
        for container in pod["containers"]:
            mounts = [mount["name"] for mount in container.get("volumeMounts", [])]
            assert set(mounts) <= volumes
            declared: set[str] = set()
            for variable in container.get("env", []):
                value = variable.get("value", "")
                for part in value.split("$(")[1:]:
                    assert part.split(")")[0] in declared, variable
                assert variable["name"] not in declared
                declared.add(variable["name"])
