"""What every component takes: a worker set, beat, Flower, web, migration, redis, the exporter."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from celery_kustomize.model.base import (
    AnnotationMap,
    DnsLabel,
    DnsSubdomain,
    ImageReference,
    IntOrPercent,
    LabelMap,
    Model,
    Seconds,
    StringMap,
    Text,
)
from celery_kustomize.model.kubernetes import (
    Affinity,
    EnvFrom,
    EnvVar,
    PodTemplate,
    Probe,
    Resources,
    Toleration,
    TopologySpread,
    Volume,
    VolumeMount,
)

__all__ = [
    "ONE_AT_A_TIME",
    "Component",
    "PodDisruptionBudget",
    "Rollout",
    "Security",
    "ServiceAccount",
]

_Id = Annotated[int, Field(ge=0)]


class Security(Model):
    """The pods' security settings."""

    profile: Literal["Restricted", "Baseline"] = "Restricted"
    """The Pod Security Standard that the pods keep to. Default: Restricted."""
    run_as_user: _Id | None = 1000
    """Numeric user. Default 1000, so that images whose user is root or a name start under
    `runAsNonRoot`; redis 999. `null` leaves it out (OpenShift assigns one)."""
    run_as_group: _Id | None = 1000
    """Numeric group. Default 1000; redis 999. `null` leaves it out."""
    fs_group: _Id | None = 1000
    """Group that owns mounted volumes. Default 1000; redis 999. `null` leaves it out."""
    read_only_root_filesystem: bool = False
    """Mount the image read-only; `/tmp` and what else must be writable is then an emptyDir.
    Default false."""


class ServiceAccount(Model):
    """The ServiceAccount that the pods run under. Its token is not mounted by default."""

    create: bool = True
    """Create it. Default true. With false and no name the namespace's `default` is used."""
    name: DnsSubdomain | None = None
    """Its name. Default: the application's name (a component's own: that of its objects)."""
    annotations: AnnotationMap = {}
    """Annotations, for example `eks.amazonaws.com/role-arn`."""
    automount_token: bool = False
    """Mount the API token into the pods. Default false."""


class PodDisruptionBudget(Model):
    """How many pods a node drain may take at once. Write one of the two."""

    max_unavailable: IntOrPercent | None = None
    """Pods (or a percentage in quotes) that may be gone. Default 1."""
    min_available: IntOrPercent | None = None
    """Pods (or a percentage in quotes) that must stay."""


ONE_AT_A_TIME = PodDisruptionBudget.model_validate({"maxUnavailable": 1})
"""The default: a drain takes one pod, and waits until another one runs in its place."""


class Rollout(Model):
    """How a change of the pods is rolled out (a Deployment's strategy)."""

    type: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    """RollingUpdate (default) or Recreate."""
    max_surge: IntOrPercent = "25%"
    """Pods (or a percentage) above `replicas` during the update. Default 25%."""
    max_unavailable: IntOrPercent = 0
    """Pods (or a percentage) that may be missing during the update. Default 0."""
    min_ready_seconds: Seconds | None = None
    """Seconds that a new pod must be ready before it counts. Default 0."""
    progress_deadline_seconds: Seconds | None = None
    """Seconds after which a stuck rollout is reported as failed. Default 600."""


class Component(Model):
    """Fields that every component takes, beside its own."""

    name: DnsLabel | None = None
    """Name of the generated objects. Default: `<application>-<component>`."""
    image: ImageReference | None = None
    """Container image. Default: the application's."""
    command: list[Text] | None = None
    """The container's command, in place of the composed one."""
    args: list[str] = []
    """Arguments: of `command` where that is given, else added to the composed command line."""
    resources: Resources = {}
    """Requests and limits, as in a container."""
    env: list[EnvVar] = []
    """Environment variables, as in a container; added to the application's by name."""
    env_from: list[EnvFrom] = []
    """ConfigMaps and Secrets as environment, as in a container; added to the application's."""
    volumes: list[Volume] = []
    """Pod volumes; added to the application's by name."""
    volume_mounts: list[VolumeMount] = []
    """Where volumes are mounted in the main container; added to the application's by path."""
    working_dir: Text | None = None
    """Working directory. Default: the application's, else the image's."""
    node_selector: StringMap = {}
    """Labels of the nodes to run on."""
    tolerations: list[Toleration] = []
    """Taints that the pods tolerate."""
    affinity: Affinity = {}
    """Node and pod affinity."""
    topology_spread_constraints: list[TopologySpread] | None = None
    """How pods spread over the cluster. Default: over hosts and zones, ScheduleAnyway, where a
    component may have several pods. `[]` switches it off."""
    priority_class_name: DnsSubdomain | None = None
    """PriorityClass of the pods."""
    security: Security | None = None
    """Security settings; what is not given comes from the application's."""
    service_account: ServiceAccount | None = None
    """A ServiceAccount of the component's own. Default: the application's."""
    labels: LabelMap = {}
    """Labels on the component's objects and pods."""
    annotations: AnnotationMap = {}
    """Annotations on the component's objects and pods."""
    liveness_probe: Probe | None = None
    """Kubernetes' probe in place of the generated one; `null`: none."""
    readiness_probe: Probe | None = None
    """Kubernetes' probe in place of the generated one; `null`: none."""
    startup_probe: Probe | None = None
    """Kubernetes' probe in place of the generated one; `null`: none."""
    pod_template: PodTemplate = {}
    """A partial pod template, merged into the generated one by Kubernetes' own merge keys.
    The main container is named after its component: `worker`, `beat`, `flower`, `web`,
    `migrate`, `redis`, `exporter`. Containers that you add get the profile's securityContext
    unless they have one of their own."""
