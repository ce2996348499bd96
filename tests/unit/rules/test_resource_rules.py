"""Rules about requests and limits, and about Secrets in Git."""

from __future__ import annotations

from tests.unit.rules.rule_cases import findings


def test_amounts_that_an_api_server_refuses() -> None:
    spec = """
    workers:
    - name: a
      resources: {requests: {cpu: -1, memory: 10Gi}, limits: {memory: 1Gi}}
    web: {command: [run], resources: {requests: {cpu: 1500m}, limits: {cpu: 1}}}
    """
    assert findings(spec, "[]") == [
        "spec.workers.0.resources.requests.cpu: -1 is below zero: write 0 or more",
        "spec.workers.0.resources.requests.memory: 10Gi is above the limit (1Gi), so no pod could "
        "start: raise the limit, or request less",
        "spec.web.resources.requests.cpu: 1500m is above the limit (1), so no pod could start: "
        "raise the limit, or request less",
    ]


def test_amounts_that_fit() -> None:
    spec = """
    workers:
    - {name: a, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1000m}}}
    """
    assert findings(spec, "[]") == []


def test_secrets_in_git() -> None:
    objects = """
    - {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: hunter2}}
    - {apiVersion: v1, kind: Secret, metadata: {name: empty}}
    """
    assert findings("workers: [{name: a}]", objects) == [
        "warning: spec: Secret s stands in Git with its values: let a SealedSecret, an "
        "ExternalSecret or SOPS make it"
    ]
