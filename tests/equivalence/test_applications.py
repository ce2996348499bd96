"""The law of overlays for whole specs: from the files a user writes to what kustomize builds.

``HYPOTHESIS_PROFILE=long`` tries a hundred times as many specs as a usual run, ``make law`` as many
as time allows.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from celery_kustomize.errors import SpecError
from celery_kustomize.tree import files
from tests.equivalence.applications import Specs, older_specs, specs
from tests.equivalence.kustomize_client import find_program
from tests.equivalence.laws import check_application, check_merged, check_program, rendered

if TYPE_CHECKING:
    from tests.equivalence.kustomize_client import Builder

FACTOR = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1


def examples(count: int) -> settings:
    """So many specs. Hypothesis itself fails a test whose specs are refused too often."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=count * FACTOR, suppress_health_check=slow)


@examples(60)
@given(case=specs())
def test_overlays_build_to_the_merged_spec(kustomize: Builder, case: Specs) -> None:
    check_application(kustomize, rendered(case))


@examples(15)
@given(case=specs())
def test_overlays_build_to_what_the_merged_spec_gives_without_overlays(
    kustomize: Builder, case: Specs
) -> None:
    check_merged(kustomize, case)


@examples(8)
@given(case=specs(own_patches=True))
def test_patches_of_the_base_hold_in_overlays(kustomize: Builder, case: Specs) -> None:
    check_application(kustomize, rendered(case))


@examples(15)
@given(case=older_specs())
def test_overlays_of_older_kinds_build_to_the_merged_spec(kustomize: Builder, case: Specs) -> None:
    check_application(kustomize, rendered(case))


PATCHED = """
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplication
metadata: {name: shop}
spec:
  app: shop.celery
  image: app:1
  workers: [{name: default}, {name: reports}]
  patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop-worker-default}
      spec: {paused: true}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop-worker-PATCHED}
      spec: {paused: true}
  - patch: '[{op: add, path: /spec/revisionHistoryLimit, value: 3}]'
    target: {kind: Deployment, name: shop-worker-reports}
  overlays:
  - name: small
    overrides: {workers: [{name: reports, $patch: delete}]}
"""


def test_patches_of_the_base_to_what_an_environment_removes(kustomize: Builder) -> None:
    application = Specs({"shop.yaml": PATCHED.replace("PATCHED", "reports")}).rendered()
    check_application(kustomize, application)
    patches = application.overlays["small"].patches
    assert {item.get("$patch") for patch in patches for item in patch.content} == {"delete"}


def test_a_patch_of_the_base_that_hits_nothing_is_told_before_kustomize_fails() -> None:
    with pytest.raises(SpecError) as caught:
        Specs({"shop.yaml": PATCHED.replace("PATCHED", "mail")}).rendered()
    assert str(caught.value) == (
        '-:10: spec.patches[0]: the patch hits no object: there is no Deployment "shop-worker-mail"'
    )


GENERATED = """
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplication
metadata: {name: shop}
spec:
  app: shop.celery
  image: app:1
  workers: [{name: default}]
  config: {values: {task_acks_late: true}, delivery: File}
  patches:
  - patch: '[{op: replace, path: /data/config.yaml, value: "{}"}]'
    target: {kind: ConfigMap, name: shop-celery-config}
  - patch: '[{op: add, path: /data/more, value: "on"}]'
    target: {kind: ConfigMap, labelSelector: app.kubernetes.io/managed-by=celery-kustomize}
  overlays:
  - name: early
    overrides: {config: {values: {task_acks_late: false}}}
"""


def test_patches_of_the_base_to_a_generated_config_map(kustomize: Builder) -> None:
    application = Specs({"shop.yaml": GENERATED}).rendered()
    check_application(kustomize, application)
    assert application.overlays["early"].config_maps == []


@examples(6)
@given(case=specs())
def test_the_kustomize_program_agrees(case: Specs) -> None:
    command = find_program()
    if command is None:
        pytest.fail("kustomize is not installed: run the tests with `make test`")
    check_program(command, case)


@examples(30)
@given(case=specs())
def test_the_same_specs_give_the_same_files(case: Specs) -> None:
    first, second = (rendered(case) for _ in range(2))
    assert files(first.base) == files(second.base)
    for name, overlay in first.overlays.items():
        assert files(overlay) == files(second.overlays[name])
