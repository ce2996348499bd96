"""The real kustomize for the equivalence tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.equivalence.kustomize_client import Program, Server, find_program, server_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.equivalence.kustomize_client import Builder


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
