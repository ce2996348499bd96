"""Random objects of the kinds that an application may hold, tricky in every way that is known.

Every function takes a source of randomness, so that Hypothesis can shrink what it draws.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from celery_kustomize.k8s.kustomization import Object

    Maker = Callable[[Random], Any]

__all__ = ["IMAGES", "MANAGED", "NAMES", "TRICKY", "WEIGHTED", "labels", "some", "text", "whole"]

MANAGED = {"app.kubernetes.io/managed-by": "celery-kustomize"}

TRICKY = [
    "a",
    "plain text",
    "",
    " ",
    "1",
    "08",
    "0o14",
    "0x1F",
    "1e3",
    "1_000",
    "-0",
    ".5",
    "9007199254740993",
    "y",
    "n",
    "on",
    "Off",
    "yes",
    "true",
    "null",
    "~",
    "12:30",
    "2024-01-02",
    "2024-1-2",
    "a: b",
    "# no comment",
    "- x",
    "*a",
    "&a",
    "%d",
    "@x",
    "$(PASSWORD)",
    '"q"',
    "'q'",
    "two\nlines",
    "two\nlines\n",
    "trailing  \nspace",
    "\n",
    "\ttab",
    "cr\r\nlf\r\n",
    "ünï — 日本 🌱",
    "{{ .Values }}",
    "25%",
    "http",
    "a\\nb",
]
KEYS = ["a", "b", "c.d/e", "f~g", "on", "1", "app.kubernetes.io/part-of"]
IMAGES = [
    "app:1",
    "app:2",
    "app",
    "reg:5000/shop/app:1.0",
    "reg:5000/shop/app:1.1",
    "reg:5000/shop/app",
    "jp.icr.io/app:1",
    "jp.icr.io/app:2",
    "jpxicr.io/app:1",
    "other:1",
    "app@sha256:0123abcd",
    "app:3@sha256:0123abcd",
    "app@sha512:0123abcd",
    "app:1+bad",
]
NAMES = ["default", "reports", "web", "a.b", "axb"]


def some(random: Random, values: list[Any], most: int = 3) -> list[Any]:
    """Up to ``most`` of ``values``, each once, in any order."""
    return random.sample(values, random.randint(0, min(most, len(values))))


def maybe(random: Random, item: Object, key: str, make: Maker) -> None:
    if random.random() < 0.4:
        item[key] = make(random)


def text(random: Random) -> str:
    return random.choice(TRICKY)


def texts(random: Random) -> dict[str, str]:
    return {key: text(random) for key in some(random, KEYS)}


def notes(random: Random) -> dict[str, str]:
    # kustomize loses the quotes of these keys, and then fails on those that look like numbers.
    return {key: text(random) for key in some(random, [key for key in KEYS if key != "1"])}


def labels(random: Random) -> dict[str, str]:
    return {key: random.choice(["x", "y", "1", "on"]) for key in some(random, KEYS[:3])}


def scalar(random: Random) -> Any:
    return random.choice([text(random), random.randint(-1, 5), True, False, 1.5, big(random)])


def big(random: Random) -> int:
    return 2**53 + 1 if random.random() < 0.2 else 2**53


def tree(random: Random, depth: int = 3) -> Any:
    """Any value that a custom resource may hold."""
    if depth == 0 or random.random() < 0.3:
        return scalar(random)
    if random.random() < 0.5:
        return {key: tree(random, depth - 1) for key in some(random, [*KEYS, "name", "image"])}
    return [tree(random, depth - 1) for _ in range(random.randint(0, 3))]


def quantity(random: Random) -> str:
    return random.choice(["1", "500m", "1Gi", "1e3"])


def resources(random: Random) -> Object:
    found: Object = {}
    for kind in ("requests", "limits"):
        maybe(
            random, found, kind, lambda r: {key: quantity(r) for key in some(r, ["cpu", "memory"])}
        )
    return found


def probe(random: Random) -> Object:
    port = random.choice([8080, "http", "8080"])
    handlers: list[Object] = [
        {"httpGet": {"path": "/", "port": port}},
        {"exec": {"command": some(random, TRICKY)}},
        {"tcpSocket": {"port": port}},
    ]
    found = copy.deepcopy(random.choice(handlers))
    maybe(random, found, "periodSeconds", lambda r: r.randint(1, 3))
    return found


def variable(random: Random, name: str) -> Object:
    if random.random() < 0.6:
        return {"name": name, "value": text(random)}
    source = random.choice(["secretKeyRef", "configMapKeyRef"])
    return {
        "name": name,
        "valueFrom": {source: {"name": random.choice(NAMES), "key": text(random)}},
    }


def variables(random: Random) -> list[Object]:
    found = [variable(random, name) for name in some(random, ["A", "B", "PASSWORD", "ON", "1"], 5)]
    if found and random.random() < 0.05:
        found.append(variable(random, found[0]["name"]))
    return found


def container_ports(random: Random) -> list[Object]:
    return ports(random, "containerPort")


def ports(random: Random, number: str) -> list[Object]:
    style = random.choice(["all", "none", "mixed"])
    found = []
    for port, protocol in some(random, [(80, "TCP"), (80, "UDP"), (81, "TCP"), (53, "UDP")], 4):
        item: Object = {number: port}
        if style == "all" or (style == "mixed" and random.random() < 0.5):
            item["protocol"] = protocol
        maybe(random, item, "name", lambda r: r.choice(["http", "dns"]))
        found.append(item)
    return found


def mounts(random: Random) -> list[Object]:
    return [
        {"name": random.choice(["v", "w"]), "mountPath": path}
        for path in some(random, ["/a", "/a/", "/b", "/tmp"], 4)
    ]


def container(random: Random, name: str) -> Object:
    found: Object = {"name": name}
    if random.random() < 0.95:
        found["image"] = random.choice(IMAGES)
    makers: dict[str, Maker] = {
        "args": lambda r: some(r, TRICKY, 4),
        "command": lambda r: some(r, TRICKY, 2),
        "env": variables,
        "envFrom": lambda r: [{"configMapRef": {"name": each}} for each in some(r, NAMES)],
        "ports": container_ports,
        "volumeMounts": mounts,
        "resources": resources,
        "livenessProbe": probe,
        "stdin": lambda r: r.random() < 0.5,
        "securityContext": lambda r: {"capabilities": {"drop": some(r, ["ALL", "X"])}},
    }
    for key, make in makers.items():
        maybe(random, found, key, make)
    return found


def containers(random: Random) -> list[Object]:
    found = [container(random, name) for name in some(random, ["main", "side", "init"])]
    return found or [container(random, "main")]


def volume(random: Random, name: str) -> Object:
    sources: list[Object] = [
        {"emptyDir": {}},
        {"emptyDir": {"sizeLimit": "1Gi"}},
        {"configMap": {"name": random.choice([*NAMES, "settings"])}},
        {"secret": {"secretName": "s", "items": [{"key": text(random), "path": "p"}]}},
        {"image": {"reference": random.choice(IMAGES)}},
        {"projected": {"sources": [{"configMap": {"name": "settings"}}]}},
    ]
    return {"name": name, **copy.deepcopy(random.choice(sources))}


def aliases(random: Random) -> list[Object]:
    found = [
        {"ip": ip, "hostnames": some(random, NAMES)} for ip in some(random, ["1.1.1.1", "::1"])
    ]
    return found * 2 if random.random() < 0.1 else found


def spread(random: Random) -> list[Object]:
    return [
        {"topologyKey": key, "whenUnsatisfiable": when, "maxSkew": random.randint(1, 2)}
        for key, when in some(
            random,
            [("zone", "DoNotSchedule"), ("zone", "ScheduleAnyway"), ("host", "DoNotSchedule")],
        )
    ]


def pod(random: Random) -> Object:
    found: Object = {"containers": containers(random)}
    makers: dict[str, Maker] = {
        "initContainers": containers,
        "volumes": lambda r: [volume(r, each) for each in some(r, ["v", "w", "x"])],
        "hostAliases": aliases,
        "topologySpreadConstraints": spread,
        "imagePullSecrets": lambda r: [{"name": each} for each in some(r, NAMES)],
        "nodeSelector": texts,
        "tolerations": lambda r: [{"key": each} for each in some(r, KEYS)],
        "terminationGracePeriodSeconds": lambda r: r.randint(0, 60),
        "affinity": lambda r: {"nodeAffinity": tree(r, 2)},
    }
    for key, make in makers.items():
        maybe(random, found, key, make)
    return found


def template(random: Random) -> Object:
    found: Object = {"spec": pod(random)}
    if random.random() < 0.8:
        found = {"metadata": {}, **found}
        maybe(random, found["metadata"], "labels", labels)
        maybe(random, found["metadata"], "annotations", notes)
    return found


def count_or_percent(random: Random) -> Any:
    return random.choice([0, 1, "25%", "1", "50%"])


def workload(random: Random) -> Object:
    found: Object = {"template": template(random)}
    maybe(random, found, "replicas", lambda r: r.randint(0, 3))
    maybe(random, found, "selector", lambda r: {"matchLabels": labels(r)})
    maybe(
        random,
        found,
        "strategy",
        lambda r: r.choice(
            [
                {"type": "Recreate"},
                {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": count_or_percent(r)}},
                {"rollingUpdate": {"maxUnavailable": count_or_percent(r), "maxSurge": 1}},
            ]
        ),
    )
    return {"spec": found}


def job(random: Random) -> Object:
    return {"spec": {"template": template(random), "backoffLimit": random.randint(0, 2)}}


def cron_job(random: Random) -> Object:
    return {"spec": {"schedule": text(random), "jobTemplate": job(random)}}


def service(random: Random) -> Object:
    found: Object = {"ports": ports(random, "port")}
    maybe(random, found, "type", lambda r: r.choice(["ClusterIP", "NodePort"]))
    maybe(random, found, "selector", labels)
    return {"spec": found}


def config_map(random: Random) -> Object:
    found = texts(random)
    if random.random() < 0.05:
        found["$patch"] = "delete"
    return {"data": found}


def disruption_budget(random: Random) -> Object:
    key = random.choice(["maxUnavailable", "minAvailable"])
    return {"spec": {key: count_or_percent(random), "selector": {"matchLabels": labels(random)}}}


def metric(random: Random) -> Object:
    name = random.choice(["cpu", "memory"])
    return {
        "type": "Resource",
        "resource": {"name": name, "target": {"averageUtilization": random.randint(1, 4)}},
    }


def autoscaler(random: Random) -> Object:
    return {
        "spec": {
            "maxReplicas": random.randint(1, 3),
            "metrics": [metric(random) for _ in range(random.randint(0, 3))],
        }
    }


def trigger(random: Random) -> Object:
    return {
        "type": random.choice(["redis", "cron"]),
        "metadata": texts(random),
        "name": random.choice(NAMES),
    }


def scaled_object(random: Random) -> Object:
    return {
        "spec": {
            "scaleTargetRef": {"name": random.choice(NAMES)},
            "triggers": [trigger(random) for _ in range(random.randint(0, 4))],
        }
    }


def custom(random: Random) -> Object:
    return {"spec": tree(random, 4)}


def rollout(random: Random) -> Object:
    return workload(random)


def binding(random: Random) -> Object:
    subjects = [
        {"kind": "ServiceAccount", "name": random.choice(["default", *NAMES])}
        | random.choice([{}, {"namespace": "other"}])
        for _ in range(random.randint(0, 2))
    ]
    return {
        "subjects": subjects,
        "roleRef": {"kind": "ClusterRole", "name": "r", "apiGroup": "rbac.authorization.k8s.io"},
    }


def ingress(random: Random) -> Object:
    hosts = some(random, ["a.example", "b.example", "c.example"])
    return {
        "spec": {
            "rules": [{"host": host, "http": {"paths": [{"path": "/"}]}} for host in hosts],
            "tls": [{"hosts": hosts, "secretName": "tls"}],
        }
    }


def account(random: Random) -> Object:
    found: Object = {}
    for key in ("secrets", "imagePullSecrets"):
        maybe(random, found, key, lambda r: [{"name": each} for each in some(r, NAMES)])
    return found


KINDS: dict[tuple[str, str], Callable[[Random], Object]] = {
    ("apps/v1", "Deployment"): workload,
    ("apps/v1", "StatefulSet"): workload,
    ("batch/v1", "Job"): job,
    ("batch/v1", "CronJob"): cron_job,
    ("v1", "Service"): service,
    ("v1", "ConfigMap"): config_map,
    ("v1", "ServiceAccount"): account,
    ("policy/v1", "PodDisruptionBudget"): disruption_budget,
    ("autoscaling/v2", "HorizontalPodAutoscaler"): autoscaler,
    ("keda.sh/v1alpha1", "ScaledObject"): scaled_object,
    ("keda.sh/v1alpha1", "ClusterTriggerAuthentication"): custom,
    ("example.com/v1", "Widget"): custom,
    ("argoproj.io/v1alpha1", "Rollout"): rollout,
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): binding,
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): binding,
    ("networking.k8s.io/v1", "Ingress"): ingress,
}
WEIGHTED = [*KINDS, *[("apps/v1", "Deployment")] * 6]


def whole(random: Random, kind: tuple[str, str], name: str, namespace: str | None) -> Object:
    """An object of ``kind``; only the identity is given."""
    metadata: Object = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    maybe(random, metadata, "labels", labels)
    if random.random() < 0.5:
        metadata.setdefault("labels", {}).update(MANAGED)
    maybe(random, metadata, "annotations", notes)
    if random.random() < 0.05:
        metadata["finalizers"] = some(random, NAMES)
    return {"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, **KINDS[kind](random)}
