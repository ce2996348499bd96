"""Short specs in, findings out: what the tables of the rules' tests share."""

from __future__ import annotations

import copy
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import yaml

from celery_kustomize.errors import Severity
from celery_kustomize.model.application import CeleryApplication
from celery_kustomize.rules import check

if TYPE_CHECKING:
    from celery_kustomize.rules.finding import Finding

BASE: dict[str, Any] = {"app": "shop.celery", "image": "shop:1"}


def application(text: str) -> CeleryApplication:
    """A CeleryApplication "shop" whose spec is ``text``; ``app`` and ``image`` have values.

    The key ``metadata`` in ``text`` is the document's.
    """
    spec = copy.deepcopy({**BASE, **(yaml.safe_load(dedent(text)) or {})})
    metadata = {"name": "shop", **spec.pop("metadata", {})}
    spec = {key: value for key, value in spec.items() if value is not None}
    return CeleryApplication.model_validate(
        {
            "apiVersion": "celeryproject.org/v1beta1",
            "kind": "CeleryApplication",
            "metadata": metadata,
            "spec": spec,
        }
    )


def line(finding: Finding) -> str:
    """One finding as a line: ``warning: spec.workers.0.queues: message``."""
    prefix = "warning: " if finding.severity is Severity.WARNING else ""
    return f"{prefix}{'.'.join(map(str, finding.loc))}: {finding.message}"


def findings(text: str, objects: str = "[]") -> list[str]:
    """What the rules find in the spec ``text`` beside ``objects`` (YAML, a list)."""
    passed = yaml.safe_load(dedent(objects))
    return [line(finding) for finding in check(application(text), passed)]
