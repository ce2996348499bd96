"""Random CeleryApplications with overlays, as the files that a user would write."""

from __future__ import annotations

import copy
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from celery_kustomize.k8s.yaml_text import dump, dump_all
from celery_kustomize.pipeline import Rendered, run
from tests.equivalence import application_parts as parts
from tests.equivalence.application_parts import Choose, annotation_map, label_map, secret
from tests.equivalence.generated import mixed
from tests.equivalence.generated_objects import NAMES, TRICKY, WEIGHTED, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from celery_kustomize.k8s.kustomization import Object

    Fields = dict[str, Any]

__all__ = ["Specs", "specs"]

API = "celeryproject.org/v1beta1"
SETS = ["default", "reports", "mail", "slow"]


@dataclass(frozen=True, slots=True)
class Specs:
    """Files by name; ``shop.yaml`` holds the application. Shown as they are when a test fails."""

    files: dict[str, str]

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """What Hypothesis shows of a failing example."""
        shown = "".join(f"\n--- {name}\n{text}" for name, text in self.files.items())
        printer.text(f"Specs({shown})")

    def rendered(self) -> Rendered:
        """The application, read from standard input when it is all in one file."""
        if len(self.files) == 1:
            stdin = io.BytesIO(self.files["shop.yaml"].encode())
            return run(["-"], stdin=stdin).applications[0]
        with tempfile.TemporaryDirectory() as folder:
            for name, text in self.files.items():
                path = Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(text.encode())
            return run([folder]).applications[0]


HOST = "broker.data.svc.cluster.local"
TYPED: list[Fields] = [
    {"redis": {"host": HOST, "passwordFrom": secret()}},
    {"redis": {"host": HOST, "port": 6380, "tls": {}}, "transportOptions": {"socket_timeout": 5}},
    {"rabbitmq": {"host": HOST, "username": "shop", "passwordFrom": secret()}},
    {"rabbitmq": {"host": HOST, "usernameFrom": secret(), "passwordFrom": secret(), "vhost": "/a"}},
    {"sentinel": {"hosts": [HOST, f"a.{HOST}"], "masterName": "on", "passwordFrom": secret()}},
    {"sqs": {"region": "eu-west-1", "queueNamePrefix": "shop-"}},
    {"kafka": {"hosts": [HOST]}},
]
UNTYPED: list[Fields] = [
    {"urlFrom": secret("broker", "url")},
    {"url": f"redis://:$(PASSWORD)@{HOST}/0"},
    {"url": f"amqp://{HOST}//"},
]
RESULTS: list[Any] = [
    None,
    {"redis": {"host": HOST, "database": 1}},
    {"redis": {"host": HOST, "passwordFrom": secret(), "tls": {"insecureSkipVerify": True}}},
    {"urlFrom": secret("results", "url")},
    {"sentinel": {"hosts": [HOST], "masterName": "results"}},
]
SETTINGS: dict[str, list[Any]] = {
    "task_acks_late": [True, False],
    "task_default_priority": [1, 2],
    "timezone": ["Asia/Tokyo", "UTC"],
    "task_serializer": ["json", "yaml"],
    "on": TRICKY,
    "own_options": [{}, {"a": {"on": "08"}}, {"a": {}, "b": [1, "1", 1.5]}, {"b": []}],
    "own_list": [[], ["y", 8, True], [{"a": "~"}]],
    "own_number": [2**53 + 1, 1e3, -1, "1_000"],
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the whole application keeps to, so that any overlay over any other one is valid.

    ``managed``: there is always a managed Redis; ``typed``: the broker is always one that scalers
    can ask; ``volumes``: the shared volumes are there, and never taken away; ``foreign``: objects
    of another namespace, which then forbid that an overlay moves the application.
    """

    managed: bool
    typed: bool
    volumes: bool
    foreign: bool
    namespace: str | None

    def broker(self, choose: Choose) -> Fields:
        managed = [{"managedRedis": {"database": 0}}] if self.managed else []
        chosen = choose.one([*managed, *TYPED] if self.typed else [*managed, *TYPED, *UNTYPED])
        return {"transportOptions": None, **chosen}

    def worker(self, choose: Choose) -> Fields:
        found = parts.worker(choose, measured=self.typed)
        if not self.volumes:
            found.pop("volumeMounts", None)
        return found

    def components(self) -> dict[str, Callable[[Choose], Any]]:
        return {
            "beat": parts.beat,
            "flower": parts.flower,
            "web": parts.web,
            "migration": parts.migration,
            "networkPolicy": parts.network_policy,
        }


def settings(choose: Choose) -> Fields:
    return {key: choose.one(SETTINGS[key]) for key in choose.some(list(SETTINGS), 4)}


def shared(choose: Choose, shape: Shape) -> Fields:
    """What components inherit: for the base, and for overlays to change."""
    found = choose.fields(
        20,
        image=lambda c: c.one(parts.IMAGES),
        imagePullPolicy=lambda c: c.one(["Always", "Never"]),
        imagePullSecrets=lambda c: [{"name": name} for name in c.some(["a", "b", "c"])],
        workingDir=lambda c: c.one(["/srv", "/on"]),
        env=parts.variables,
        envFrom=lambda c: [{"secretRef": {"name": name}} for name in c.some(["c", "d"])],
        serviceAccount=lambda c: c.one([{"annotations": annotation_map(c)}, {"create": False}, {}]),
        security=lambda c: c.one([{"profile": "Baseline"}, {"runAsUser": 1001}]),
        resultBackend=lambda c: c.one(RESULTS),
        workerDefaults=lambda c: {
            "resources": parts.resources(c),
            **c.fields(30, labels=label_map),
        },
    )
    if choose.chance(30):
        found["config"] = {"values": settings(choose)}
        if choose.chance(20):
            found["config"]["delivery"] = choose.one(["Loader", "File"])
    if shape.volumes and choose.chance(30):
        found["volumes"] = parts.volumes(choose)
    if shape.volumes and choose.chance(30):
        found["volumeMounts"] = parts.mounts(choose)
    return found


def base_spec(choose: Choose, shape: Shape) -> Fields:
    found = {"app": "shop.celery", **shared(choose, shape)}
    found.setdefault("image", "app:1")
    password = {"name": "PASSWORD", "valueFrom": secret()}
    found["env"] = [password, *found.get("env", [])]
    if shape.volumes:
        found["volumes"] = parts.volumes(choose)
    if shape.managed:
        found["redis"] = parts.redis(choose)
    found["broker"] = shape.broker(choose)
    found["workers"] = [
        {"name": name, **shape.worker(choose)} for name in choose.some(SETS) or SETS[:1]
    ]
    for name, make in shape.components().items():
        if choose.chance(30):
            found[name] = make(choose)
    if choose.chance(20):
        found["monitoring"] = {"exporter": parts.exporter(choose)}
    return found


def changed(choose: Choose, before: Fields, new: Fields) -> Fields:
    """``new`` as a change of ``before``: some of what is not in it goes away."""
    keep = {"name", "command", "basicAuthFrom", "passwordFrom", "resources", "volumes"}
    gone = [key for key in before if key not in new and key not in keep and choose.chance(15)]
    found = {**new, **dict.fromkeys(gone)}
    if before.get("env") and "env" not in gone and choose.chance(15):
        last = before["env"][-1]["name"]
        others = [each for each in found.get("env", []) if each["name"] != last]
        found["env"] = [*others, {"name": last, "$patch": "delete"}]
    return found


def changed_workers(choose: Choose, before: list[Fields], shape: Shape, *, first: bool) -> Any:
    """Worker sets changed, added, removed and renamed (which is both)."""
    found: list[Fields] = []
    names = [item["name"] for item in before]
    for item in before:
        if choose.chance(50):
            new = changed(choose, item, shape.worker(choose)) if first else shape.worker(choose)
            found.append({"name": item["name"], **new})
    if first and choose.chance(20):
        gone = choose.one(names)
        found = [item for item in found if item["name"] != gone]
        found.append({"name": gone, "$patch": "delete"})
        if choose.chance(50):
            same = before[names.index(gone)]
            found.append({**copy.deepcopy(same), "name": f"{gone}-2"})
    others = [name for name in SETS if name not in names]
    if others and choose.chance(25):
        found.append({"name": choose.one(others), **shape.worker(choose)})
    if choose.chance(5):
        found = [item for item in found if "$patch" not in item]
        return [{"$patch": "replace"}, *found, {"name": "only"}]
    return found


def overrides(choose: Choose, before: Fields, shape: Shape, *, first: bool) -> Fields:
    """A partial spec over ``before``; deletions only where ``first``, over the base itself."""
    found = shared(choose, shape)
    if first:
        inherited = ("workingDir", "imagePullSecrets", "resultBackend", "config", "envFrom")
        found = changed(choose, {key: before[key] for key in inherited if key in before}, found)
    if choose.chance(20):
        found["broker"] = shape.broker(choose)
    if "redis" in before and choose.chance(30):
        found["redis"] = changed(choose, before["redis"], parts.redis(choose))
    if choose.chance(70) and (
        workers := changed_workers(choose, before["workers"], shape, first=first)
    ):
        found["workers"] = workers
    for name, make in shape.components().items():
        if choose.chance(25):
            gone = name in before and choose.chance(30)
            new = None if gone else changed(choose, before.get(name, {}), make(choose))
            found[name] = new
    if choose.chance(15):
        found["monitoring"] = {"exporter": choose.one([None, {}, {"port": 9900}])}
    return found


def patch(choose: Choose, worker: str) -> Fields:
    """One of the user's own, to the Deployment of a worker set that is there."""
    identity = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"shop-worker-{worker}"},
    }
    target = {"kind": "Deployment", "name": f"shop-worker-{worker}"}
    containers = [{"name": "worker", "image": choose.one(parts.IMAGES)}]
    spec = choose.one(
        [
            {"replicas": 7},
            {"template": {"spec": {"containers": containers}}},
            {"template": {"spec": {"tolerations": parts.tolerations(choose)}}},
            None,
        ]
    )
    if spec is None:
        value = choose.one(TRICKY)
        operation = {"op": "add", "path": "/spec/template/spec/hostname", "value": value}
        return {"patch": dump([operation]), "target": target}
    return {"patch": dump({**identity, "spec": spec})}


CONFIG_MAP_PATCHES: list[list[Fields]] = [
    [{"op": "add", "path": "/data/on", "value": "08"}],
    [{"op": "replace", "path": "/data", "value": {"on": "y"}}],
    [{"op": "add", "path": "/metadata/labels/on", "value": "y"}],
]


def config_map_patch(operations: list[Fields]) -> Fields:
    """One of the user's own, to every generated ConfigMap."""
    selector = "app.kubernetes.io/managed-by=celery-kustomize"
    return {
        "patch": dump(operations),
        "target": {"kind": "ConfigMap", "labelSelector": selector},
    }


def objects(random: Random, names: list[str], namespaces: list[Any]) -> list[Object]:
    """Objects that come with the spec, each with an identity of its own."""
    found = {}
    for _ in range(random.randint(1, 3)):
        kind, name, namespace = (random.choice(each) for each in (WEIGHTED, names, namespaces))
        found[kind[1], name] = whole(random, kind, name, namespace)
    return list(found.values())


def variant(random: Random, item: Object) -> Object:
    """The same object in another environment."""
    metadata, kind = item["metadata"], (item["apiVersion"], item["kind"])
    other = whole(random, kind, metadata["name"], metadata.get("namespace"))
    found = {key: mixed(random, value, other.get(key, value)) for key, value in item.items()}
    fixed = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    return {**found, "metadata": {**found["metadata"], **fixed}}


def metadata(choose: Choose, name: str, namespace: str | None) -> Fields:
    found: Fields = {"name": name, **({"namespace": namespace} if namespace else {})}
    return found | choose.fields(25, labels=label_map, annotations=annotation_map)


@st.composite
def specs(draw: st.DrawFn, *, own_patches: bool = False) -> Specs:
    """An application with one to three overlays; with ``own_patches`` the base has some too."""
    choose = Choose(draw)
    foreign = choose.chance(10)
    managed = choose.chance(30)
    namespace = None if not (managed or foreign) and choose.chance(20) else "shop"
    shape = Shape(managed, not choose.chance(30), choose.chance(40), foreign, namespace)
    spec = base_spec(choose, shape)
    if own_patches:
        names = [item["name"] for item in spec["workers"]]
        spec["patches"] = [patch(choose, choose.one(names)) for _ in range(choose.number(1, 2))]
        spec["patches"] += map(config_map_patch, choose.some(CONFIG_MAP_PATCHES, 1))
    overlays: list[Fields] = []
    for name in ["staging", "production", "on"][: choose.number(1, 3)]:
        others = [each["name"] for each in overlays]
        overlays.append({"name": name, **overlay(choose, spec, shape, others)})
    documents: list[Object] = []
    files: dict[str, str] = {}
    if foreign or choose.chance(30):
        random = draw(st.randoms(use_true_random=False))
        namespaces = [None, None, "infra"] if foreign else [None]
        documents = objects(random, ["own", "o.b"], namespaces)
        files = extra_files(choose, random, spec, overlays, namespaces)
    inline = [item for item in overlays if not choose.chance(25)]
    if inline:
        spec["overlays"] = inline
    files |= {f"{o['name']}.yaml": dump(overlay_file(o)) for o in overlays if o not in inline}
    document = {
        "apiVersion": API,
        "kind": "CeleryApplication",
        "metadata": metadata(choose, "shop", namespace),
        "spec": spec,
    }
    return Specs({"shop.yaml": dump_all([document, *documents]), **files})


def extra_files(
    choose: Choose, random: Random, spec: Fields, overlays: list[Fields], namespaces: list[Any]
) -> dict[str, str]:
    """Files for extraResources; overlays add one, or put one in the place of the base's."""
    files = {}
    extra: list[Object] = []
    if choose.chance(60):
        extra = objects(random, NAMES, namespaces)
        spec["extraResources"] = ["extra/base.yaml"]
        files["extra/base.yaml"] = dump_all(extra)
    for item in overlays:
        if choose.chance(50):
            path = f"extra/{item['name']}.yaml"
            replaced = bool(extra) and "from" not in item
            item["overrides"]["extraResources"] = [{"$patch": "replace"}] * replaced + [path]
            new = [variant(random, each) for each in extra] if replaced else []
            files[path] = dump_all(new or objects(random, [f"new-{item['name']}"], namespaces))
    return files


def overlay(choose: Choose, spec: Fields, shape: Shape, others: list[str]) -> Fields:
    """One environment but for its name."""
    found: Fields = choose.fields(25, labels=label_map, annotations=annotation_map)
    start = choose.one(others) if others and choose.chance(30) else None
    if start:
        found["from"] = start
    if shape.namespace is None or (not shape.foreign and choose.chance(40)):
        found["namespace"] = choose.one(["prod", "shop"])
    found["overrides"] = overrides(choose, spec, shape, first=start is None)
    names = _left(spec["workers"], found["overrides"].get("workers", []))
    if names and start is None and choose.chance(15):
        found["patches"] = [patch(choose, choose.one(names))]
    return found


def _left(before: list[Fields], changes: list[Fields]) -> list[str]:
    """The worker sets of the base that are still there."""
    if {"$patch": "replace"} in changes:
        return []
    gone = {item["name"] for item in changes if item.get("$patch") == "delete"}
    return [item["name"] for item in before if item["name"] not in gone]


def overlay_file(item: Fields) -> Object:
    rest = {key: value for key, value in item.items() if key != "name"}
    return {
        "apiVersion": API,
        "kind": "CeleryApplicationOverlay",
        "metadata": {"name": item["name"]},
        "spec": {"applicationRef": {"name": "shop"}, **rest},
    }
