"""Keys of labels and annotations that kustomize fails on or keeps for itself. Pure: no I/O.

Observed on kustomize v5.8.2 (kyaml v0.21.2). It writes the annotations of every object anew, and
the labels of its ``labels`` field, without quotes around the keys; so a key must not be something
else to YAML (kyaml's ``resolve.go``) than a text.
"""

from __future__ import annotations

import math
import re

from celery_kustomize.k8s.suggest import quote

__all__ = ["key_problem", "reserved_problem"]

_LOCAL_CONFIG = "config.kubernetes.io/local-config"
_RESERVED = frozenset(
    {
        "config.kubernetes.io/index",
        "config.kubernetes.io/path",
        "config.kubernetes.io/origin",
        "alpha.config.kubernetes.io/transformations",
        "config.k8s.io/id",
    }
)
_RESERVED_PREFIX = "internal.config.kubernetes.io/"
_NO_TEXT = re.compile(
    r"0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+"
    r"|true|True|TRUE|false|False|FALSE|null|Null|NULL"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")


def key_problem(key: str) -> str | None:
    """Why kustomize fails on ``key``, which is one that Kubernetes takes."""
    digits = key.replace("_", "")
    number = _NUMBER.fullmatch(digits) and math.isfinite(float(digits))
    if number or any(_NO_TEXT.fullmatch(text) for text in (key, digits)):
        return (
            f"kustomize writes the key {quote(key)} without quotes and then reads something else "
            f"than a text: write another one, such as {quote('example.com/' + key)}"
        )
    return None


def reserved_problem(key: str, value: object) -> str | None:
    """Why an annotation would not reach the cluster as it is written."""
    if key == _LOCAL_CONFIG and value not in (None, "false"):
        return "kustomize leaves objects with this annotation out: remove it, or the object"
    if key in _RESERVED or key.startswith(_RESERVED_PREFIX):
        return "kustomize keeps this annotation for itself and removes it: remove it"
    return None
