"""What is known of kinds: which have no namespace, and which have a pod template and where.

Built-in kinds are those of Kubernetes v1.34.4 (api/openapi-spec/swagger.json), custom ones those
of widely used operators. A kind is known by its API group, in every version.
"""

from __future__ import annotations

__all__ = ["api_group", "is_cluster_scoped", "pod_template_path"]

_CLUSTER_SCOPED: dict[str, frozenset[str]] = {
    "": frozenset({"ComponentStatus", "Namespace", "Node", "PersistentVolume"}),
    "admissionregistration.k8s.io": frozenset(
        {
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        }
    ),
    "apiextensions.k8s.io": frozenset({"CustomResourceDefinition"}),
    "apiregistration.k8s.io": frozenset({"APIService"}),
    "authentication.k8s.io": frozenset({"SelfSubjectReview", "TokenReview"}),
    "authorization.k8s.io": frozenset(
        {"SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"}
    ),
    "certificates.k8s.io": frozenset({"CertificateSigningRequest", "ClusterTrustBundle"}),
    "flowcontrol.apiserver.k8s.io": frozenset({"FlowSchema", "PriorityLevelConfiguration"}),
    "internal.apiserver.k8s.io": frozenset({"StorageVersion"}),
    "networking.k8s.io": frozenset({"IPAddress", "IngressClass", "ServiceCIDR"}),
    "node.k8s.io": frozenset({"RuntimeClass"}),
    "policy": frozenset({"PodSecurityPolicy"}),
    "rbac.authorization.k8s.io": frozenset({"ClusterRole", "ClusterRoleBinding"}),
    "resource.k8s.io": frozenset({"DeviceClass", "DeviceTaintRule", "ResourceSlice"}),
    "scheduling.k8s.io": frozenset({"PriorityClass"}),
    "storage.k8s.io": frozenset(
        {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"}
    ),
    "storagemigration.k8s.io": frozenset({"StorageVersionMigration"}),
    # Custom resources
    "cert-manager.io": frozenset({"ClusterIssuer"}),
    "cilium.io": frozenset(
        {
            "CiliumClusterwideNetworkPolicy",
            "CiliumNode",
            "CiliumIdentity",
            "CiliumLoadBalancerIPPool",
        }
    ),
    "external-secrets.io": frozenset(
        {"ClusterExternalSecret", "ClusterPushSecret", "ClusterSecretStore"}
    ),
    "gateway.networking.k8s.io": frozenset({"GatewayClass"}),
    "groupsnapshot.storage.k8s.io": frozenset(
        {"VolumeGroupSnapshotClass", "VolumeGroupSnapshotContent"}
    ),
    "karpenter.sh": frozenset({"NodeClaim", "NodePool"}),
    "keda.sh": frozenset({"ClusterTriggerAuthentication"}),
    "eventing.keda.sh": frozenset({"ClusterCloudEventSource"}),
    "kyverno.io": frozenset({"ClusterCleanupPolicy", "ClusterPolicy"}),
    "argoproj.io": frozenset({"ClusterAnalysisTemplate", "ClusterWorkflowTemplate"}),
    "policy.networking.k8s.io": frozenset(
        {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"}
    ),
    "project.openshift.io": frozenset({"Project", "ProjectRequest"}),
    "security.openshift.io": frozenset({"SecurityContextConstraints"}),
    "snapshot.storage.k8s.io": frozenset({"VolumeSnapshotClass", "VolumeSnapshotContent"}),
    "trust.cert-manager.io": frozenset({"Bundle"}),
}

_TEMPLATE = ("spec", "template")
_POD_TEMPLATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "PodTemplate"): ("template",),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): _TEMPLATE,
    ("keda.sh", "ScaledJob"): ("spec", "jobTargetRef", "template"),
    ("serving.knative.dev", "Service"): _TEMPLATE,
}


def api_group(api_version: str) -> str:
    """``apps/v1`` -> ``apps``; empty for the core group (``v1``)."""
    return api_version.rpartition("/")[0]


def is_cluster_scoped(api_version: str, kind: str) -> bool:
    """Whether objects of this kind have no namespace; False for kinds that are not known."""
    return kind in _CLUSTER_SCOPED.get(api_group(api_version), frozenset())


def pod_template_path(api_version: str, kind: str) -> tuple[str, ...] | None:
    """Where the pod template stands in objects of this kind; None: it has none, or is not known.

    A Pod is its own template (metadata and spec at the top): its path is empty.
    """
    if (api_version, kind) == ("v1", "Pod"):
        return ()
    return _POD_TEMPLATES.get((api_group(api_version), kind))
