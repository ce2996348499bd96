"""Security contexts by Pod Security Standard, and the writable folders of a read-only root."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.component import Security

__all__ = ["container_context", "environment", "pod_context", "writable"]


def pod_context(security: Security) -> Object:
    """The pod's ``securityContext``; empty when nothing is to be said."""
    restricted = security.profile == "Restricted"
    fields: Object = {
        "runAsNonRoot": True if restricted else None,
        "runAsUser": security.run_as_user,
        "runAsGroup": security.run_as_group,
        "fsGroup": security.fs_group,
        "seccompProfile": {"type": "RuntimeDefault"} if restricted else None,
    }
    return {key: value for key, value in fields.items() if value is not None}


def container_context(security: Security) -> Object:
    """A container's ``securityContext``; empty when nothing is to be said."""
    result: Object = {}
    if security.profile == "Restricted":
        result = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    if security.read_only_root_filesystem:
        result["readOnlyRootFilesystem"] = True
    return result


def environment(security: Security) -> list[Object]:
    """Variables for a Python program whose numeric user may have no home folder."""
    result = []
    if security.profile == "Restricted":
        result.append({"name": "HOME", "value": "/tmp"})  # noqa: S108 - a path in the pod
    if security.read_only_root_filesystem:
        result.append({"name": "PYTHONDONTWRITEBYTECODE", "value": "1"})
    return result


def writable(security: Security) -> tuple[list[Object], list[Object]]:
    """Volumes and mounts that keep ``/tmp`` writable under a read-only root."""
    if not security.read_only_root_filesystem:
        return [], []
    return [{"name": "tmp", "emptyDir": {}}], [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108
