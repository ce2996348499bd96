"""Random parts of CeleryApplications: components, connections, pods. Valid by construction.

Fields that depend on each other are drawn together and written all, with null for what is not
wanted, so that an overlay may put any such group over any other one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.equivalence.generated_objects import TRICKY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Fields = dict[str, Any]
    Maker = Callable[["Choose"], Any]

__all__ = ["Choose", "annotation_map", "label_map", "secret"]


class Choose:
    """Draws from Hypothesis; everything shrinks to what stands first, and to leaving out."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def one(self, values: Sequence[Any]) -> Any:
        return values[self.draw(st.integers(0, len(values) - 1))]

    def some(self, values: Sequence[Any], most: int = 3) -> list[Any]:
        """Up to ``most`` of ``values``, each once, in their order."""
        places = st.sets(st.integers(0, len(values) - 1), max_size=most)
        return [values[place] for place in sorted(self.draw(places))]

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def fields(self, percent: int, **makers: Maker) -> Fields:
        """Each field with that chance."""
        return {key: make(self) for key, make in makers.items() if self.chance(percent)}


DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGES = [
    "app:1",
    "app:2",
    "app",
    "reg.example:5000/shop/app:1.0",
    "reg.example:5000/shop/app:1.1",
    "reg.example:5000/shop/app",
    "jp.icr.io/app:1",
    "jpxicr.io/app:1",
    f"app@{DIGEST}",
    f"app:3@{DIGEST}",
    "other:1e3",
]
LABELS = ["x", "y", "1", "on", "", "08", "1e3", "2024-01-02", "true"]
KEYS = ["a", "on", "example.com/owner", "app.kubernetes.io/part-of"]
VOLUMES: list[Fields] = [
    {"emptyDir": {}},
    {"emptyDir": {"sizeLimit": "1Gi"}},
    {"configMap": {"name": "files", "items": [{"key": "on", "path": "08"}]}},
    {"secret": {"secretName": "files"}},
    {"persistentVolumeClaim": {"claimName": "files"}},
    {"projected": {"sources": [{"configMap": {"name": "files"}}]}},
]
PROBES: list[Any] = [
    None,
    {"exec": {"command": ["sh", "-c", "a: b # 08\nyes\n"]}, "periodSeconds": 9},
    {"httpGet": {"path": "/healthz", "port": 8000}},
    {"httpGet": {"path": "/healthz", "port": "http"}, "timeoutSeconds": 1},
    {"tcpSocket": {"port": 8000}},
]
PEERS: list[Fields] = [
    {"podSelector": {}},
    {"namespaceSelector": {"matchLabels": {"on": "1"}}},
    {"ipBlock": {"cidr": "10.0.0.0/8"}},
]
COUNTS = [0, 1, 2, "0%", "25%", "100%"]


def secret(name: str = "shop", key: str = "password") -> Fields:
    return {"secretKeyRef": {"name": name, "key": key}}


def text(choose: Choose) -> str:
    found: str = choose.one(TRICKY)
    return found


def label_map(choose: Choose) -> Fields:
    return {key: choose.one(LABELS) for key in choose.some(KEYS)}


def annotation_map(choose: Choose) -> Fields:
    return {key: text(choose) for key in choose.some(KEYS)}


def variable(choose: Choose, name: str) -> Fields:
    if choose.chance(30):
        source = choose.one(["secretKeyRef", "configMapKeyRef"])
        return {"name": name, "valueFrom": {source: {"name": "env", "key": choose.one(KEYS[:2])}}}
    return {"name": name, "value": text(choose)}


def variables(choose: Choose) -> list[Fields]:
    """None is called PASSWORD, which the application declares before: values refer to it."""
    return [variable(choose, name) for name in choose.some(["B", "A", "ON", "_1"], 3)]


def resources(choose: Choose) -> Fields:
    """The requests are always there: autoscalers measure by them."""
    found: Fields = {
        "requests": {"cpu": choose.one(["100m", 1, "0.5"]), "memory": choose.one(["1Gi", "1e9"])}
    }
    limits = choose.one([None, {}, {"memory": "2Gi"}, {"cpu": 2, "memory": "4Gi"}, {"cpu": "1"}])
    return found if limits is None else {**found, "limits": limits}


def mounts(choose: Choose) -> list[Fields]:
    paths = choose.some(["/a", "/b", "/c/d"])
    return [{"name": choose.one(["files", "cache"]), "mountPath": path} for path in paths]


def volumes(choose: Choose) -> list[Fields]:
    """Always both: a mount needs its volume."""
    return [{"name": name, **choose.one(VOLUMES)} for name in ("files", "cache")]


def tolerations(choose: Choose) -> list[Fields]:
    return [{"key": key, "operator": "Exists"} for key in choose.some(["spot", "on", "08"])]


def affinity(choose: Choose) -> Fields:
    term = {"topologyKey": choose.one(["zone", "host"]), "labelSelector": {"matchLabels": {}}}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def spread(choose: Choose) -> Any:
    one = {"topologyKey": "zone", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule"}
    return choose.one([None, [], [one], [one, {**one, "topologyKey": "host"}]])


def pod_template(choose: Choose, main: str) -> Fields:
    container: Fields = choose.fields(
        30,
        tty=lambda c: c.one([True, False, None]),
        env=variables,
        ports=lambda c: [
            {"containerPort": port, "protocol": protocol}
            for port, protocol in c.some([(53, "TCP"), (53, "UDP"), (9000, "TCP")])
        ],
    )
    side = {"name": "log", "image": choose.one(IMAGES), **choose.fields(30, env=variables)}
    containers = choose.some([{"name": main, **container}, side], 2)
    hosts = [{"ip": ip, "hostnames": ["db", "on"]} for ip in choose.some(["10.0.0.1", "::1"])]
    spec = choose.fields(
        30,
        containers=lambda _: containers,
        initContainers=lambda c: [{"name": n, "image": c.one(IMAGES)} for n in c.some(["a", "b"])],
        hostAliases=lambda _: hosts,
        dnsConfig=lambda c: c.one([{"searches": ["a", "b"]}, {"nameservers": ["1.1.1.1"]}]),
        enableServiceLinks=lambda c: c.one([True, None]),
        securityContext=lambda c: c.one([{"supplementalGroups": [1, 2]}, {"fsGroup": None}]),
    )
    found: Fields = (
        {"metadata": {"annotations": annotation_map(choose)}} if choose.chance(30) else {}
    )
    return {**found, "spec": spec} if spec else found


def component(choose: Choose, main: str, *, own: bool = False) -> Fields:
    """The fields that every component has; ``own``: it does not run the application."""
    shared: dict[str, Maker] = {
        "image": lambda c: c.one(IMAGES),
        "resources": resources,
        "env": variables,
        "nodeSelector": label_map,
        "tolerations": tolerations,
        "affinity": affinity,
        "topologySpreadConstraints": spread,
        "priorityClassName": lambda c: c.one(["high", "low"]),
        "labels": label_map,
        "annotations": annotation_map,
        "livenessProbe": lambda c: c.one(PROBES),
        "podTemplate": lambda c: pod_template(c, main),
        "serviceAccount": lambda c: c.one([{"name": f"shop-{main}"}, None]),
        "security": lambda c: c.one([{"runAsUser": None}, {"readOnlyRootFilesystem": True}, {}]),
    }
    if not own:
        shared["envFrom"] = lambda c: [{"configMapRef": {"name": n}} for n in c.some(["a", "b"])]
    return choose.fields(15, **shared)


_NO_LIMITS = dict.fromkeys(("taskTimeLimit", "taskSoftTimeLimit", "maxMemoryPerChild"))
EXECUTIONS: list[Fields] = [
    {
        "pool": "prefork",
        "concurrency": 2,
        "taskTimeLimit": 300,
        "taskSoftTimeLimit": 200,
        "maxMemoryPerChild": "10Mi",
        "acksLate": True,
        "shutdown": {"mode": "Soft", "gracePeriodSeconds": 900, "softTimeoutSeconds": 600},
    },
    {
        "pool": "threads",
        "concurrency": 8,
        **_NO_LIMITS,
        "acksLate": None,
        "shutdown": {"mode": "Warm", "gracePeriodSeconds": 60, "softTimeoutSeconds": None},
    },
    {
        "pool": "solo",
        "concurrency": None,
        **_NO_LIMITS,
        "acksLate": False,
        "shutdown": None,
    },
]
TRIGGERS: list[Fields] = [
    {
        "type": "prometheus",
        "name": name,
        "metadata": {
            "serverAddress": "http://prometheus.monitoring.svc:9090",
            "query": f"sum({name})",
            "threshold": "5",
        },
    }
    for name in "abc"
]
SCALERS: list[Fields] = [
    {"cpu": {"averageUtilization": 70}},
    {"memory": {"averageValue": "1Gi"}, "behavior": {"scaleDown": {"selectPolicy": "Max"}}},
    {
        "queueLength": {
            "target": 4,
            "source": "Prometheus",
            "serverAddress": "http://prometheus.monitoring.svc:9090",
            "query": "sum(celery_queue_length)",
        },
        "pollingIntervalSeconds": 10,
    },
    {
        "schedules": [
            {"timezone": "Asia/Tokyo", "start": "0 8 * * *", "end": "0 18 * * *", "replicas": 2}
        ],
        "fallback": {"failureThreshold": 3, "replicas": 1},
    },
    {"triggers": TRIGGERS},
    {"queueLength": {"source": "Broker", "target": 3}},
]
_SCALER_FIELDS = (
    "cpu",
    "memory",
    "queueLength",
    "schedules",
    "triggers",
    "behavior",
    "fallback",
    "pollingIntervalSeconds",
)
_QUEUE_FIELDS = ("source", "target", "serverAddress", "query")


def autoscaling(choose: Choose, *, measured: bool) -> Any:
    """``measured``: the broker can be asked for the length of queues."""
    if choose.chance(30):
        return None
    chosen = choose.one(SCALERS if measured else SCALERS[:-1])
    found = {**dict.fromkeys(_SCALER_FIELDS), **chosen}
    if "triggers" in chosen:
        found["triggers"] = choose.some(TRIGGERS) or TRIGGERS[:1]
    if "queueLength" in chosen:
        found["queueLength"] = {**dict.fromkeys(_QUEUE_FIELDS), **chosen["queueLength"]}
    return {"minReplicas": 1, "maxReplicas": choose.number(3, 5), **found}


def worker(choose: Choose, *, measured: bool) -> Fields:
    """A worker set but for its name."""
    found = choose.fields(
        20,
        queues=lambda c: c.some(["default", "e-mails", "08", "on"]) or ["default"],
        replicas=lambda c: c.number(0, 4),
        logLevel=lambda c: c.one(["DEBUG", "ERROR"]),
        maxTasksPerChild=lambda _: None,
        gossip=lambda c: c.chance(50),
        mingle=lambda c: c.one([None, False]),
        transportOptions=lambda c: {"socket_timeout": c.number(1, 5)},
        rollout=lambda c: c.one(
            [
                {"type": "Recreate"},
                {"type": "RollingUpdate", "maxSurge": c.one(COUNTS[1:3])},
                {"type": "RollingUpdate", "maxUnavailable": "25%", "minReadySeconds": 5},
            ]
        ),
        healthCheck=lambda c: c.one([{"type": "None"}, {"type": "Ping"}, {"periodSeconds": 20}]),
        podDisruptionBudget=lambda c: c.one(
            [None, {"maxUnavailable": c.one(COUNTS)}, {"minAvailable": c.one(COUNTS)}]
        ),
    )
    if choose.chance(20):
        found.update(choose.one(EXECUTIONS))
    if choose.chance(35):
        found["autoscaling"] = autoscaling(choose, measured=measured)
    if choose.chance(20):
        found["volumeMounts"] = mounts(choose)
    found.update(component(choose, "worker"))
    return {**found, "resources": resources(choose)} if found.get("autoscaling") else found


def storage(choose: Choose) -> Fields:
    sizes = [{"size": "1Gi"}, {"size": "2Gi", "storageClassName": "fast"}]
    found: Fields = choose.one([*sizes, {"existingClaim": "data", "storageClassName": None}])
    return found


def exposure(choose: Choose) -> Fields:
    return choose.fields(
        25,
        port=lambda c: c.one([8000, 8001]),
        service=lambda c: c.one(
            [
                {"port": 80},
                {"type": "NodePort", "nodePort": 30080},
                {"annotations": annotation_map(c)},
            ]
        ),
        ingress=lambda c: c.one(
            [
                None,
                {"host": "shop.example.com"},
                {"host": "shop.example.org", "path": "/on", "tlsSecretName": "tls"},
            ]
        ),
        httpRoute=lambda c: c.one(
            [None, {"parentRefs": [{"name": "public"}], "hostnames": c.some(["a.io", "b.io"])}]
        ),
    )


def beat(choose: Choose) -> Fields:
    own = choose.fields(25, storage=storage, maxInterval=lambda c: c.number(1, 60))
    return {**own, **component(choose, "beat")}


def flower(choose: Choose) -> Fields:
    """Always with a log-in: exposed without one it is refused."""
    own = choose.fields(25, storage=storage, options=lambda c: {"max_tasks": c.number(1, 9)})
    return {
        "basicAuthFrom": secret("flower"),
        **own,
        **exposure(choose),
        **component(choose, "flower"),
    }


def web(choose: Choose) -> Fields:
    own = choose.fields(
        25,
        args=lambda c: [text(c) for _ in range(c.number(0, 3))],
        replicas=lambda c: c.number(0, 3),
        rollout=lambda c: c.one([{"type": "Recreate"}, {"maxSurge": 1}]),
    )
    own["command"] = choose.one([["gunicorn"], ["gunicorn", "shop.wsgi:application"], ["08", "on"]])
    return {**own, **exposure(choose), **component(choose, "web")}


def migration(choose: Choose) -> Fields:
    own = choose.fields(25, backoffLimit=lambda c: c.number(0, 3))
    command = choose.one([["migrate"], ["sh", "-c", "a\nb\n"]])
    return {"command": command, **own, **component(choose, "migrate")}


def redis(choose: Choose) -> Fields:
    own = choose.fields(
        25,
        version=lambda c: c.one(["7.4", "8", "7.2.10"]),
        storage=storage,
        maxMemory=lambda c: c.one(["100Mi", "1Gi"]),
        appendOnly=lambda c: c.chance(50),
    )
    own["passwordFrom"] = secret("redis", choose.one(["password", "on"]))
    return {**own, **component(choose, "redis", own=True)}


def exporter(choose: Choose) -> Fields:
    own = choose.fields(25, port=lambda c: c.number(9808, 9810))
    return {**own, **component(choose, "exporter", own=True)}


def network_policy(choose: Choose) -> Fields:
    return choose.fields(
        40, ingressFrom=lambda c: c.some(PEERS), monitoringFrom=lambda c: c.some(PEERS)
    )
