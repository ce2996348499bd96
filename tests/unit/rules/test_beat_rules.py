"""Rules about beat."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "nothing to run": (
        """
        app: null
        beat: {}
        """,
        "[]",
        [
            "spec.beat: has nothing to run, since there is no spec.app: write spec.app, or "
            "beat.command",
        ],
    ),
    "options of an own command": (
        """
        beat:
          command: [run]
          scheduler: x
          maxInterval: 5
          logLevel: INFO
          healthCheck: {type: Heartbeat}
        """,
        "[]",
        [
            "spec.beat.scheduler: has no command line to go to, since beat runs a command of its "
            "own: write the option in the command",
            "spec.beat.maxInterval: has no command line to go to, since beat runs a command of "
            "its own: write the option in the command",
            "spec.beat.logLevel: has no command line to go to, since beat runs a command of its "
            "own: write the option in the command",
            "spec.beat.healthCheck.type: Heartbeat needs a scheduler on beat's command line, "
            "which is not composed here: write None, or a livenessProbe",
        ],
    ),
    "storage that stays empty": (
        """
        beat:
          scheduler: django_celery_beat.schedulers:DatabaseScheduler
          storage: {size: 1Gi}
        """,
        "[]",
        [
            'warning: spec.beat.storage: "django_celery_beat.schedulers:DatabaseScheduler" keeps '
            "its state elsewhere, so the volume stays empty: remove it",
        ],
    ),
    "RedBeat's lock": (
        """
        beat: {scheduler: redbeat.RedBeatScheduler, maxInterval: 300}
        """,
        "[]",
        [
            "spec.beat.maxInterval: beat may be silent for 1500 s, but is restarted when its "
            "heartbeat is older than 600 s: write less, or healthCheck: {staleAfterSeconds: 1560}",
        ],
    ),
    "a long interval": (
        """
        beat: {maxInterval: 550}
        """,
        "[]",
        [
            "spec.beat.maxInterval: beat may be silent for 550 s, but is restarted when its "
            "heartbeat is older than 600 s: write less, or healthCheck: {staleAfterSeconds: 660}",
        ],
    ),
    "an autoscaler": (
        """
        beat: {}
        """,
        """
        - kind: HorizontalPodAutoscaler
          metadata: {name: mine}
          spec:
            scaleTargetRef: {kind: Deployment, name: shop-beat}
        """,
        [
            "spec.beat: HorizontalPodAutoscaler mine scales it, but two schedulers send every "
            "task twice: remove that object",
        ],
    ),
    "a patch": (
        """
        beat: {}
        patches:
        - patch: |
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: shop-beat}
            spec: {replicas: 2}
        - target: {kind: Deployment, name: shop-beat}
          patch: |
            - {op: replace, path: /spec/replicas, value: 3}
        """,
        "[]",
        [
            "spec.patches.0: gives beat more than one replica, but two schedulers send every "
            "task twice: remove it",
            "spec.patches.1: gives beat more than one replica, but two schedulers send every "
            "task twice: remove it",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "beat": (
        """
        beat: {storage: {size: 1Gi}}
        """,
        "[]",
    ),
    "an own command": (
        """
        app: null
        beat: {command: [run]}
        """,
        "[]",
    ),
    "an own command in place of inherited options": (
        """
        beat: {command: [run], scheduler: null, maxInterval: null, logLevel: null}
        """,
        "[]",
    ),
    "RedBeat": (
        """
        beat: {scheduler: redbeat.RedBeatScheduler}
        """,
        "[]",
    ),
    "patches of others": (
        """
        beat: {}
        patches:
        - patch: |
            metadata: {name: shop-web}
            spec: {replicas: 2}
        - patch: |
            metadata: {name: shop-beat}
            spec: {replicas: 0}
        - {target: {name: shop-web}, patch: "[{op: replace, path: /spec/replicas, value: 3}]"}
        - {target: {name: shop-beat}, patch: "replicas: [unclosed"}
        - {target: {name: shop-beat}, patch: "replicas"}
        """,
        """
        - kind: HorizontalPodAutoscaler
          metadata: {name: mine}
          spec:
            scaleTargetRef: {name: shop-web}
        - {kind: ConfigMap, spec: text}
        """,
    ),
}


@pytest.mark.parametrize(("text", "objects", "expected"), BAD.values(), ids=BAD)
def test_tells_what_is_wrong(text: str, objects: str, expected: list[str]) -> None:
    assert findings(text, objects) == expected


@pytest.mark.parametrize(("text", "objects"), GOOD.values(), ids=GOOD)
def test_says_nothing_of_what_is_right(text: str, objects: str) -> None:
    assert findings(text, objects) == []
