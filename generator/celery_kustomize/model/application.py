"""The CeleryApplication, its overlays and its defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from celery_kustomize.model.base import (
    AnnotationMap,
    DnsLabel,
    FreeMap,
    ImageReference,
    LabelMap,
    Model,
    SettingMap,
    Text,
)
from celery_kustomize.model.beat import Beat
from celery_kustomize.model.broker import Broker, ResultBackend
from celery_kustomize.model.component import Security, ServiceAccount
from celery_kustomize.model.flower import Flower
from celery_kustomize.model.kubernetes import EnvFrom, EnvVar, ImagePullSecret, Volume, VolumeMount
from celery_kustomize.model.monitoring import Monitoring, NetworkPolicy
from celery_kustomize.model.redis import RedisServer
from celery_kustomize.model.web import Migration, Web
from celery_kustomize.model.worker import Worker, WorkerDefaults

__all__ = [
    "API_VERSION",
    "CeleryApplication",
    "CeleryApplicationDefaults",
    "CeleryApplicationOverlay",
    "Config",
    "Metadata",
    "Overlay",
    "Patch",
    "PatchTarget",
    "Spec",
]

API_VERSION = "celeryproject.org/v1beta1"


_Registry = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$")]


class Metadata(Model):
    """Name, namespace, labels and annotations, as of any Kubernetes object."""

    name: DnsLabel
    """Name of the application; the generated objects' names begin with it."""
    namespace: DnsLabel | None = None
    """Namespace of the generated objects. Default: whatever applies them decides."""
    labels: LabelMap = {}
    """Labels on every object and pod, those of extraResources too."""
    annotations: AnnotationMap = {}
    """Annotations on every generated object."""


class Config(Model):
    """Celery settings, for every component that runs the application."""

    values: SettingMap = {}
    """Celery's lower-case settings, for example `{task_acks_late: true, task_time_limit: 300}`."""
    delivery: Literal["Loader", "CommandLine", "File"] = "Loader"
    """Loader (default): a Celery loader from a ConfigMap; reaches everything that runs the
    application. CommandLine: `-- key=value` after the options of workers and beat only. File: a
    ConfigMap `config.yaml`, its path in `CELERY_CONFIG`, for images that load it."""


class PatchTarget(Model):
    """Kustomize's selector of the objects to patch."""

    group: str | None = None
    """API group, for example `apps`."""
    version: Text | None = None
    """API version, for example `v1`."""
    kind: Text | None = None
    """Kind, for example `Deployment`."""
    name: Text | None = None
    """Name, or a regular expression that matches it whole."""
    namespace: Text | None = None
    """Namespace of the object."""
    label_selector: Text | None = None
    """Labels that the object has, `key=value`."""
    annotation_selector: Text | None = None
    """Annotations that the object has, `key=value`."""


class Patch(Model):
    """A Kustomize patch, inline, applied after everything generated."""

    patch: Text
    """The patch as YAML text: a partial object (strategic merge) or a list of JSON 6902
    operations, which needs `target`."""
    target: PatchTarget | None = None
    """Which objects to patch. Default: the one that the patch names."""


class OverlaySpec(Model):
    """What an environment changes."""

    namespace: DnsLabel | None = None
    """Namespace of the environment. Default: the application's."""
    from_: Annotated[DnsLabel | None, Field(alias="from")] = None
    """Another overlay to start from."""
    labels: LabelMap = {}
    """Labels added to every object and pod."""
    annotations: AnnotationMap = {}
    """Annotations added to every generated object."""
    overrides: FreeMap = {}
    """A partial `spec`, merged over the application's."""
    patches: list[Patch] = []
    """Kustomize patches for this environment."""


class Overlay(OverlaySpec):
    """One environment of the application."""

    name: DnsLabel
    """Name of the environment, for example `production`."""


class Spec(Model):
    """The specification of a Celery application."""

    app: Text | None = None
    """The Celery application as for `celery -A`, for example `shop.celery`. Absent: components
    run their own `command`, workers the image's."""
    celery_command: Annotated[list[Text], Field(min_length=1)] = ["celery"]
    """The launcher. Default `[celery]`; for example `[ddtrace-run, celery]`."""
    image: ImageReference | None = None
    """Image of everything that runs the application."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = None
    """Pull policy of all containers. Default: Kubernetes' own."""
    image_pull_secrets: list[ImagePullSecret] = []
    """Pull secrets of all pods."""
    registry_mirror: (
        Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$")] | None
    ) = None
    """Registry (and path) that mirrors third-party images, for redis and the exporter."""
    celery_version: Annotated[str, Field(pattern=r"^\d+\.\d+(\.\d+)?$")] | None = None
    """Celery's version in the image, in quotes, for example "5.5". It gates options. Default: not
    known, and options are not checked against it."""
    working_dir: Text | None = None
    """Working directory of the components that run the application. Default: the image's."""
    service_account: ServiceAccount = ServiceAccount()
    """The ServiceAccount of the components that run the application."""
    security: Security = Security()
    """The pods' security settings."""
    env: list[EnvVar] = []
    """Environment variables of everything that runs the application."""
    env_from: list[EnvFrom] = []
    """ConfigMaps and Secrets as environment of everything that runs the application."""
    volumes: list[Volume] = []
    """Pod volumes of everything that runs the application."""
    volume_mounts: list[VolumeMount] = []
    """Where volumes are mounted in everything that runs the application."""
    config: Config = Config()
    """Celery settings."""
    redis: RedisServer | None = None
    """Run a Redis. Absent: none."""
    broker: Broker | None = None
    """The message broker. Absent: the application in the image knows it."""
    result_backend: ResultBackend | None = None
    """Where results are kept. Absent: none, or the application in the image knows it."""
    worker_defaults: WorkerDefaults = WorkerDefaults()
    """What every worker set inherits."""
    workers: list[Worker] = []
    """Worker sets."""
    beat: Beat | None = None
    """Run Celery beat; `{}` is enough."""
    flower: Flower | None = None
    """Run Flower; `{}` is enough."""
    web: Web | None = None
    """Run a web application from the same image."""
    migration: Migration | None = None
    """Run a Job before every sync."""
    network_policy: NetworkPolicy | None = None
    """Write NetworkPolicies; `{}` is enough."""
    monitoring: Monitoring = Monitoring()
    """Metrics."""
    extra_resources: list[Text] = []
    """Files with more Kubernetes objects, relative to the spec's folder."""
    patches: list[Patch] = []
    """Kustomize patches on the base, applied after everything generated."""
    overlays: list[Overlay] = []
    """Environments."""


class CeleryApplication(Model):
    """A Celery application on Kubernetes."""

    api_version: Literal["celeryproject.org/v1beta1"]
    """`celeryproject.org/v1beta1`."""
    kind: Literal["CeleryApplication"]
    """`CeleryApplication`."""
    metadata: Metadata
    """Name, namespace, labels and annotations."""
    spec: Spec
    """The specification."""

    @property
    def name(self) -> str:
        """The application's name."""
        return self.metadata.name


class ApplicationReference(Model):
    """The application that an overlay belongs to."""

    name: DnsLabel
    """Its name."""


class OverlayFileSpec(OverlaySpec):
    """The `spec` of a CeleryApplicationOverlay."""

    application_ref: ApplicationReference
    """The application that this overlay belongs to: `{name: shop}`."""


class OverlayMetadata(Model):
    """Metadata of a CeleryApplicationOverlay."""

    name: DnsLabel
    """Name of the environment, for example `production`."""


class CeleryApplicationOverlay(Model):
    """One environment of an application, in a file of its own."""

    api_version: Literal["celeryproject.org/v1beta1"]
    """`celeryproject.org/v1beta1`."""
    kind: Literal["CeleryApplicationOverlay"]
    """`CeleryApplicationOverlay`."""
    metadata: OverlayMetadata
    """The name of the environment."""
    spec: OverlayFileSpec
    """What the environment changes."""


class CeleryApplicationDefaults(Model):
    """A partial `spec` merged under every application of the run."""

    api_version: Literal["celeryproject.org/v1beta1"]
    """`celeryproject.org/v1beta1`."""
    kind: Literal["CeleryApplicationDefaults"]
    """`CeleryApplicationDefaults`."""
    metadata: dict[str, Any] = {}
    """Only `name` is used, in messages."""
    spec: FreeMap
    """A partial `spec` of a CeleryApplication."""
