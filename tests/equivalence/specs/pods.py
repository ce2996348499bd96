"""What every component has: environment, volumes, probes, scheduling, its pod template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.equivalence.specs.choose import (
    IMAGES,
    absent,
    annotation_map,
    label_map,
    text,
)

if TYPE_CHECKING:
    from tests.equivalence.specs.choose import Choose, Fields, Maker

__all__ = [
    "account",
    "component",
    "env_from",
    "mounts",
    "own_account",
    "own_command",
    "resources",
    "security",
    "variables",
    "volumes",
]

_VOLUMES: list[Fields] = [
    {"emptyDir": {}},
    {"emptyDir": {"sizeLimit": "1Gi"}},
    {"configMap": {"name": "files", "items": [{"key": "on", "path": "08"}]}},
    {"secret": {"secretName": "files"}},
    {"persistentVolumeClaim": {"claimName": "files"}},
    {"projected": {"sources": [{"configMap": {"name": "files"}}]}},
    {"downwardAPI": {"items": [{"path": "on", "fieldRef": {"fieldPath": "metadata.name"}}]}},
]
_PROBES: list[Any] = [
    None,
    {"exec": {"command": ["sh", "-c", "a: b # 08\nyes\n"]}, "periodSeconds": 9},
    {"httpGet": {"path": "/healthz", "port": 8000}},
    {"httpGet": {"path": "/healthz", "port": "http"}, "timeoutSeconds": 1},
    {"tcpSocket": {"port": 8000}},
]


def variable(choose: Choose, name: str) -> Fields:
    if choose.chance(30):
        source = choose.one(["secretKeyRef", "configMapKeyRef"])
        return {
            "name": name,
            "valueFrom": {source: {"name": "env", "key": choose.one(["a", "on"])}},
        }
    return {"name": name, "value": text(choose)}


def variables(choose: Choose) -> list[Fields]:
    """None is called PASSWORD, which the application declares before: values refer to it."""
    return [variable(choose, name) for name in choose.some(["B", "A", "ON", "_1"], 3)]


def env_from(choose: Choose) -> list[Fields]:
    kinds = ["configMapRef", "secretRef"]
    return [{choose.one(kinds): {"name": name}} for name in choose.some(["c", "d"])]


def resources(choose: Choose) -> Fields:
    """The requests are always there: autoscalers measure by them."""
    found: Fields = {
        "requests": {"cpu": choose.one(["100m", 1, "0.5"]), "memory": choose.one(["1Gi", "1e9"])}
    }
    limits = choose.one([None, {}, {"memory": "2Gi"}, {"cpu": 2, "memory": "4Gi"}, {"cpu": "1"}])
    return found if limits is None else {**found, "limits": limits}


def mounts(choose: Choose) -> list[Fields]:
    paths = choose.some(["/a", "/b", "/c/d"])
    read_only = choose.fields(20, readOnly=lambda c: c.one([True, None]))
    return [
        {"name": choose.one(["files", "cache"]), "mountPath": path, **read_only} for path in paths
    ]


def volumes(choose: Choose) -> list[Fields]:
    """Always both: a mount needs its volume."""
    return [{"name": name, **choose.one(_VOLUMES)} for name in ("files", "cache")]


def security(choose: Choose) -> Fields:
    return choose.fields(
        30,
        profile=lambda c: c.one(["Restricted", "Baseline"]),
        runAsUser=lambda c: c.one([1001, None]),
        runAsGroup=lambda c: c.one([1001, None]),
        fsGroup=lambda c: c.one([1001, None]),
        readOnlyRootFilesystem=lambda c: c.chance(60),
    )


def account(choose: Choose, name: str) -> Any:
    """A ServiceAccount; ``name`` is one that nothing else has."""
    return choose.one(
        [
            None,
            {"name": name},
            {"annotations": annotation_map(choose)},
            {"automountToken": True, "name": name},
            {"create": False},
            {"create": False, "name": "given"},
        ]
    )


def tolerations(choose: Choose) -> list[Fields]:
    return [{"key": key, "operator": "Exists"} for key in choose.some(["spot", "on", "08"])]


def affinity(choose: Choose) -> Fields:
    term = {"topologyKey": choose.one(["zone", "host"]), "labelSelector": {"matchLabels": {}}}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def spread(choose: Choose) -> Any:
    one = {"topologyKey": "zone", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule"}
    return choose.one([None, [], [one], [one, {**one, "topologyKey": "host"}]])


def _main_container(choose: Choose, main: str) -> Fields:
    found = choose.fields(
        30,
        tty=lambda c: c.one([True, False, None]),
        env=lambda c: c.one([variables(c), [{"name": "HOME", "$patch": "delete"}]]),
        volumeMounts=lambda _: [{"mountPath": "/a", "$patch": "delete"}],
        lifecycle=lambda c: c.one([None, {"preStop": {"exec": {"command": ["sleep", "08"]}}}]),
        ports=lambda c: [
            {"containerPort": port, "protocol": protocol}
            for port, protocol in c.some([(53, "TCP"), (53, "UDP"), (9000, "TCP")])
        ],
    )
    return {"name": main, **found}


def _sidecar(choose: Choose, name: str) -> Fields:
    mount = {"name": "extra", "mountPath": "/extra"}
    found = choose.fields(30, env=variables, args=lambda c: [text(c)], resources=resources)
    mounted = {"volumeMounts": [mount]} if choose.chance(20) else {}
    return {"name": name, "image": choose.one(IMAGES), **found, **mounted}


def pod_template(choose: Choose, main: str) -> Fields:
    side = choose.some(["log", "on"], 2)
    containers = [_main_container(choose, main)] if choose.chance(50) else []
    containers += [_sidecar(choose, name) for name in side]
    hosts = [{"ip": ip, "hostnames": ["db", "on"]} for ip in choose.some(["10.0.0.1", "::1"])]
    # A sidecar's mount needs it, so that one is always there.
    spec = {"volumes": [{"name": "extra", **choose.one(_VOLUMES)}]}
    spec |= choose.fields(
        30,
        containers=lambda _: containers,
        initContainers=lambda c: [_sidecar(c, name) for name in c.some(["a", "b"])],
        hostAliases=lambda _: hosts,
        dnsConfig=lambda c: c.one([{"searches": ["a", "b"]}, {"nameservers": ["1.1.1.1"]}]),
        enableServiceLinks=lambda c: c.one([True, None]),
        securityContext=lambda c: c.one([{"supplementalGroups": [1, 2]}, {"fsGroup": None}]),
        shareProcessNamespace=lambda c: c.chance(50),
        runtimeClassName=lambda c: c.one(["on", None]),
    )
    found = choose.fields(20, annotations=annotation_map, labels=label_map)
    return {"spec": spec, **({"metadata": found} if found else {})}


def component(
    choose: Choose, main: str, *, own: bool = False, volume_mounts: bool = False
) -> Fields:
    """The fields that every component has.

    ``own``: it does not run the application. ``volume_mounts``: there are volumes to mount.
    """
    shared: dict[str, Maker] = {
        "image": lambda c: c.one([*IMAGES, None]),
        "resources": resources,
        "env": variables,
        "nodeSelector": label_map,
        "tolerations": tolerations,
        "affinity": affinity,
        "topologySpreadConstraints": spread,
        "priorityClassName": lambda c: c.one(["high", "low", None]),
        "labels": label_map,
        "annotations": annotation_map,
        "livenessProbe": lambda c: c.one(_PROBES),
        "readinessProbe": lambda c: c.one(_PROBES),
        "startupProbe": lambda c: c.one(_PROBES),
        "podTemplate": lambda c: pod_template(c, main),
        "security": lambda c: c.one([security(c), None]),
        "workingDir": lambda c: c.one(["/srv", "/on", None]),
    }
    if main != "worker":
        shared["name"] = lambda c: c.one([f"own-{main}", None])
    if not own:
        shared["envFrom"] = env_from
    if volume_mounts:
        shared["volumeMounts"] = mounts
    found = choose.fields(12, **shared)
    if choose.chance(12):
        mount = {"name": "own", "mountPath": "/own"}
        found["volumes"] = [{"name": "own", **choose.one(_VOLUMES)}]
        found["volumeMounts"] = [*found.get("volumeMounts", []), mount]
    return found


def own_account(choose: Choose, name: str) -> Fields:
    """A component's own ServiceAccount, of a name that no other component has."""
    return {"serviceAccount": account(choose, name)} if choose.chance(12) else {}


def own_command(*options: str) -> Fields:
    """A command of the component's own, with none of the options that a composed one takes."""
    return {"command": ["sh", "-c", "exec 08\n"], **absent("args", *options)}
