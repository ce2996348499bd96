"""One ``configMapGenerator`` entry and the files that belong to it. Pure: no I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.yaml_text import is_writable

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import ConfigMapGenerator

__all__ = ["render_generator"]

# Kubernetes' rule for keys (IsConfigMapKey, apimachinery v0.32), which keeps paths inside as well.
_KEY = re.compile(r"(?!\.{1,2}\Z|\.\.)[-._A-Za-z0-9]{1,253}")

# A literal may hold no line break, kustomize takes quotes at its ends away, and a long one is
# easier to read and to compare as a file.
_LITERAL = re.compile(
    r"""(?!["'])[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{0,200}(?<!["'])"""
)


def render_generator(generator: ConfigMapGenerator) -> tuple[dict[str, Any], dict[str, str]]:
    """The entry as it stands in a kustomization, and its files by path beside it.

    A short value on one line stands in the entry; any other becomes a file of its own,
    ``<ConfigMap>/<key>``, which keeps its bytes and is read and reviewed as what it is.

    Raises:
        ValueError: a key or a value that no ConfigMap can have.
    """
    sources: list[str] = []
    literals: list[str] = []
    files: dict[str, str] = {}
    for key, text in generator.data.items():
        if not _KEY.fullmatch(key):
            raise ValueError(f"ConfigMap {generator.name}: {key!r} is not a key that it may have")
        # Of several lines that begin with a tab, kustomize makes YAML that it then fails to read
        # (v5.5.0, v5.8.2; only in generators and JSON 6902 patches).
        if not is_writable(text) or (text.startswith("\t") and "\n" in text):
            raise ValueError(f"ConfigMap {generator.name}: {key} does not survive kustomize")
        if _LITERAL.fullmatch(text):
            literals.append(f"{key}={text}")
        else:
            path = f"{generator.name}/{key}"
            sources.append(path)
            files[path] = text
    entry: dict[str, Any] = {"name": generator.name}
    if generator.behavior != "create":
        entry["behavior"] = generator.behavior
    if sources:
        entry["files"] = sources
    if literals:
        entry["literals"] = literals
    options = {
        name: dict(values)
        for name, values in (("labels", generator.labels), ("annotations", generator.annotations))
        if values
    }
    if options:
        entry["options"] = options
    return entry, files
