"""``celery.k8s.io/v1beta1 CeleryApplication``, of the CeleryApplication operator.

The image has a command of its own that loads the settings from the file that ``CELERY_CONFIG``
names. Fields are those of the operator's CustomResourceDefinition, defaults those of its handler
(jmdacruz/celery-k8s-operator, deploy/crd.yml and handlers.py).
"""

from __future__ import annotations

from typing import Any

from celery_kustomize.convert import shared
from celery_kustomize.convert.reading import Fields, Given, Problems, duplicate, fill, put
from celery_kustomize.located import Map, Seq

__all__ = ["convert_application"]


def convert_application(document: Fields, problems: Problems) -> Map:
    """The native document of an older ``CeleryApplication``."""
    source = document.child("spec", "spec.image and spec.celeryVersion")
    meta_source = document.child("metadata")
    name = meta_source.text("name", "the application's name")
    meta = shared.metadata(meta_source, name, problems)
    spec = Map(mark=source.mark)
    shared.images(spec, source)
    if "imagePullPolicy" not in spec and _is_latest(spec.get("image")):
        # Kubernetes would pull it on every start; the operator's pods used what the node has.
        spec["imagePullPolicy"] = "IfNotPresent"
    put(spec, "celeryVersion", _version(source, problems))
    spec["security"] = shared.security()
    fill(spec, source, "volumes", "volumeMounts", kind=Seq)
    settings = source.child("celeryConfig")
    worker_source, flower_source = source.child("workerConfig"), source.child("flowerConfig")
    flower = Map(mark=flower_source.mark)
    _settings(settings, source, spec, flower, problems)
    worker = Map({"name": "default"}, worker_source.mark)
    put(worker, "replicas", worker_source.integer("replicas", 0))
    _component(worker, worker_source, meta)
    worker["healthCheck"] = Map({"type": "Ping"})
    replicas = flower_source.integer("replicas", 0)
    put(flower, "replicas", shared.flower_replicas(replicas, problems))
    _component(flower, flower_source, meta)
    shared.flower_variables(flower, problems)
    shared.components(spec, worker, flower, source, ("workerConfig", "flowerConfig"))
    source.finish()
    return shared.native_document(document, meta, spec)


def _version(source: Fields, problems: Problems) -> Given[str] | None:
    given = source.anything("celeryVersion")
    if given is None:
        mark = source.mark_of("celeryVersion")
        problems.error(mark, 'is missing: write Celery\'s version in the image, for example "5.5"')
    return shared.celery_version(given, problems)


def _is_latest(image: Any) -> bool:
    """Whether an image has no digest, and the tag ``latest`` or none."""
    if not isinstance(image, str) or "@" in image:
        return False
    return image.rpartition("/")[2].partition(":")[2] in ("", "latest")


def _settings(settings: Fields, source: Fields, spec: Map, flower: Map, problems: Problems) -> None:
    """``celeryConfig``: addresses and Flower's options go to fields of their own."""
    broker, backend = _url(settings, "broker_url", problems), settings.text("result_backend")
    options = {
        key: settings.mapping(f"{prefix}_transport_options")
        for key, prefix, url in (
            ("broker", "broker", broker),
            ("resultBackend", "result_backend", backend),
        )
        if url is not None
    }
    put(flower, "port", settings.integer("port", 1))
    put(flower, "urlPrefix", settings.text("url_prefix"))
    values = Map(mark=settings.mark)
    for key in settings.unread():
        put(values, key, settings.anything(key))
        if key not in values:
            message = "is left out, as it is null: Celery's default counts"
            problems.warning(settings.mark_of(key), message)
    config = Map({"delivery": "File"}, settings.mark)
    if values:
        config["values"] = values
    spec["config"] = config
    if source.has("celeryConfig"):
        spec.marks["config"] = source.mark_of("celeryConfig")
    for key, given in (("broker", broker), ("resultBackend", backend)):
        if given is not None:
            member = Map(mark=given.mark)
            put(member, "url", given)
            put(member, "transportOptions", options[key])
            spec.put(key, member, given.mark)


def _url(settings: Fields, key: str, problems: Problems) -> Given[str] | None:
    """A broker's URL; Celery takes a list of them, too, and the same with semicolons."""
    given = settings.anything(key)
    if given is None or not isinstance(given.value, Seq):
        return settings.text(key)
    if not given.value:
        problems.error(given.mark, "expected a URL, got an empty list")
        return None
    urls = settings.texts(key) or []
    return Given(";".join(url.value for url in urls), given.mark)


def _component(target: Map, source: Fields, meta: Map) -> None:
    """What workers and Flower have in common; the object's annotations were on their pods, too."""
    fill(target, source, "resources", kind=Map)
    environment = source.child("envConfig")
    fill(target, environment, "env", "envFrom", kind=Seq)
    fill(target, source, "nodeSelector", kind=Map)
    if "annotations" in meta:
        target.put("annotations", duplicate(meta["annotations"]), meta.mark_of("annotations"))
    environment.finish()
    source.finish()
