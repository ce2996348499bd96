"""One older document to a native one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from celery_kustomize.convert.celery_k8s_io import convert_application
from celery_kustomize.convert.reading import Fields, Problems
from celery_kustomize.convert.shared import API_VERSION, KIND, native_document
from celery_kustomize.convert.v1alpha1 import convert_celery
from celery_kustomize.k8s.suggest import quote
from celery_kustomize.located import Map, Seq

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_kustomize.errors import Problem

__all__ = ["OLDER_KINDS", "convert", "is_older", "to_native"]

_CONVERTERS: dict[tuple[str, str], Callable[[Fields, Problems], Map]] = {
    ("celeryproject.org/v1alpha1", "Celery"): convert_celery,
    ("celery.k8s.io/v1beta1", "CeleryApplication"): convert_application,
}

OLDER_KINDS = frozenset(_CONVERTERS)
"""(apiVersion, kind) of the older kinds."""


def is_older(document: Map) -> bool:
    """Whether ``document`` is of an older kind."""
    return _converter(document) is not None


def convert(document: Map) -> tuple[Map, list[Problem]]:
    """A document of an older kind as a native CeleryApplication.

    Args:
        document: any document. One of another kind is returned as it is.

    Returns:
        The native document, each field with the mark of the place it comes from, and the problems:
        errors, after which the document is not complete; warnings for what cannot be said or is
        said differently; and one warning that tells how to convert the file.
    """
    native, problems = to_native(document)
    if native is document:
        return document, []
    mark = document.mark_of("apiVersion")
    old = f"{document['kind']} of {document['apiVersion']}"
    file = "FILE" if mark.file in ("", "-") else shlex.quote(mark.file)
    notice = Problems()
    notice.warning(
        document.mark if mark.line == 0 else mark,
        f"{old} is an older kind, read as {KIND} of {API_VERSION}: "
        f"`celery-kustomize convert {file} -w` rewrites the file",
    )
    return native, [*notice, *problems]


def to_native(document: Map) -> tuple[Map, list[Problem]]:
    """``convert`` without the warning that tells how to convert the file."""
    converter = _converter(document)
    if converter is None:
        return document, []
    problems = Problems()
    fields = Fields(document, problems, document.mark)
    for key in ("apiVersion", "kind"):
        fields.anything(key)
    fields.ignore(["status"], "the operator wrote it")
    if isinstance(document.get("spec"), Map):
        native = converter(fields, problems)
        fields.finish()
        _drop_dangling_mounts(native["spec"], problems)
    else:
        fields.child("spec", "the specification of the application")
        native = native_document(fields, Map(), Map())
    return native, sorted(set(problems))


def _drop_dangling_mounts(spec: Map, problems: Problems) -> None:
    """Kubernetes refuses a pod that mounts a volume which it does not have."""
    mounts, volumes = spec.get("volumeMounts"), spec.get("volumes")
    if not isinstance(mounts, Seq):
        return
    given = volumes if isinstance(volumes, Seq) else Seq()
    names = [volume.get("name") for volume in given if isinstance(volume, Map)]
    kept = Seq(mark=mounts.mark)
    for index, mount in enumerate(mounts):
        if (
            isinstance(mount, Map)
            and isinstance(mount.get("name"), str)
            and mount["name"] not in names
        ):
            message = f"is left out: there is no volume {quote(mount['name'])} to mount"
            problems.warning(mounts.mark_of(index), message)
        else:
            kept.add(mount, mounts.mark_of(index))
    if len(kept) < len(mounts):
        spec["volumeMounts"] = kept


def _converter(document: Map) -> Callable[[Fields, Problems], Map] | None:
    version, kind = document.get("apiVersion"), document.get("kind")
    if isinstance(version, str) and isinstance(kind, str):
        return _CONVERTERS.get((version, kind))
    return None
