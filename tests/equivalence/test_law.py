"""The law of overlays: kustomize builds an overlay to what it builds of the environment itself.

``HYPOTHESIS_PROFILE=long`` tries fifty times as many pairs as a usual run.
"""

from __future__ import annotations

import copy
import os
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from celery_kustomize.errors import SpecError
from celery_kustomize.tree import files
from tests.equivalence.folders import overlay_of
from tests.equivalence.generated import pairs_of_folders
from tests.equivalence.laws import check_folders

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Kustomization
    from tests.equivalence.kustomize_client import Builder

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
examples = settings(
    max_examples=10_000 if LONG else 200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@examples
@given(pair=pairs_of_folders())
def test_an_overlay_builds_to_the_environment(
    kustomize: Builder, pair: tuple[Kustomization, Kustomization]
) -> None:
    check_folders(kustomize, *pair)


@examples
@given(pair=pairs_of_folders())
def test_an_environment_like_its_base_needs_an_empty_overlay(
    pair: tuple[Kustomization, Kustomization],
) -> None:
    try:
        top = overlay_of(pair[0], copy.deepcopy(pair[0]))
    except SpecError as error:
        assert "is there twice" in str(error)  # noqa: PT017 any other refusal is a failure
        return
    assert files(top) == {
        "kustomization.yaml": "# overlay\n"
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        "resources:\n"
        "- ../../base\n"
    }


@examples
@given(pair=pairs_of_folders())
def test_an_overlay_depends_on_values_only_and_leaves_them_alone(
    pair: tuple[Kustomization, Kustomization],
) -> None:
    base, wanted = copy.deepcopy(pair)
    try:
        top = overlay_of(base, wanted)
    except SpecError as error:
        with pytest.raises(SpecError, match=re.escape(str(error))):
            overlay_of(*pair)
        return
    assert (base, wanted) == pair
    assert files(overlay_of(*pair)) == files(top)
