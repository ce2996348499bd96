"""Rules about volumes and mounts."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "a wrong name": (
        """
        volumes: [{name: My_Data, emptyDir: {}}]
        workers: [{name: a, volumes: [{name: b_c, emptyDir: {}}]}]
        """,
        "[]",
        [
            'spec.volumes.0.name: "My_Data" must have only lower-case letters, digits and "-", '
            'and start and end with a letter or digit; write "my-data"',
            'spec.workers.0.volumes.0.name: "b_c" must have only lower-case letters, digits and '
            '"-", and start and end with a letter or digit; write "b-c"',
        ],
    ),
    "twice": (
        """
        volumes: [{name: d, emptyDir: {}}, {name: d, emptyDir: {}}]
        volumeMounts: [{name: d, mountPath: /d}, {name: d, mountPath: /d}]
        workers: [{name: a}]
        """,
        "[]",
        [
            'spec.volumes.1: "d" is given twice, which Kubernetes refuses: remove one',
            'spec.volumeMounts.1: "/d" is given twice, which Kubernetes refuses: remove one',
        ],
    ),
    "twice in a component": (
        """
        beat:
          volumes:
          - name: d
            emptyDir: {}
          - name: d
            emptyDir: {}
          volumeMounts:
          - {name: d, mountPath: /d}
          - {name: d, mountPath: /d}
        """,
        "[]",
        [
            'spec.beat.volumes.1: "d" is given twice, which Kubernetes refuses: remove one',
            'spec.beat.volumeMounts.1: "/d" is given twice, which Kubernetes refuses: remove one',
        ],
    ),
    "a mount without a volume": (
        """
        volumeMounts: [{name: x, mountPath: /x}]
        beat: {volumeMounts: [{name: y, mountPath: /y}]}
        """,
        "[]",
        [
            'spec.volumeMounts.0: there is no volume "x" in beat: add it to volumes',
            'spec.beat.volumeMounts.0: there is no volume "y" in beat: add it to volumes',
        ],
    ),
    "the generator's names": (
        """
        volumes: [{name: celery-config, emptyDir: {}}]
        volumeMounts: [{name: celery-config, mountPath: /etc/celery-kustomize/x}]
        workers: [{name: a}]
        """,
        "[]",
        [
            'spec.volumes.0: "celery-config" is the name of a volume that the generator writes: '
            "write another name",
            "spec.volumeMounts.0: /etc/celery-kustomize holds the generator's own files: write "
            "another path",
        ],
    ),
    "redis' own volume": (
        """
        broker:
          managedRedis: {}
        redis:
          passwordFrom:
            secretKeyRef: {name: r, key: p}
          volumes:
          - name: config
            emptyDir: {}
        """,
        "[]",
        [
            'spec.redis.volumes.0: "config" is the name of a volume that the generator writes: '
            "write another name",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "inherited": (
        """
        volumes: [{name: d, emptyDir: {}}]
        workers: [{name: a, volumeMounts: [{name: d, mountPath: /d}]}]
        """,
        "[]",
    ),
    "from the pod template": (
        """
        workers:
        - name: a
          podTemplate:
            spec:
              volumes:
              - name: d
                emptyDir: {}
          volumeMounts:
          - {name: d, mountPath: /d}
        """,
        "[]",
    ),
    "one volume at two paths": (
        """
        workers:
        - name: a
          volumes:
          - name: d
            emptyDir: {}
          volumeMounts:
          - {name: d, mountPath: /d}
          - {name: d, mountPath: /e}
        """,
        "[]",
    ),
}


@pytest.mark.parametrize(("text", "objects", "expected"), BAD.values(), ids=BAD)
def test_tells_what_is_wrong(text: str, objects: str, expected: list[str]) -> None:
    assert findings(text, objects) == expected


@pytest.mark.parametrize(("text", "objects"), GOOD.values(), ids=GOOD)
def test_says_nothing_of_what_is_right(text: str, objects: str) -> None:
    assert findings(text, objects) == []
