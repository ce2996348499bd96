"""Applications of the two older kinds, whose environments are in files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.equivalence.specs.choose import IMAGES, annotation_map, label_map
from tests.equivalence.specs.pods import env_from, resources, variables
from tests.equivalence.specs.shape import Shape

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from tests.equivalence.specs.choose import Choose, Fields

__all__ = ["older"]

_VOLUMES: Fields = {
    "volumes": [{"name": "files", "emptyDir": {}}],
    "volumeMounts": [{"name": "files", "mountPath": "/files"}],
}


def _shape(run: str, brokers: str, deliveries: tuple[str, ...]) -> Shape:
    return Shape(
        run=run,
        brokers=brokers,
        deliveries=deliveries,
        managed=False,
        volumes=False,
        flower=False,
        presync=False,
        foreign=False,
        namespace="shop",
    )


def _metadata(choose: Choose) -> Fields:
    found: Fields = {"name": "shop", "namespace": "shop"}
    return found | choose.fields(25, labels=label_map, annotations=annotation_map)


def _metrics(choose: Choose) -> list[Fields]:
    every = [
        {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
        {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}},
        {"name": "task_queue_length", "target": {"type": "length", "averageValue": 20}},
    ]
    return choose.some(every[:2]) or [choose.one(every[:2])]


def _celery(choose: Choose) -> tuple[Object, Shape]:
    """``Celery``, with its options in ``common`` or in ``spec`` itself."""
    common = {
        "appName": "shop",
        "celeryApp": "shop.celery",
        "image": choose.one(IMAGES),
        **choose.fields(
            30,
            celeryVersion=lambda c: c.one(["5.6", "5.7"]),
            imagePullSecrets=lambda c: [{"name": name} for name in c.some(["a", "b"])],
            imagePullPolicy=lambda c: c.one(["Always", "IfNotPresent"]),
        ),
        **(_VOLUMES if choose.chance(30) else {}),
    }
    worker = choose.fields(
        30,
        numOfWorkers=lambda c: c.number(0, 3),
        queues=lambda c: c.one(["default", "default,on", "08"]),
        logLevel=lambda c: c.one(["debug", "ERROR"]),
        concurrency=lambda c: c.number(1, 4),
        maxTasksPerChild=lambda c: c.number(1, 100),
        args=lambda c: c.one([["-O", "fair"], ["--max-memory-per-child=98304"]]),
        rolloutStrategy=lambda c: c.one([{"type": "Recreate"}, {"type": "RollingUpdate"}]),
    )
    spec: Fields = {"workerSpec": {**worker, "resources": resources(choose)}}
    spec |= common if choose.chance(30) else {"common": common}
    if choose.chance(50):
        spec["flowerSpec"] = choose.fields(
            30,
            replicas=lambda c: c.number(0, 1),
            servicePort=lambda c: c.one([5555, 80]),
            serviceType=lambda c: c.one(["ClusterIP", "NodePort"]),
            resources=resources,
        )
    if choose.chance(40):
        scaled = {"kind": "worker", "minReplicas": 1, "maxReplicas": 4, "metrics": _metrics(choose)}
        spec["scaleTargetRef"] = [scaled]
    document = {
        "apiVersion": "celeryproject.org/v1alpha1",
        "kind": "Celery",
        "metadata": _metadata(choose),
        "spec": spec,
    }
    return document, _shape("composed", "none", ("Loader", "File"))


def _application(choose: Choose) -> tuple[Object, Shape]:
    """The ``CeleryApplication`` of celery.k8s.io: the image's own command, settings in a file."""

    def _component(choose: Choose) -> Fields:
        environment = choose.fields(40, env=variables, envFrom=env_from)
        found = choose.fields(40, replicas=lambda c: c.number(0, 1), nodeSelector=label_map)
        return {**found, "resources": resources(choose), "envConfig": environment}

    password = {"name": "PASSWORD", "value": "$$(SHOP)"}
    worker, flower = _component(choose), _component(choose)
    for each in (worker, flower):
        each["envConfig"]["env"] = [password, *each["envConfig"].get("env", [])]
    settings = choose.fields(
        40,
        result_backend=lambda _: "redis://broker.data:6379/1",
        task_default_queue=lambda c: c.one(["on", "default"]),
        worker_prefetch_multiplier=lambda c: c.number(1, 4),
        url_prefix=lambda _: "flower",
        port=lambda c: c.one([5555, 5556]),
    )
    spec = {
        "image": choose.one(IMAGES),
        "celeryVersion": choose.one(["5.6", "5.7.0"]),
        "celeryConfig": {"broker_url": "redis://broker.data:6379/0", **settings},
        "workerConfig": worker,
        "flowerConfig": flower,
        **(_VOLUMES if choose.chance(30) else {}),
    }
    document = {
        "apiVersion": "celery.k8s.io/v1beta1",
        "kind": "CeleryApplication",
        "metadata": _metadata(choose),
        "spec": spec,
    }
    return document, _shape("image", "untyped", ("File",))


def older(choose: Choose) -> tuple[Object, Shape]:
    """A document, and what its overlays keep to."""
    return _celery(choose) if choose.chance(50) else _application(choose)
