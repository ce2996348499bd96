"""Kubernetes' own types as fields: written as in any manifest, checked by Kubernetes' schema."""

from __future__ import annotations

from typing import Annotated, Any

from celery_kustomize.model.base import K8s

__all__ = [
    "Affinity",
    "EnvFrom",
    "EnvVar",
    "HpaBehavior",
    "ImagePullSecret",
    "NetworkPeer",
    "ParentReference",
    "PodTemplate",
    "Probe",
    "Resources",
    "Toleration",
    "TopologySpread",
    "Volume",
    "VolumeMount",
]

_Object = dict[str, Any]

Affinity = Annotated[_Object, K8s("Affinity")]
EnvFrom = Annotated[_Object, K8s("EnvFromSource")]
EnvVar = Annotated[_Object, K8s("EnvVar")]
HpaBehavior = Annotated[_Object, K8s("HorizontalPodAutoscalerBehavior")]
ImagePullSecret = Annotated[_Object, K8s("LocalObjectReference")]
NetworkPeer = Annotated[_Object, K8s("NetworkPolicyPeer")]
ParentReference = Annotated[_Object, K8s("ParentReference")]
PodTemplate = Annotated[_Object, K8s("PodTemplateSpec", partial=True)]
Probe = Annotated[_Object, K8s("Probe")]
Resources = Annotated[_Object, K8s("ResourceRequirements")]
Toleration = Annotated[_Object, K8s("Toleration")]
TopologySpread = Annotated[_Object, K8s("TopologySpreadConstraint")]
Volume = Annotated[_Object, K8s("Volume")]
VolumeMount = Annotated[_Object, K8s("VolumeMount")]
