"""Documents that use much of the specification, and ways to change them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]

API_VERSION = "celeryproject.org/v1beta1"

APPLICATION: dict[str, Any] = yaml.safe_load(r"""
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplication
metadata: {name: shop, namespace: shop, labels: {team: checkout}, annotations: {a/b: c}}
spec:
  app: shop.celery
  celeryCommand: [ddtrace-run, celery]
  image: jp.icr.io/shop/app:1.4.2
  imagePullPolicy: IfNotPresent
  imagePullSecrets: [{name: all-icr-io}]
  registryMirror: jp.icr.io/mirror
  celeryVersion: "5.5"
  serviceAccount: {create: true, annotations: {}}
  security: {runAsUser: null, profile: Baseline}
  env:
  - {name: DJANGO_SETTINGS_MODULE, value: shop.settings}
  - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
  envFrom: [{configMapRef: {name: shop-env}}]
  volumes: [{name: media, persistentVolumeClaim: {claimName: media}}]
  volumeMounts: [{name: media, mountPath: /media}]
  config: {values: {task_acks_late: true, task_routes: null}, delivery: Loader}
  redis:
    version: "7.4"
    passwordFrom: {secretKeyRef: {name: shop-redis, key: redis-password}}
    storage: {size: 10Gi, storageClassName: fast}
    resources: {requests: {cpu: 0.1, memory: 256Mi}, limits: {memory: 1Gi}}
    maxMemory: 512Mi
  broker:
    redis:
      host: redis.data.svc
      port: 6380
      passwordFrom: {secretKeyRef: {name: redis, key: password}}
      tls: {caFrom: {configMapKeyRef: {name: ca, key: ca.crt}}}
    transportOptions: {visibility_timeout: 7200}
  resultBackend: {managedRedis: {database: 1}}
  workerDefaults:
    resources: {requests: {cpu: 200m}, limits: {memory: 2Gi}}
    rollout: {maxSurge: 1, maxUnavailable: "25%"}
  workers:
  - name: default
    queues: [default, emails]
    replicas: 2
    healthCheck: {type: Ping, periodSeconds: 60, staleAfterSeconds: 120}
    livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
    podDisruptionBudget: null
    tolerations: [{key: spot, operator: Exists}]
    nodeSelector: {disk: ssd}
    podTemplate:
      metadata: {labels: {x: y}}
      spec:
        containers: [{name: worker, securityContext: null}, {name: side, $patch: delete}]
  - name: reports
    maxMemoryPerChild: 400Mi
    shutdown: {mode: Warm, gracePeriodSeconds: 900}
    autoscaling:
      minReplicas: 0
      maxReplicas: 20
      cpu: {averageUtilization: 70}
      queueLength: {target: 4, priorities: [0, 3], authenticationRef: {name: x}}
      schedules: [{timezone: Asia/Tokyo, start: 0 8 * * *, end: 0 18 * * *, replicas: 2}]
      triggers: [{type: prometheus, metadata: {query: up}}]
      behavior: {scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}}
      fallback: {failureThreshold: 3, replicas: 1}
  beat: {maxInterval: 5, healthCheck: {type: Heartbeat}}
  flower:
    basicAuthFrom: {secretKeyRef: {name: shop-flower, key: basic-auth}}
    options: {max_tasks: 5000}
    service: {type: ClusterIP, port: 80}
    ingress: {className: nginx, host: flower.shop.example.com, tlsSecretName: flower-tls}
    httpRoute: {parentRefs: [{name: public, namespace: gateways}], hostnames: ["*.example.com"]}
  web: {command: [gunicorn], port: 8000, autoscaling: {maxReplicas: 3, cpu: {averageValue: 500m}}}
  migration: {command: [python, manage.py, migrate], hook: Sync, backoffLimit: 0}
  networkPolicy: {ingressFrom: [{podSelector: {matchLabels: {a: b}}}]}
  monitoring: {exporter: {port: 9808}, serviceMonitor: {labels: {release: p}, interval: 30s}}
  extraResources: [secret.yaml]
  patches: [{patch: "kind: x", target: {kind: Deployment}}]
  overlays:
  - name: staging
    namespace: shop-staging
    overrides:
      workers: [{name: default, replicas: 1}]
  - name: production
    from: staging
    labels: {tier: gold}
    annotations: {a: b}
    overrides:
      image: jp.icr.io/shop/app:1.4.1
      beat: null
      config: {values: {task_acks_late: null}}
      broker: {redis: {database: 3, tls: {insecureSkipVerify: true}}}
      extraResources: [{$patch: replace}, production.yaml]
      env: [{name: POD, $patch: delete}, {name: MODE, value: live}]
      volumeMounts: [{mountPath: /media, readOnly: true}]
      security: {fsGroup: 2000}
      workers:
      - {name: default, $patch: delete}
      - name: reports
        resources: {limits: {memory: 8Gi}}
        autoscaling: {queueLength: {target: 8}, schedules: []}
        env: [{$patch: replace}, {name: ONLY, value: this}]
        podTemplate: {spec: {containers: [{name: worker, stdin: true}]}}
      - {name: extra, queues: [extra], concurrency: 1}
      flower: {ingress: {host: flower.example.com}, readinessProbe: {periodSeconds: 3}}
    patches: [{patch: "kind: y"}]
""")

OVERLAY: dict[str, Any] = yaml.safe_load("""
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplicationOverlay
metadata: {name: production}
spec:
  applicationRef: {name: shop}
  namespace: shop
  labels: {tier: gold}
  overrides: {workers: [{name: default, autoscaling: {maxReplicas: 3}}], monitoring: null}
""")

DEFAULTS: dict[str, Any] = yaml.safe_load("""
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplicationDefaults
metadata: {name: platform}
spec:
  imagePullSecrets: [{name: registry}]
  redis: {storage: {size: 10Gi}}
  monitoring: {exporter: {}}
  workerDefaults: {autoscaling: {minReplicas: 0}}
""")

FREE = frozenset(
    {
        *("annotations", "labels", "limits", "matchLabels", "nodeSelector", "options", "requests"),
        *("transportOptions", "values"),
    }
)
"""Maps of these names take any key."""

BASE: dict[str, Any] = copy.deepcopy(APPLICATION)
"""The application whose overrides, free for its model, are left out."""
for _overlay in BASE["spec"]["overlays"]:
    del _overlay["overrides"]

Place = tuple[str | int, ...]

_MISSPELLED = "Misspelled"
_WRONG = [None, True, 0, 1, 300, -1, "", "a", "A b", "25%", "512Mi", [], ["a"], {}, {"name": "a"}]


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """The paths of everything below ``value``."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in entries:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


def at(value: Any, path: Place) -> Any:
    for step in path:
        value = value[step]
    return value


def _is_settled(key: str) -> bool:
    """Whether a key stays as it is: a misspelled one, and a directive."""
    return key.endswith(_MISSPELLED) or key.startswith("$")


def _change(draw: st.DrawFn, document: Any, below: Place) -> None:
    found = places(at(document, below))
    options = [below + path for path in found if not _is_settled(str(path[-1]))]
    if not options:
        return
    *parents, key = draw(st.sampled_from(options))
    parent = at(document, tuple(parents))
    kind = draw(st.sampled_from(["remove", "remove", "null", "replace", "rename"]))
    if kind == "rename" and isinstance(parent, dict) and parent[key] is not None:
        parent[f"{key}{_MISSPELLED}"] = parent.pop(key)
    elif kind in ("remove", "rename"):
        del parent[key]
    else:
        parent[key] = None if kind == "null" else copy.deepcopy(draw(st.sampled_from(_WRONG)))


@st.composite
def changed(draw: st.DrawFn, document: dict[str, Any], below: Place = ("spec",)) -> dict[str, Any]:
    """``document`` with up to four changes in what stands at ``below``."""
    result = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        _change(draw, result, below)
    return result


@st.composite
def misspelled(draw: st.DrawFn, document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """``document`` with one field misspelled, and that field's path."""
    result = copy.deepcopy(document)
    options = [
        path
        for path in places(result["spec"])
        if isinstance(path[-1], str)
        and not _is_settled(path[-1])
        and at(result["spec"], path) is not None
        and not FREE & {str(step) for step in path[:-1]}
        and path[-2:-1] != ("metadata",)
    ]
    *parents, key = draw(st.sampled_from(options))
    parent = at(result["spec"], tuple(parents))
    parent[f"{key}{_MISSPELLED}"] = parent.pop(key)
    return ".".join(map(str, (*parents, key))), result


def written_examples() -> list[tuple[str, dict[str, Any]]]:
    """Every document of the examples that is one of the three kinds, with where it stands."""
    return [
        (f"{path.relative_to(ROOT)}[{index}]", document)
        for path in sorted((ROOT / "examples").glob("**/*.yaml"))
        for index, document in enumerate(yaml.safe_load_all(path.read_text("utf-8")))
        if document and document.get("apiVersion") == API_VERSION
    ]
