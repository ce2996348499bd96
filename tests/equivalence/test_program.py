"""The kustomize program builds what the server in these tests builds."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from celery_kustomize.errors import SpecError
from tests.equivalence.folders import built_over, overlay_of, typed
from tests.equivalence.generated import environment, kustomization
from tests.equivalence.kustomize_client import Program, find_program

if TYPE_CHECKING:
    from tests.equivalence.kustomize_client import Builder


@pytest.mark.parametrize("seed", range(8))
def test_the_program_agrees_with_the_server(kustomize: Builder, seed: int) -> None:
    command = find_program()
    if command is None:
        pytest.fail("kustomize is not installed: run the tests with `make test`")
    random = Random(seed)
    base = kustomization(random, [None])
    wanted = environment(random, base, [None])
    try:
        top = overlay_of(base, wanted)
    except SpecError:
        top = overlay_of(base, base)
    by_program = typed(built_over(Program(command), base, top))
    assert by_program == typed(built_over(kustomize, base, top))
