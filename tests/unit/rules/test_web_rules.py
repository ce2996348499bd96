"""Rules about web, the migration, exposure and monitoring."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "a node port without nodes": (
        """
        web: {service: {nodePort: 30080}}
        """,
        "[]",
        [
            "spec.web.service.nodePort: a ClusterIP Service has none: write type: NodePort, or "
            "remove it",
        ],
    ),
    "a node port out of range": (
        """
        web: {service: {type: NodePort, nodePort: 80}}
        """,
        "[]",
        [
            "warning: spec.web.service.nodePort: 80 is outside 30000-32767, the range that "
            "clusters allow by default: write one of these, or remove it",
        ],
    ),
    "one address twice": (
        """
        flower: {insecure: true, ingress: {host: x.example.com}}
        web: {ingress: {host: x.example.com}}
        """,
        "[]",
        [
            "spec.web.ingress.host: x.example.com/ is the address of flower too: write another "
            "host or path",
        ],
    ),
    "a migration without a command": (
        """
        migration: {}
        """,
        "[]",
        [
            "spec.migration: has no command, and with the image's own the Job might never end: "
            "write command: [python, manage.py, migrate]",
        ],
    ),
    "PreSync before its ServiceAccount": (
        """
        migration: {command: [m], hook: PreSync}
        """,
        "[]",
        [
            "spec.migration.hook: PreSync runs before ServiceAccount shop of this spec exists, "
            "which the Job refers to: write Sync",
        ],
    ),
    "PreSync before what it refers to": (
        """
        config:
          values: {task_acks_late: true}
        serviceAccount: {create: false}
        redis:
          passwordFrom:
            secretKeyRef: {name: redis-password, key: p}
        broker:
          managedRedis: {}
        envFrom:
        - configMapRef: {name: shop-env}
        migration:
          command: [m]
          hook: PreSync
          volumes:
          - name: d
            persistentVolumeClaim: {claimName: data}
        """,
        """
        - {kind: Secret, metadata: {name: redis-password}}
        - {kind: ConfigMap, metadata: {name: shop-env}}
        - {kind: PersistentVolumeClaim, metadata: {name: data}}
        - {kind: Secret, metadata: {name: other}}
        """,
        [
            "spec.migration.hook: PreSync runs before the ConfigMap with the Celery settings of "
            "this spec exists, which the Job refers to: write Sync",
            "spec.migration.hook: PreSync runs before ConfigMap shop-env of this spec exists, "
            "which the Job refers to: write Sync",
            "spec.migration.hook: PreSync runs before PersistentVolumeClaim data of this spec "
            "exists, which the Job refers to: write Sync",
            "spec.migration.hook: PreSync runs before Secret redis-password of this spec exists, "
            "which the Job refers to: write Sync",
        ],
    ),
    "PreSync before the settings that a broker needs": (
        """
        serviceAccount: {create: false}
        broker: {sqs: {region: eu-west-1}}
        migration: {command: [m], hook: PreSync}
        """,
        "[]",
        [
            "spec.migration.hook: PreSync runs before the ConfigMap with the Celery settings of "
            "this spec exists, which the Job refers to: write Sync",
        ],
    ),
    "nothing to scrape": (
        """
        monitoring: {serviceMonitor: {}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.monitoring.serviceMonitor: has nothing to scrape: write monitoring.exporter: "
            "{} beside it",
        ],
    ),
    "an exporter without a broker": (
        """
        monitoring: {exporter: {}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.monitoring.exporter: does not know the broker: write spec.broker",
        ],
    ),
    "probes of a Job": (
        """
        migration: {command: [m], readinessProbe: {exec: {command: [x]}}}
        """,
        "[]",
        [
            "warning: spec.migration.readinessProbe: has no effect on a Job, which serves "
            "nobody: remove it",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "web": (
        """
        web:
          port: 80
          service: {type: NodePort, nodePort: 30080}
          ingress: {host: x.example.com}
        flower:
          insecure: true
          urlPrefix: flower
          ingress: {host: x.example.com}
        """,
        "[]",
    ),
    "PreSync with what exists": (
        """
        serviceAccount: {create: false}
        envFrom: [{configMapRef: {name: shop-env}}, {secretRef: {name: elsewhere}}]
        migration: {command: [m], hook: PreSync}
        """,
        """
        - kind: ConfigMap
          metadata: {name: shop-env, annotations: {argocd.argoproj.io/hook: PreSync}}
        """,
    ),
    "a Sync hook": (
        """
        migration: {command: [m]}
        """,
        "[]",
    ),
    "monitoring": (
        """
        broker: {redis: {host: redis.data.svc}}
        monitoring: {exporter: {}, serviceMonitor: {}}
        workers: [{name: a}]
        """,
        "[]",
    ),
    "an exporter's own broker": (
        """
        monitoring:
          exporter:
            env:
            - name: CE_BROKER_URL
              valueFrom:
                secretKeyRef: {name: r, key: p}
        workers:
        - {name: a}
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
