"""The table of merge keys is the schema that is built into kustomize."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_kustomize.k8s.kustomize_merge_keys import MergeSchema, merge_schema
from tests.equivalence.kustomize_client import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.equivalence.kustomize_client import Builder

NO_OBJECTS = ("List", "Options", "WatchEvent")
"""What the schema has besides: none of these is ever an object in a folder."""


def lists(schema: MergeSchema, path: str = "") -> Iterator[tuple[str, list[str]]]:
    if schema.keys is not None:
        yield path, list(schema.keys)
    for name, field in schema.fields.items():
        yield from lists(field, f"{path}.{name}" if path else name)


def test_every_kind_has_the_keyed_lists_of_kustomize(kustomize: Builder) -> None:
    if not isinstance(kustomize, Server):
        pytest.skip("only kustomize's Go modules tell their schema, and Go is not installed")
    known = {
        kind: keyed
        for kind, keyed in kustomize.merge_keys().items()
        if keyed and not kind.endswith(NO_OBJECTS) and not kind.startswith("kustomize.config")
    }
    assert {kind: dict(lists(merge_schema(*kind.split()))) for kind in known} == known


@pytest.mark.parametrize("kind", ["autoscaling/v2 HorizontalPodAutoscaler", "keda.sh/v1 Any"])
def test_other_kinds_have_none(kind: str) -> None:
    assert merge_schema(*kind.split()) == MergeSchema()
