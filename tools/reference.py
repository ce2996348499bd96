"""Write what is made from the code, pages and files of deploy/: ``make docs``."""

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
from tools import argocd_page

__all__ = ["files", "main", "page", "slug"]

_ROOT = Path(__file__).resolve().parent.parent
_DOCS = _ROOT / "docs"
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
    "Components": {
        component.Component: "Every component",
        component.Security: "security",
        component.ServiceAccount: "serviceAccount",
    },
    "Worker sets": {
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
        autoscaling.WebAutoscaling: "Autoscaling of web",
        web.WebShutdown: "Shutdown of web",
        web.Migration: "migration",
        redis.RedisServer: "redis",
        monitoring.Monitoring: "monitoring",
        monitoring.Exporter: "exporter",
        monitoring.ServiceMonitor: "serviceMonitor",
        monitoring.NetworkPolicy: "networkPolicy",
    },
    "Storage, exposure and Secrets": {
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

_TEMPLATE = Path(__file__).with_suffix(".md")
_NOTE = "<!-- Made from tools/reference.md and the models by `make docs`: do not edit. -->"


def page() -> str:
    """The reference page, as Markdown."""
    users = _users()
    template = _TEMPLATE.read_text(encoding="utf-8")
    parts = [_NOTE, "", template.replace("{contents}", _contents(template))]
    for chapter, sections in _OUTLINE.items():
        parts.append(f"## {chapter}\n")
        parts += [_section(model, users.get(model, [])) for model in sections]
    return "\n".join(parts)


def files() -> dict[Path, str]:
    """What ``make docs`` writes."""
    return {
        _DOCS / "reference.md": page(),
        _DOCS / _SCHEMA: json_schema_text(),
        **argocd_page.files(_ROOT),
    }


def main() -> None:
    """Write the files."""
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(_ROOT)}")


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def _contents(template: str) -> str:
    written = re.findall(r"^## (.+)$", template, re.MULTILINE)
    lines = [f"- {_link(heading)}" for heading in written]
    for chapter, sections in _OUTLINE.items():
        links = ", ".join(_link(heading) for heading in sections.values())
        lines.append(f"- {_link(chapter)}: {links}")
    return "\n".join(lines)


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


_MANY = 2


def _written_in(users: list[tuple[str, str]]) -> str:
    """Where a map stands: under which fields, of which sections."""
    links = _listed([_link(heading) for heading in dict.fromkeys(h for h, _ in users)])
    names = [f"`{name}`" for name in dict.fromkeys(name for _, name in users)]
    fields_of = f"{_listed(names)} of " if len(names) <= _MANY else ""
    return f"Stands in {fields_of}{links}."


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
            return f"list of {_plural(shape.item)}"
        case MapOf():
            return f"map of {_plural(shape.values)}" if shape.values else "free map"
        case Kubernetes():
            return f"{'partial ' if shape.partial else ''}Kubernetes `{shape.type_name}`"
        case Nested():
            return f"{'partial ' if shape.partial else ''}{_link(_HEADINGS[shape.model])}"


def _plural(shape: Shape) -> str:
    text = _type(shape)
    return text.replace(shape.name, f"{shape.name}s", 1) if isinstance(shape, Scalar) else text


def _scalar(shape: Scalar) -> str:
    if len(shape.schema.get("enum", [])) > 1:
        return ", ".join(f"`{value}`" for value in shape.schema["enum"])
    least, most = shape.schema.get("minimum"), shape.schema.get("maximum")
    if shape.name != "integer" or least is None:
        return shape.name
    step = shape.schema.get("multipleOf")
    bounds = f"≥ {least}" if most is None else f"{least}–{most}"
    return f"integer {bounds}" + (f", multiple of {step}" if step else "")


_LONG = 60

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
    """A default as it is written in YAML; empty when it is too long for a table."""
    if isinstance(value, str):
        text = json.dumps(value) if re.fullmatch(r"[0-9.]+", value) else value
    else:
        text = re.sub(r'"([^"]*)"', r"\1", json.dumps(value))
    return f"`{text}`" if len(text) < _LONG else ""


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
