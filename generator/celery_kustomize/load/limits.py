"""How much input one run reads, so that a hostile repository costs bounded time and memory."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "MAX_DEPTH",
    "MAX_DIRECTIVES",
    "MAX_DOCUMENTS",
    "MAX_FILES",
    "MAX_FILE_BYTES",
    "MAX_FILE_CHARACTERS",
    "MAX_FILE_NODES",
    "MAX_FILE_PROBLEMS",
    "MAX_KEY",
    "Budget",
]

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Size of one file. The API server refuses objects above 1.5 MiB (etcd's default limit)."""

MAX_DEPTH = 64
"""Maps and lists inside each other. A CustomResourceDefinition's schema reaches about 40."""

MAX_FILE_NODES = 200_000
"""Keys, values and items of one file after its aliases were expanded."""

MAX_FILE_CHARACTERS = 32_000_000
"""Characters of one file's values and of its fields' paths, after aliases were expanded."""

MAX_DOCUMENTS = 1_000
"""Documents in one file."""

MAX_DIRECTIVES = 16
"""Lines that begin with "%": libyaml compares every %TAG with all earlier ones."""

MAX_FILE_PROBLEMS = 100
"""Problems told of one file; the rest is of the same kind more often than not."""

MAX_KEY = 1_000
"""Characters of a key; kustomize cannot build longer ones (v5.8.2)."""

MAX_FILES = 2_000
"""YAML files in one folder."""


@dataclass(slots=True)
class Budget:
    """What a whole run may still read; every file takes from it.

    ``size`` is in bytes, ``nodes`` and ``characters`` count as the limits of one file do.
    """

    size: int = 64 * 1024 * 1024
    nodes: int = 1_000_000
    characters: int = 128_000_000
