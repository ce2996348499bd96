"""Which ``images`` entries would turn the base's images into the environment's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celery_kustomize.k8s.kustomization import Image, Object
from celery_kustomize.k8s.kustomize_transformers import (
    apply_images,
    image_matches,
    new_image,
    split_image,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from celery_kustomize.overlay.pairing import Pair

__all__ = ["candidates", "reaching"]

_NAME = re.compile(r"[A-Za-z0-9._/:-]+")
_TAG = re.compile(r"[a-zA-Z0-9_.{}-]+")
_DIGEST = re.compile(r"(sha256:[a-f0-9]+)?")
"""The digests that every kustomize matches; newer ones take any algorithm."""


def candidates(pairs: Iterable[Pair]) -> list[Image]:
    """One entry for each image name that changes to one and the same image everywhere."""
    changes: dict[str, set[tuple[str, str]]] = {}
    for pair in pairs:
        new = dict(_images(pair.wanted.built))
        for path, before in _images(pair.base.built):
            if path in new:
                changes.setdefault(split_image(before)[0], set()).add((before, new[path]))
    found = [_entry(name, sorted(changes[name])) for name in sorted(changes)]
    return [entry for entry in found if entry is not None]


def _images(item: Object) -> list[tuple[tuple[str, ...], str]]:
    """Every image that the field reaches, with the path of its container."""
    found: list[tuple[tuple[str, ...], str]] = []

    def note(path: tuple[str, ...], image: str) -> str:
        found.append((path, image))
        return image

    apply_images(item, note)
    return found


def _entry(name: str, changes: Sequence[tuple[str, str]]) -> Image | None:
    results = {after for _, after in changes}
    if len(results) != 1 or all(before == after for before, after in changes):
        return None
    new_name, tag, digest = split_image(results.pop())
    renamed = new_name if new_name != name else None
    old = [split_image(before) for before, _ in changes]
    if all(parts[1:] == (tag, digest) for parts in old):
        entry = Image(name, new_name=renamed)
    elif tag or digest:
        entry = Image(name, renamed, tag or None, digest or None)
    else:
        return None
    known = all(_DIGEST.fullmatch(parts[2]) for parts in old)
    return entry if known and _is_writable(entry) else None


def _is_writable(entry: Image) -> bool:
    return bool(
        _NAME.fullmatch(entry.name)
        and _NAME.fullmatch(entry.new_name or entry.name)
        and _TAG.fullmatch(entry.new_tag or "latest")
        and _DIGEST.fullmatch(entry.digest or "")
    )


def reaching(item: Object, entries: Iterable[Image]) -> set[str]:
    """The names of the entries that match an image of ``item``, or an entry's result there."""
    names: set[str] = set()
    for _, image in _images(item):
        seen = image
        for entry in entries:
            if image_matches(seen, entry.name):
                names.add(entry.name)
                seen = new_image(seen, [entry])
    return names
