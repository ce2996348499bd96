"""Pod Security Standards and pod templates: what admission would refuse, or what breaks a merge.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ as of Kubernetes 1.34.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.strategic_merge import merge
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Place, Subject, item_loc, part

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]

_HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC")
_RESTRICTED_VOLUMES = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
_BASELINE_CAPABILITIES = (
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
)
_BOTH = "the Pod Security Standards Baseline and Restricted forbid it: remove it"
_RESTRICTED = (
    "the Pod Security Standard Restricted forbids it: remove it, or write security: {profile: "
    "Baseline}"
)


def root_user(subject: Subject) -> Iterator[Finding]:
    """Restricted means ``runAsNonRoot``: the kubelet then refuses user 0."""
    for place in subject.places:
        security = defaults.security(subject.spec, place.component)
        if security.profile != "Restricted" or security.run_as_user != 0:
            continue
        own = place.component.security is not None and place.component.security.has("run_as_user")
        loc = place.loc if own else ("spec",)
        yield Finding(
            (*loc, "security", "runAsUser"),
            "0 is root, which the Pod Security Standard Restricted forbids: write another number, "
            "or profile: Baseline",
        )


def volume_types(subject: Subject) -> Iterator[Finding]:
    """Restricted allows volumes that do not reach the node; Baseline only forbids hostPath."""
    for place in subject.places:
        restricted = _restricted(subject, place)
        component = place.component
        shared = subject.spec.volumes if place.runs_application else []
        for volume in subject.volumes(place):
            loc = item_loc(
                place.loc, component.volumes, shared, "volumes", "name", volume.get("name")
            )
            yield from _volume(loc, volume, restricted=restricted)
        pod = component.pod_template.get("spec") or {}
        for index, volume in enumerate(pod.get("volumes") or []):
            yield from _volume(
                (*place.loc, "podTemplate", "spec", "volumes", index), volume, restricted=restricted
            )


def _volume(loc: Loc, volume: dict[str, Any], *, restricted: bool) -> Iterator[Finding]:
    for kind in volume:
        if kind == "hostPath":
            yield Finding((*loc, kind), f"reaches into the node, and {_BOTH}")
        elif restricted and kind not in ("name", "$patch", *_RESTRICTED_VOLUMES):
            yield Finding((*loc, kind), f"mounts it directly, and {_RESTRICTED}")


def _restricted(subject: Subject, place: Place) -> bool:
    return defaults.security(subject.spec, place.component).profile == "Restricted"


def pod_security(subject: Subject) -> Iterator[Finding]:
    """Fields of a pod template that admission refuses under the component's profile."""
    for place in subject.places:
        pod = place.component.pod_template.get("spec") or {}
        loc = (*place.loc, "podTemplate", "spec")
        restricted = _restricted(subject, place)
        for name in _HOST_FIELDS:
            if pod.get(name) is True:
                yield Finding((*loc, name), f"opens the node to the pod, and {_BOTH}")
        context = pod.get("securityContext") or {}
        yield from _context((*loc, "securityContext"), context, restricted=restricted)
        for key in ("initContainers", "containers"):
            for index, container in enumerate(pod.get(key) or []):
                yield from _container((*loc, key, index), container, restricted=restricted)


def _context(loc: Loc, context: dict[str, Any], *, restricted: bool) -> Iterator[Finding]:
    if (context.get("seccompProfile") or {}).get("type") == "Unconfined":
        yield Finding((*loc, "seccompProfile"), f"Unconfined takes all system calls, and {_BOTH}")
    if restricted and context.get("runAsNonRoot") is False:
        yield Finding((*loc, "runAsNonRoot"), f"false allows root, and {_RESTRICTED}")
    if restricted and context.get("runAsUser") == 0:
        yield Finding((*loc, "runAsUser"), f"0 is root, and {_RESTRICTED}")


def _container(loc: Loc, container: dict[str, Any], *, restricted: bool) -> Iterator[Finding]:
    context = container.get("securityContext") or {}
    place = (*loc, "securityContext")
    yield from _context(place, context, restricted=restricted)
    if context.get("privileged") is True:
        yield Finding((*place, "privileged"), f"gives the container the node, and {_BOTH}")
    if restricted and context.get("allowPrivilegeEscalation") is True:
        yield Finding(
            (*place, "allowPrivilegeEscalation"), f"lets a process gain rights, and {_RESTRICTED}"
        )
    for index, name in enumerate((context.get("capabilities") or {}).get("add") or []):
        where = (*place, "capabilities", "add", index)
        if name not in _BASELINE_CAPABILITIES:
            yield Finding(where, f"{name} is a right over the node, and {_BOTH}")
        elif restricted and name != "NET_BIND_SERVICE":
            yield Finding(where, f"{name} is more than a container needs, and {_RESTRICTED}")
    for index, port in enumerate(container.get("ports") or []):
        if port.get("hostPort"):
            yield Finding(
                (*loc, "ports", index, "hostPort"), f"opens a port of the node, and {_BOTH}"
            )


def containers(subject: Subject) -> Iterator[Finding]:
    """Containers are merged by name: the main one is called after its component."""
    for place in subject.places:
        pod = place.component.pod_template.get("spec") or {}
        for key in ("containers", "initContainers"):
            for index, container in enumerate(pod.get(key) or []):
                loc = (*place.loc, "podTemplate", "spec", key, index)
                name = container.get("name")
                if "$patch" in container:
                    continue
                if name is None:
                    yield Finding(
                        loc,
                        "has no name, and containers are merged by it: write name: "
                        f"{place.role} for the main one",
                    )
                elif "image" not in container and (key, name) != ("containers", place.role):
                    main = f'; the main container is called "{place.role}"'
                    yield Finding(
                        loc,
                        f'the container "{name}" has no image: write one'
                        f"{main if key == 'containers' else ''}",
                    )


def main_container(subject: Subject) -> Iterator[Finding]:
    """A pod without the component's own container runs nothing of it, or is refused when empty."""
    for place in subject.places:
        own = {"spec": {"containers": [{"name": place.role}]}}
        merged = merge("PodTemplateSpec", own, place.component.pod_template)
        left = part(merged, "spec", "containers") or []
        if all(container.get("name") != place.role for container in left):
            yield Finding(
                _removal(place),
                f'removes the container "{place.role}", which runs the component: write only what '
                "changes in it, and other containers beside it",
            )


def _removal(place: Place) -> Loc:
    """The item that removes the main container, else the list."""
    loc = (*place.loc, "podTemplate", "spec", "containers")
    given = part(place.component.pod_template, "spec", "containers") or []
    for index, item in enumerate(given):
        if item in ({"name": place.role, "$patch": "delete"}, {"$patch": "replace"}):
            return (*loc, index)
    return loc


RULES = (root_user, volume_types, pod_security, containers, main_container)
