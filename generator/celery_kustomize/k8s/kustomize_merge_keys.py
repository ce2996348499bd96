"""Which lists a strategic-merge patch merges by key, in kustomize's own schema. Data, no I/O.

Source: the OpenAPI schema (Kubernetes 1.21.2) built into kyaml v0.21.2, which kustomize uses and
which neither the cluster's version nor a CustomResourceDefinition changes: a list that is not
named here, and every list of a kind that is not named here, is replaced as a whole. The test of
this module compares the table with kyaml's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

__all__ = ["UNKEYED", "MergeSchema", "merge_schema"]


@dataclass(frozen=True, slots=True)
class MergeSchema:
    """What a strategic-merge patch knows about a field.

    ``keys`` are the merge keys of a list: None for a list that is replaced whole (and for
    everything that is no list), empty for a list of strings merged by value. ``fields`` are
    those of the map, or of the list's items, below which a keyed list exists.
    """

    keys: tuple[str, ...] | None = None
    fields: Mapping[str, MergeSchema] = field(default_factory=dict)

    def at(self, key: str) -> MergeSchema:
        """The schema of the field ``key`` of this map or of this list's items."""
        return self.fields.get(key, UNKEYED)


UNKEYED = MergeSchema()

_Lists = Mapping[str, tuple[str, ...]]


def _under(prefix: str, lists: _Lists) -> _Lists:
    return {f"{prefix}.{path}": keys for path, keys in lists.items()}


_METADATA: _Lists = {"metadata.finalizers": (), "metadata.ownerReferences": ("uid",)}
_CONDITIONS: _Lists = {"status.conditions": ("type",)}
_EPHEMERAL_CONTAINER: _Lists = {
    "env": ("name",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
}
_CONTAINER: _Lists = {**_EPHEMERAL_CONTAINER, "ports": ("containerPort", "protocol")}
_POD: _Lists = {
    "containers": ("name",),
    **_under("containers", _CONTAINER),
    "initContainers": ("name",),
    **_under("initContainers", _CONTAINER),
    "ephemeralContainers": ("name",),
    **_under("ephemeralContainers", _EPHEMERAL_CONTAINER),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumes": ("name",),
    **_under("volumes.ephemeral.volumeClaimTemplate", _METADATA),
}
_TEMPLATE: _Lists = {**_under("template", _METADATA), **_under("template.spec", _POD)}
_CLAIM_TEMPLATES: _Lists = {
    **_under("spec.volumeClaimTemplates", _METADATA),
    **_under("spec.volumeClaimTemplates", _CONDITIONS),
}
_WORKLOAD: _Lists = {**_METADATA, **_CONDITIONS, **_under("spec", _TEMPLATE)}
_WITH_CONDITIONS: _Lists = {**_METADATA, **_CONDITIONS}
_WEBHOOKS: _Lists = {**_METADATA, "webhooks": ("name",)}
_CRON_JOB: _Lists = {
    **_METADATA,
    **_under("spec.jobTemplate", _METADATA),
    **_under("spec.jobTemplate.spec", _TEMPLATE),
}

_SPECIAL: Mapping[str, _Lists] = {
    "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration": _WEBHOOKS,
    "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration": _WEBHOOKS,
    "admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration": _WEBHOOKS,
    "admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration": _WEBHOOKS,
    "apiregistration.k8s.io/v1 APIService": _WITH_CONDITIONS,
    "apiregistration.k8s.io/v1beta1 APIService": _WITH_CONDITIONS,
    "apps/v1 DaemonSet": _WORKLOAD,
    "apps/v1 Deployment": _WORKLOAD,
    "apps/v1 ReplicaSet": _WORKLOAD,
    "apps/v1 StatefulSet": {**_WORKLOAD, **_CLAIM_TEMPLATES},
    "batch/v1 CronJob": _CRON_JOB,
    "batch/v1 Job": _WORKLOAD,
    "batch/v1beta1 CronJob": _CRON_JOB,
    "policy/v1 PodDisruptionBudget": _WITH_CONDITIONS,
    "policy/v1beta1 PodDisruptionBudget": _WITH_CONDITIONS,
    "storage.k8s.io/v1 CSINode": {**_METADATA, "spec.drivers": ("name",)},
    "storage.k8s.io/v1beta1 CSINode": {**_METADATA, "spec.drivers": ("name",)},
    "v1 ComponentStatus": {**_METADATA, "conditions": ("type",)},
    "v1 Namespace": _WITH_CONDITIONS,
    "v1 Node": {
        **_WITH_CONDITIONS,
        "spec.podCIDRs": (),
        "status.addresses": ("type",),
    },
    "v1 PersistentVolumeClaim": _WITH_CONDITIONS,
    "v1 Pod": {
        **_WITH_CONDITIONS,
        **_under("spec", _POD),
        "status.podIPs": ("ip",),
    },
    "v1 PodTemplate": {**_METADATA, **_TEMPLATE},
    "v1 ReplicationController": _WORKLOAD,
    "v1 Service": {**_WITH_CONDITIONS, "spec.ports": ("port", "protocol")},
    "v1 ServiceAccount": {**_METADATA, "secrets": ("name",)},
}

_PLAIN_KINDS: Mapping[str, str] = {
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition",
    "apps/v1": "ControllerRevision",
    "authentication.k8s.io/v1": "TokenRequest TokenReview",
    "authentication.k8s.io/v1beta1": "TokenReview",
    "authorization.k8s.io/v1": "LocalSubjectAccessReview SelfSubjectAccessReview "
    "SelfSubjectRulesReview SubjectAccessReview",
    "authorization.k8s.io/v1beta1": "LocalSubjectAccessReview SelfSubjectAccessReview "
    "SelfSubjectRulesReview SubjectAccessReview",
    "autoscaling/v1": "HorizontalPodAutoscaler Scale",
    "autoscaling/v2beta1": "HorizontalPodAutoscaler",
    "autoscaling/v2beta2": "HorizontalPodAutoscaler",
    "certificates.k8s.io/v1": "CertificateSigningRequest",
    "certificates.k8s.io/v1beta1": "CertificateSigningRequest",
    "coordination.k8s.io/v1": "Lease",
    "coordination.k8s.io/v1beta1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "discovery.k8s.io/v1beta1": "EndpointSlice",
    "events.k8s.io/v1": "Event",
    "events.k8s.io/v1beta1": "Event",
    "extensions/v1beta1": "Ingress",
    "flowcontrol.apiserver.k8s.io/v1beta1": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy",
    "networking.k8s.io/v1beta1": "Ingress IngressClass",
    "node.k8s.io/v1": "RuntimeClass",
    "node.k8s.io/v1beta1": "RuntimeClass",
    "policy/v1beta1": "Eviction PodSecurityPolicy",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "scheduling.k8s.io/v1beta1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver StorageClass VolumeAttachment",
    "storage.k8s.io/v1beta1": "CSIDriver CSIStorageCapacity StorageClass VolumeAttachment",
    "v1": "Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret",
}
"""Kinds whose only keyed lists are those of their metadata."""


def _tree(lists: Iterable[tuple[tuple[str, ...], tuple[str, ...]]]) -> dict[str, MergeSchema]:
    below: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    keys_of: dict[str, tuple[str, ...]] = {}
    for path, keys in lists:
        rest = below.setdefault(path[0], [])
        if len(path) == 1:
            keys_of[path[0]] = keys
        else:
            rest.append((path[1:], keys))
    return {name: MergeSchema(keys_of.get(name), _tree(rest)) for name, rest in below.items()}


@cache
def merge_schema(api_version: str, kind: str) -> MergeSchema:
    """What kustomize knows about the lists of a kind; ``UNKEYED`` for kinds it does not know."""
    lists = _SPECIAL.get(f"{api_version} {kind}")
    if lists is None:
        lists = _METADATA if kind in _PLAIN_KINDS.get(api_version, "").split() else {}
    return MergeSchema(None, _tree((tuple(path.split(".")), keys) for path, keys in lists.items()))
