"""A Kustomization as the texts of its files. Pure: no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.kustomize_transformers import TEMPLATE_LABELS
from celery_kustomize.k8s.yaml_text import comment, dump, dump_all
from celery_kustomize.tree.config_maps import render_generator
from celery_kustomize.tree.paths import is_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celery_kustomize.k8s.kustomization import Image, Kustomization, Patch

__all__ = ["KUSTOMIZATION", "files"]

KUSTOMIZATION = "kustomization.yaml"


def files(kustomization: Kustomization) -> dict[str, str]:
    """The files of one Kustomize folder by path inside it, ``kustomization.yaml`` first.

    Each begins with the header, but for the files of ConfigMaps, which are data: a line more would
    be another value.

    Raises:
        ValueError: two parts want the same file, a path leaves the folder, or something in an
            object cannot be written; the stages before rule all of this out.
    """
    others: dict[str, str] = {}
    content = dict(_fields(kustomization, others))
    return {KUSTOMIZATION: comment(kustomization.header) + dump(content)} | others


def _fields(kustomization: Kustomization, others: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """The fields in the order to be written; texts of further files go to ``others``."""
    yield "apiVersion", "kustomize.config.k8s.io/v1beta1"
    yield "kind", "Kustomization"
    if kustomization.namespace is not None and not kustomization.namespace_unset_only:
        yield "namespace", kustomization.namespace
    resources = {path: dump_all(items) for path, items in kustomization.resources.items() if items}
    header = comment(kustomization.header)
    for path, text in resources.items():
        _put(others, path, header + text)
    # Always there: kustomize takes an empty list, but not a kustomization without any content.
    yield "resources", [*kustomization.bases, *resources]
    if kustomization.config_maps:
        yield "configMapGenerator", _generators(kustomization, others)
    if kustomization.labels:
        labels: dict[str, Any] = {"pairs": dict(kustomization.labels)}
        if kustomization.labels_in_pods:
            labels["fields"] = [dict(field) for field in TEMPLATE_LABELS]
        yield "labels", [labels]
    if kustomization.images:
        yield "images", [_image(image) for image in kustomization.images]
    if kustomization.replicas:
        yield "replicas", [{"name": r.name, "count": r.count} for r in kustomization.replicas]
    if kustomization.patches:
        yield "patches", _patches(kustomization, others)
    if kustomization.namespace is not None and kustomization.namespace_unset_only:
        yield "transformers", [_namespace_transformer(kustomization.namespace)]


def _put(others: dict[str, str], path: str, text: str) -> None:
    if not is_path(path):
        raise ValueError(f"{path!r} is not a path inside a Kustomize folder")
    if path in others or path == KUSTOMIZATION:
        raise ValueError(f"{path} would be written twice")
    others[path] = text


def _generators(kustomization: Kustomization, others: dict[str, str]) -> list[dict[str, Any]]:
    entries = []
    for generator in kustomization.config_maps:
        entry, its_files = render_generator(generator)
        for path, text in its_files.items():
            _put(others, path, text)
        entries.append(entry)
    return entries


def _image(image: Image) -> dict[str, str]:
    fields = {
        "name": image.name,
        "newName": image.new_name,
        "newTag": image.new_tag,
        "digest": image.digest,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _patches(kustomization: Kustomization, others: dict[str, str]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    shared: set[str] = set()
    for patch in kustomization.patches:
        text = _patch_text(patch)
        target: Mapping[str, Any] = {"target": dict(patch.target)} if patch.target else {}
        if patch.file is None:
            # Kustomize trims the text, and with it a line end that belongs to the last value.
            end = "...\n" if _last_leaf(patch.content).endswith("\n") else ""
            entries.append({**target, "patch": text + end})
        elif patch.file in shared and not patch.target:
            others[patch.file] += "---\n" + text
        else:
            _put(others, patch.file, comment(kustomization.header) + text)
            entries.append({"path": patch.file, **target})
            if not patch.target:
                shared.add(patch.file)
    return entries


def _patch_text(patch: Patch) -> str:
    if not patch.content:
        raise ValueError("a patch without content")
    if "op" not in patch.content[0]:
        return dump_all(patch.content)
    if not patch.target:
        raise ValueError("a JSON 6902 patch without a target")
    return dump(list(patch.content))


def _last_leaf(value: Any) -> str:
    while value and isinstance(value, list | tuple | dict):
        value = list(value.values() if isinstance(value, dict) else value)[-1]
    return value if isinstance(value, str) else ""


def _namespace_transformer(namespace: str) -> str:
    return dump(
        {
            "apiVersion": "builtin",
            "kind": "NamespaceTransformer",
            "metadata": {"name": "namespace", "namespace": namespace},
            "unsetOnly": True,
        }
    )
