"""What kustomize gets to see: our own fields, our own files. Pure: files come from a function.

Kustomize can fetch remote bases, patches and files, run Helm and start programs. Nothing of that
stands in a folder that celery-kustomize writes, so whatever is not known to be harmless is refused
before the program starts.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import yaml

from celery_kustomize.errors import KustomizeError

__all__ = ["KUSTOMIZATION", "Read", "collect"]

Read = Callable[[str], str | None]
"""The text of a file by its path below the root ("base/shared.yaml"), or None without one."""

KUSTOMIZATION = "kustomization.yaml"

_MAX_FILES = 10_000
_MAX_CHARACTERS = 64 * 1024 * 1024
_MAX_DEPTH = 32

_FIELDS = (
    *("apiVersion", "kind", "namespace", "resources", "configMapGenerator", "labels", "images"),
    *("replicas", "patches", "transformers"),
)
_GENERATOR_FIELDS = ("name", "namespace", "behavior", "files", "literals", "options")
_PATCH_FIELDS = ("path", "patch", "target", "options")

# No scheme, user or query can be written with these, and a folder starts with "..", so that nothing
# looks remote to kustomize.
_LOCAL = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")


class _StrictLoader(yaml.CSafeLoader):
    """Refuses a key given twice, where kustomize's and PyYAML's choice might differ."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise yaml.YAMLError("a key is written twice")
        return mapping


def _load(text: str) -> Any:
    """The content of a small YAML text; ``yaml.YAMLError`` for whatever we would not write."""
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        # PyYAML's C composer would overflow the stack of the process.
        if depth > _MAX_DEPTH:
            raise yaml.YAMLError("too deep")
    return yaml.load(text, _StrictLoader)  # noqa: S506 - a safe loader, and stricter


def collect(target: str, read: Read) -> dict[str, str]:
    """All files that building ``target`` needs, by path, ``target``'s kustomization first.

    Args:
        target: the folder to build, below the root ("overlays/production", or "." for the root).
        read: where the files come from.

    Raises:
        KustomizeError: a field, path or transformer that celery-kustomize would not write, a file
            that does not exist, or too much of it.
    """
    files: dict[str, str] = {}
    folders = [posixpath.normpath(target)]
    for folder in folders:  # grows while it is walked
        path = posixpath.normpath(posixpath.join(folder, KUSTOMIZATION))
        text = _read(path, read)
        files[path] = text
        for entry in _entries(path, text):
            below = _inside(path, folder, entry)
            if entry.split("/", 1)[0] != "..":
                files[below] = _read(below, read)
            elif below not in folders:
                folders.append(below)
        if len(files) > _MAX_FILES or sum(map(len, files.values())) > _MAX_CHARACTERS:
            raise KustomizeError(f"{path}: too many or too large files to build")
    return files


def _read(path: str, read: Read) -> str:
    text = None if path.startswith(("../", "/")) else read(path)
    if text is None:
        raise KustomizeError(f"{path}: no such file in this build")
    return text


def _inside(source: str, folder: str, entry: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, entry))
    if not _LOCAL.fullmatch(entry) or path.split("/", 1)[0] == "..":
        raise _refused(source, f"{entry!r} is not a file or folder of this build")
    return path


def _entries(path: str, text: str) -> Iterator[str]:
    """Every path that the kustomization ``text`` names, as it is written there."""
    try:
        content = _load(text)
    except yaml.YAMLError as error:
        raise _refused(path, f"not YAML: {error}") from error
    if not isinstance(content, dict):
        raise _refused(path, "not a kustomization")
    _only(path, content, _FIELDS)
    for entry in _list(path, content, "resources"):
        yield _text(path, entry)
    for generator in _list(path, content, "configMapGenerator"):
        _only(path, generator, _GENERATOR_FIELDS)
        for entry in _list(path, generator, "files"):
            yield _source(_text(path, entry))
    for patch in _list(path, content, "patches"):
        _only(path, patch, _PATCH_FIELDS)
        if "path" in patch:
            yield _text(path, patch["path"])
    for transformer in _list(path, content, "transformers"):
        _check_transformer(path, _text(path, transformer))


def _source(entry: str) -> str:
    """The path in ``key=path``; an entry with an odd key as it is, so that it is refused."""
    key, separator, path = entry.partition("=")
    return path if separator and _LOCAL.fullmatch(key) else entry


def _check_transformer(path: str, text: str) -> None:
    try:
        content = _load(text)
    except yaml.YAMLError:
        content = None
    known = isinstance(content, dict) and (
        content.get("apiVersion") == "builtin" and content.get("kind") == "NamespaceTransformer"
    )
    if not known:
        raise _refused(path, "only the builtin NamespaceTransformer is a known transformer")


def _only(path: str, content: Any, fields: Collection[str]) -> None:
    if not isinstance(content, dict):
        raise _refused(path, f"{content!r} is not a mapping")
    unknown = sorted(str(key) for key in content if key not in fields)
    if unknown:
        raise _refused(path, f"unknown field {', '.join(unknown)}")


def _list(path: str, content: dict[str, Any], field: str) -> list[Any]:
    value = content.get(field) or []
    if not isinstance(value, list):
        raise _refused(path, f"{field} is not a list")
    return value


def _text(path: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _refused(path, f"{value!r} is not a string")
    return value


def _refused(path: str, reason: str) -> KustomizeError:
    return KustomizeError(f"{path}: {reason}; nothing was built")
