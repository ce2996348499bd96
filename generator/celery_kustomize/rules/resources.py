"""Requests and limits that an API server refuses (Kubernetes 1.34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s import quantity
from celery_kustomize.rules.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.rules.subject import Subject

__all__ = ["RULES"]


def amounts(subject: Subject) -> Iterator[Finding]:
    """No amount is below zero, and no request above its limit."""
    for place in subject.places:
        loc = (*place.loc, "resources")
        requests = place.component.resources.get("requests", {})
        limits = place.component.resources.get("limits", {})
        for kind, given in (("requests", requests), ("limits", limits)):
            for name, value in given.items():
                if quantity.parse(str(value)) < 0:
                    yield Finding((*loc, kind, name), f"{value} is below zero: write 0 or more")
        for name, value in requests.items():
            limit = limits.get(name)
            if limit is not None and quantity.parse(str(value)) > quantity.parse(str(limit)):
                yield Finding(
                    (*loc, "requests", name),
                    f"{value} is above the limit ({limit}), so no pod could start: raise the "
                    "limit, or request less",
                )


RULES = (amounts,)
