"""Write docs/reference.md and docs/celery-application.schema.json from the models: ``make docs``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from celery_kustomize.model import (
    application,
    autoscaling,
    beat,
    broker,
    component,
    exposure,
    flower,
    monitoring,
    redis,
    secrets,
    web,
    worker,
)
from celery_kustomize.model.base import Model
from celery_kustomize.model.json_schema import json_schema_text
from celery_kustomize.model.shape import (
    FieldShape,
    Kubernetes,
    ListOf,
    MapOf,
    Nested,
    Scalar,
    Shape,
    fields,
)

__all__ = ["files", "main", "page", "slug"]

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_SCHEMA = "celery-application.schema.json"

_Outline = Mapping[str, Mapping[type[Model], str]]

# Chapters, and in them a section for each model.
_OUTLINE: _Outline = {
    "Kinds": {
        application.CeleryApplication: "CeleryApplication",
        application.Metadata: "metadata",
        application.CeleryApplicationOverlay: "CeleryApplicationOverlay",
        application.OverlayMetadata: "Metadata of an overlay",
        application.OverlayFileSpec: "Spec of an overlay",
        application.ApplicationReference: "applicationRef",
        application.CeleryApplicationDefaults: "CeleryApplicationDefaults",
    },
    "The application": {
        application.Spec: "spec",
        application.Config: "config",
        application.Overlay: "overlays",
        application.Patch: "patches",
        application.PatchTarget: "Patch target",
    },
    "Broker and results": {
        broker.Broker: "broker",
        broker.ResultBackend: "resultBackend",
        broker.ManagedRedis: "managedRedis",
        broker.Redis: "Redis run elsewhere",
        broker.Sentinel: "sentinel",
        broker.RabbitMQ: "rabbitmq",
        broker.Sqs: "sqs",
        broker.PredefinedQueue: "Predefined queue",
        broker.Kafka: "kafka",
        broker.PubSub: "pubsub",
        broker.AzureServiceBus: "azureServiceBus",
        broker.Tls: "tls",
    },
    "Workers": {
        worker.Worker: "workers",
        worker.WorkerDefaults: "workerDefaults",
        worker.Shutdown: "shutdown",
        worker.HealthCheck: "healthCheck",
        component.Rollout: "rollout",
        component.PodDisruptionBudget: "podDisruptionBudget",
    },
    "Scaling": {
        autoscaling.Autoscaling: "autoscaling",
        autoscaling.ResourceMetric: "Target for cpu or memory",
        autoscaling.QueueLength: "queueLength",
        autoscaling.Schedule: "schedules",
        autoscaling.Trigger: "triggers",
        autoscaling.AuthenticationRef: "authenticationRef",
        autoscaling.Fallback: "fallback",
    },
    "Other components": {
        beat.Beat: "beat",
        beat.BeatHealthCheck: "Health check of beat",
        flower.Flower: "flower",
        flower.OAuth: "oauth",
        web.Web: "web",
        web.WebAutoscaling: "Autoscaling of web",
        web.WebShutdown: "Shutdown of web",
        web.Migration: "migration",
        redis.RedisServer: "redis",
        monitoring.Monitoring: "monitoring",
        monitoring.Exporter: "exporter",
        monitoring.ServiceMonitor: "serviceMonitor",
        monitoring.NetworkPolicy: "networkPolicy",
    },
    "Shared by several": {
        component.Component: "Every component",
        component.Security: "security",
        component.ServiceAccount: "serviceAccount",
        redis.Storage: "storage",
        exposure.Service: "service",
        exposure.Ingress: "ingress",
        exposure.HTTPRoute: "httpRoute",
        secrets.SecretSource: "Value from a Secret",
        secrets.SecretOrConfigMapSource: "Value from a Secret or ConfigMap",
        secrets.KeyReference: "Key of a Secret or ConfigMap",
    },
}
_HEADINGS = {model: heading for part in _OUTLINE.values() for model, heading in part.items()}

# Their fields stand in their own sections, not again in those of the models that extend them.
_EXTENDED = (worker.WorkerDefaults, component.Component)

_INTRODUCTION = f"""\
<!-- Written by tools/reference.py from the models: `make docs`. Do not edit. -->

# Reference

Everything that can be written in a spec. A spec is a YAML file in Git with one
[CeleryApplication](#celeryapplication); other Kubernetes objects may stand in the same file, and go
into the base unchanged.

```yaml
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplication
metadata:
  name: shop
spec:
  app: shop.celery
  image: registry.example.com/shop:1.4.2
  broker:
    redis:
      host: redis.data.svc.cluster.local
  workers:
  - name: default
    queues: [default, emails]
    concurrency: 4
```

## Reading the tables

- Names are camelCase. A field that is not listed is an error, as is a value of another type: `"4"` in
  quotes is a string, not an integer.
- `null` stands for an absent field: the default holds. Where a field says that `null` switches
  something off, it does that.
- **Kubernetes `Probe`** and the like are Kubernetes' own types, written as in any manifest and checked
  against Kubernetes' own schema.
- A **quantity** is Kubernetes' as well: `500m`, `2`, `512Mi`, `10Gi`. An **integer or percentage** is
  `2` or `"25%"`.
- A **DNS label** has at most 63 lower-case letters, digits and `-`, and starts and ends with a letter
  or digit. An **object name** may have dots too, and 253 characters.
- A **free map** takes any keys and values.
- **Partial** means that nothing in it is required: it is merged over something, see
  [Merging](#merging).

## Editors and clusters

Editors with a YAML language server complete and check specs by the JSON Schema
[{_SCHEMA}]({_SCHEMA}). Write the version that you use beside your specs, and name it on their first
line:

```
celery-kustomize schema > {_SCHEMA}
```

```yaml
# yaml-language-server: $schema={_SCHEMA}
apiVersion: celeryproject.org/v1beta1
```

The schema sees one document. What takes several fields or files to see is left to
`celery-kustomize validate`; and a required field that only your CeleryApplicationDefaults give is
missing for the schema.

`celery-kustomize schema --crd` prints CustomResourceDefinitions of the three kinds, for
`kubectl explain celeryapplication.spec` and for checkers of manifests that take CRDs. Nothing in the
cluster acts on such objects.

## Merging

An environment is the application's `spec` with the `overrides` of its overlay merged over it. In the
same way a worker set is merged over [workerDefaults](#workerdefaults), and an application over the
[CeleryApplicationDefaults](#celeryapplicationdefaults) of the run.

- **Maps** merge key by key, at any depth. `null` takes a key away.
- **These lists** merge item by item: `workers`, `overlays` and `imagePullSecrets` by `name`,
  `volumeMounts` by `mountPath`. So do `env` and `volumes` by `name`, but a given item replaces the
  inherited one whole. `extraResources` are added to. The inherited order stays, new items come last.
- **Every other list** is replaced as a whole, for example `queues`, `args` and `tolerations`.
- **One of several**: where only one member of a group can be (the kinds of `broker` and
  `resultBackend`, `value` and `valueFrom`, a probe's handlers, `minAvailable` and `maxUnavailable`),
  giving one drops the inherited others.
- `$patch: delete` in an item removes the inherited item; an item that is only `$patch: replace` drops
  all inherited ones.
- [`podTemplate`](#every-component) is merged into the generated pod by Kubernetes' own merge keys.

```yaml
overlays:
- name: production
  overrides:
    image: registry.example.com/shop:1.4.1
    workers:
    - name: default
      replicas: 8             # its queues and concurrency stay
    - name: reports
      $patch: delete          # not in production
    monitoring: null          # nor this
```
"""


def page() -> str:
    """The reference page, as Markdown."""
    users = _users()
    parts = [_INTRODUCTION, _contents()]
    for chapter, sections in _OUTLINE.items():
        parts.append(f"## {chapter}\n")
        parts += [_section(model, users.get(model, [])) for model in sections]
    return "\n".join(parts)


def files() -> dict[Path, str]:
    """What ``make docs`` writes."""
    return {_DOCS / "reference.md": page(), _DOCS / _SCHEMA: json_schema_text()}


def main() -> None:
    """Write the files."""
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(_DOCS.parent)}")


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def _contents() -> str:
    lines = ["## Contents\n"]
    for chapter, sections in _OUTLINE.items():
        links = ", ".join(_link(heading) for heading in sections.values())
        lines.append(f"- {_link(chapter)}: {links}")
    return "\n".join([*lines, ""])


def _link(heading: str) -> str:
    return f"[{heading}](#{slug(heading)})"


def _section(model: type[Model], users: list[tuple[str, str]]) -> str:
    lines = [f"### {_HEADINGS[model]}\n", _unwrapped(model.__doc__ or ""), ""]
    if users:
        lines += [_written_in(users), ""]
    extended = [parent for parent in _EXTENDED if parent is not model and issubclass(model, parent)]
    if extended:
        heading = _HEADINGS[extended[0]]
        text = "every component" if extended[0] is component.Component else heading
        own = ", and:" if _rows(model) else "."
        lines += [f"Takes the fields of [{text}](#{slug(heading)}){own}", ""]
    if rows := _rows(model):
        lines += ["| Field | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
        lines += [_row(row) for row in rows]
        lines.append("")
    return "\n".join(lines)


def _written_in(users: list[tuple[str, str]]) -> str:
    """Where a map stands: the sections and their fields."""
    by_field: dict[str, list[str]] = {}
    for heading, name in users:
        by_field.setdefault(name, []).append(_link(heading))
    return f"Stands in {'; '.join(f'`{n}` of {_listed(links)}' for n, links in by_field.items())}."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _rows(model: type[Model]) -> list[FieldShape]:
    """The fields that the model's section shows, the required ones first."""
    extends = any(parent is not model and issubclass(model, parent) for parent in _EXTENDED)
    shown = [field for field in fields(model) if field.own or not extends]
    return sorted(shown, key=lambda field: not field.required)


def _users() -> dict[type[Model], list[tuple[str, str]]]:
    """For every model the sections and fields in which it stands."""
    found: dict[type[Model], list[tuple[str, str]]] = {}
    for model, heading in _HEADINGS.items():
        for field in _rows(model):
            for used in _models(field.shape):
                found.setdefault(used, []).append((heading, field.name))
    return found


def _models(shape: Shape) -> Iterator[type[Model]]:
    if isinstance(shape, Nested) and not shape.partial:
        yield shape.model
    elif isinstance(shape, ListOf):
        yield from _models(shape.item)
    elif isinstance(shape, MapOf) and shape.values:
        yield from _models(shape.values)


def _row(field: FieldShape) -> str:
    default, meaning = _default(field)
    cells = [f"`{field.name}`", _type(field.shape), default, meaning]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _type(shape: Shape) -> str:
    match shape:
        case Scalar():
            return _scalar(shape)
        case ListOf():
            return f"list of {_type(shape.item)}"
        case MapOf():
            return f"map of {_type(shape.values)}" if shape.values else "free map"
        case Kubernetes():
            return f"{'partial ' if shape.partial else ''}Kubernetes `{shape.type_name}`"
        case Nested():
            return f"{'partial ' if shape.partial else ''}{_link(_HEADINGS[shape.model])}"


def _scalar(shape: Scalar) -> str:
    if "enum" in shape.schema:
        return ", ".join(f"`{value}`" for value in shape.schema["enum"])
    least, most = shape.schema.get("minimum"), shape.schema.get("maximum")
    if shape.name != "integer" or least is None:
        return shape.name
    step = shape.schema.get("multipleOf")
    bounds = f"≥ {least}" if most is None else f"{least}–{most}"
    return f"integer {bounds}" + (f", multiple of {step}" if step else "")


# "Default 1.", "Default: the application's.": a sentence of its own that only tells the default.
_DEFAULT = re.compile(r"(?:^|(?<=[.)] ))Default:? ([^;:]{1,60}?|`[^`]+`)\.(?:\s+|$)")


def _default(field: FieldShape) -> tuple[str, str]:
    """What the table says as the default, and the rest of the field's description."""
    if field.required:
        return "*required*", field.description
    told = _DEFAULT.search(field.description)
    known = "" if field.default in (None, "") else _literal(field.default)
    if told is None or (known and told[1].strip('`"') != known.strip('`"')):
        return known, field.description
    rest = field.description[: told.start()] + field.description[told.end() :]
    return known or told[1], rest.strip()


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    text = json.dumps(value)
    if isinstance(value, dict | list):
        text = re.sub(r'"([^"]*)"', r"\1", text)
    return f"`{text}`"


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
