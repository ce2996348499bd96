"""What kustomize's namespace transformer does to an object. Pure: no I/O.

Source: kustomize/api v0.21.2, ``filters/namespace`` and ``builtinpluginconsts/namespace.go``;
the scopes are kyaml's (``precomputedIsNamespaceScoped``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s.kinds import api_group, is_cluster_scoped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_kustomize.k8s.kustomization import Object

__all__ = [
    "effective_namespace",
    "namespace_unset_only",
    "own_namespace",
    "set_namespace",
    "with_namespace",
]

_KNOWN_CLUSTER_SCOPED: dict[str, str] = {
    "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration "
    "ValidatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
    "admissionregistration.k8s.io/v1beta1": "MutatingWebhookConfiguration "
    "ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "apiregistration.k8s.io/v1beta1": "APIService",
    "certificates.k8s.io/v1": "CertificateSigningRequest",
    "certificates.k8s.io/v1beta1": "CertificateSigningRequest",
    "flowcontrol.apiserver.k8s.io/v1beta1": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io/v1": "IngressClass",
    "networking.k8s.io/v1beta1": "IngressClass",
    "node.k8s.io/v1": "RuntimeClass",
    "node.k8s.io/v1beta1": "RuntimeClass",
    "policy/v1beta1": "PodSecurityPolicy",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
    "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "scheduling.k8s.io/v1beta1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver CSINode StorageClass VolumeAttachment",
    "storage.k8s.io/v1beta1": "CSIDriver CSINode StorageClass VolumeAttachment",
    "v1": "ComponentStatus Namespace Node NodeProxyOptions PersistentVolume",
}

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")


def _is_known_cluster_scoped(item: Object) -> bool:
    """To kustomize. It gives a namespace to all other kinds; API servers drop it where wrong."""
    return item["kind"] in _KNOWN_CLUSTER_SCOPED.get(item["apiVersion"], "").split()


def namespace_unset_only(objects: Iterable[Object], namespace: str) -> bool:
    """Whether ``namespace`` must leave alone what has a namespace of its own.

    True when kustomize's ``namespace`` field would move an object out of its own namespace or
    rename a Namespace object: a builtin NamespaceTransformer with ``unsetOnly`` has to be used.
    """
    return any(
        own_namespace(item) not in ("", namespace)
        or (_is_namespace(item) and item["metadata"]["name"] != namespace)
        for item in objects
    )


def own_namespace(item: Object) -> str:
    """The namespace that ``item`` itself names, if its kind has one; "" otherwise."""
    if is_cluster_scoped(item["apiVersion"], item["kind"]):
        return ""
    return item["metadata"].get("namespace") or ""


def effective_namespace(item: Object) -> str | None:
    """The namespace by which a selector of kustomize finds ``item``; None where none does."""
    return None if _is_known_cluster_scoped(item) else item["metadata"].get("namespace", "default")


def with_namespace(item: Object, namespace: str | None) -> Object:
    """A copy of ``item`` whose own namespace is ``namespace``; None takes it away."""
    metadata = {key: value for key, value in item["metadata"].items() if key != "namespace"}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {**item, "metadata": metadata}


def _is_namespace(item: Object) -> bool:
    return bool(item["kind"] == "Namespace" and item["apiVersion"] == "v1")


def set_namespace(item: Object, namespace: str, *, unset_only: bool) -> Object:
    """A copy of ``item`` in ``namespace``, as kustomize makes it.

    ``unset_only`` is the builtin NamespaceTransformer, which leaves a namespace that is there and
    does not touch Namespace and APIService objects; otherwise it is the ``namespace`` field.
    References of role bindings to ServiceAccounts of the same build, which kustomize resolves in
    a later step, are not followed.
    """
    moved = dict(item)
    metadata = dict(item["metadata"])
    if not _is_known_cluster_scoped(item) and not (unset_only and metadata.get("namespace")):
        metadata["namespace"] = namespace
    if _is_namespace(item) and not unset_only:
        metadata["name"] = namespace
    moved["metadata"] = metadata
    if item["kind"] in _BINDINGS and isinstance(item.get("subjects"), list):
        moved["subjects"] = [_subject(each, namespace, unset_only) for each in item["subjects"]]
    if not unset_only:
        _set_service(moved, namespace)
    return moved


def _subject(subject: object, namespace: str, unset_only: bool) -> object:
    if not isinstance(subject, dict) or subject.get("name") != "default":
        return subject
    if unset_only and subject.get("namespace"):
        return subject
    return {**subject, "namespace": namespace}


def _set_service(item: Object, namespace: str) -> None:
    group = api_group(item["apiVersion"])
    if (group, item["kind"]) == ("apiregistration.k8s.io", "APIService"):
        path: tuple[str, ...] = ("spec", "service")
    elif (group, item["kind"]) == ("apiextensions.k8s.io", "CustomResourceDefinition"):
        path = ("spec", "conversion", "webhook", "clientConfig", "service")
        if not _has(item, (*path, "namespace")):
            return
    else:
        return
    for key in path:
        below = item.get(key, {})
        if not isinstance(below, dict):
            return
        item[key] = dict(below)
        item = item[key]
    item["namespace"] = namespace


def _has(value: object, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True
