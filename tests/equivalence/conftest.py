"""The real kustomize for the equivalence tests, and how many examples Hypothesis tries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.equivalence.kustomize_client import Program, Server, find_program, server_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.equivalence.kustomize_client import Builder

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "default", max_examples=200, deadline=None, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile(
    "long", max_examples=100_000, deadline=None, suppress_health_check=_SLOW, print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def kustomize() -> Iterator[Builder]:
    """Builds folders: with the Go server, or with the kustomize program where there is no Go."""
    binary = server_binary()
    if binary is not None:
        server = Server(binary)
        yield server
        server.close()
        return
    command = find_program()
    if command is None:
        pytest.fail("neither go nor kustomize nor kubectl is installed; install one of them")
    yield Program(command)
