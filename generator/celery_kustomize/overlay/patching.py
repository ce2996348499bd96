"""A folder's objects while kustomize applies patches to them, and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object, Patch
from celery_kustomize.k8s.kustomize_json_patch import JsonPatchError, apply_operations
from celery_kustomize.k8s.kustomize_namespace import set_namespace
from celery_kustomize.k8s.kustomize_selector import Identity, identity, selector
from celery_kustomize.k8s.kustomize_strategic_merge import StrategicMergeError, merge_patch
from celery_kustomize.k8s.kustomize_transformers import set_labels
from celery_kustomize.k8s.suggest import did_you_mean
from celery_kustomize.overlay.damage import damage, rounded
from celery_kustomize.overlay.generators import after_generators
from celery_kustomize.overlay.pairing import generated
from celery_kustomize.overlay.values import same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Build", "Outcome"]

_OF_GENERATED = {"apiVersion", "kind", "metadata", "data"}
_OF_ITS_METADATA = {"name", "labels", "annotations"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a patch does to a build.

    ``effective`` is the part of it that hits an object, None when none does; ``misses`` say what
    the rest should have hit. ``errors`` say why it cannot be applied, or what it would spoil.
    ``changes`` is false when everything is already as the patch wants it.
    """

    effective: Patch | None
    misses: Sequence[str]
    errors: Sequence[str]
    changes: bool


@dataclass(slots=True, eq=False)
class _Item:
    """An object, from a file or a generator.

    ``former`` are its identities so far, the oldest first. Of a ``broken`` one nothing more is
    told: a patch failed on it, and others may rely on that.
    """

    source: str | ConfigMapGenerator
    value: Object
    former: list[Identity] = field(default_factory=list)
    broken: bool = False

    def __str__(self) -> str:
        return f"{self.value['kind']} {self.value['metadata']['name']}"

    def identities(self) -> list[Identity]:
        """All that kustomize finds the object by."""
        group, version, *_ = now = identity(self.value)
        return [(group, version, *each[2:]) for each in self.former] + [now]

    def change(self, patch: Patch) -> tuple[Object | None, list[str]]:
        """The object after ``patch``, and what kustomize loses by it.

        Raises:
            JsonPatchError, StrategicMergeError: the patch cannot be applied.
        """
        if "op" in patch.content[0]:
            losses = list(rounded(self.value, patch.content))
            return apply_operations(self.value, patch.content), losses
        merged = merge_patch(self.value, patch.content[0])
        return merged.item, merged.lost


class Build:
    """The objects of a folder, changed by one patch after the other."""

    def __init__(self, folder: Kustomization) -> None:
        """Begin with ``folder`` (without bases), none of whose patches is applied yet."""
        self._folder = folder
        self._items = [
            _Item(file, item) for file, items in folder.resources.items() for item in items
        ]
        self._items += [_Item(each, generated(each)) for each in folder.config_maps]

    def folder(self) -> Kustomization:
        """The folder with the patches so far in effect, and without patches."""
        resources: dict[str, list[Object]] = {}
        config_maps = []
        for item in self._items:
            if isinstance(item.source, str):
                resources.setdefault(item.source, []).append(item.value)
            else:
                config_maps.append(_generator(item.source, item.value))
        return replace(self._folder, resources=resources, config_maps=config_maps, patches=())

    def ungenerated(self) -> set[str]:
        """Names of the generated ConfigMaps with more in them than a generator can give."""
        return {
            item.value["metadata"]["name"]
            for item in self._items
            if isinstance(item.source, ConfigMapGenerator)
            and not (
                item.value.keys() <= _OF_GENERATED
                and item.value["metadata"].keys() <= _OF_ITS_METADATA
            )
        }

    def under(self, overlay: Kustomization, wanted: Kustomization) -> Build:
        """What the user's patches of an overlay on this build see.

        Args:
            overlay: the overlay with the generated patches alone.
            wanted: the environment as rendered, with the namespace and labels that it ends up with.
        """
        created = [each for each in overlay.config_maps if each.behavior == "create"]
        build = Build(replace(wanted, resources=overlay.resources, config_maps=created))
        added, build._items = build._items, [self._built(item, overlay) for item in self._items]
        build._items += added
        for patch in overlay.patches:
            for part, items in build._hits(patch):
                build._follow(part, items)
        return build

    def _follow(self, patch: Patch, items: Sequence[_Item]) -> None:
        """Apply a generated patch, which only fails where one of the user's has failed before."""
        for item in items:
            try:
                after, _ = item.change(patch)
            except (JsonPatchError, StrategicMergeError):
                item.broken = True
            else:
                self._set(item, after)

    def _built(self, item: _Item, overlay: Kustomization) -> _Item:
        """``item`` with this folder's own fields applied, merged with the overlay's generators."""
        value = item.value
        if isinstance(item.source, ConfigMapGenerator):
            value = after_generators(value, overlay.config_maps)
        value = _with_fields(value, self._folder)
        return _Item(item.source, value, item.identities(), item.broken)

    def apply(self, patch: Patch) -> Outcome:
        """Apply a patch of the user's; an object on which it goes wrong stays as it is."""
        content: list[Object] = []
        misses: list[str] = []
        errors: list[str] = []
        changes = False
        for part, items in self._hits(patch):
            before = [item.value for item in items]
            content += part.content if items else []
            misses += [] if items else [self._miss(part)]
            errors += self._apply(part, items)
            changes |= not same(before, [item.value for item in items if item in self._items])
        effective = replace(patch, content=content) if content else None
        return Outcome(effective, misses, errors, changes)

    def _hits(self, patch: Patch) -> Iterator[tuple[Patch, list[_Item]]]:
        """Each object of a patch without a target, else the whole patch, with what it hits.

        The next one is to be asked for when the one before is applied.
        """
        if patch.target is not None:
            chosen = selector(patch.target)
            hit = [item for item in self._items if chosen.selects(item.value, item.identities()[0])]
            yield patch, hit
            return
        for each in patch.content:
            wanted = identity(each)
            yield (
                replace(patch, content=[each]),
                [item for item in self._items if wanted in item.identities()],
            )

    def _apply(self, patch: Patch, items: Sequence[_Item]) -> list[str]:
        if patch.target is None and len(items) > 1:
            return [f"there are several objects {items[0]}: choose with a `target`"]
        failed = []
        for item in items:
            if item.broken:
                continue
            try:
                after, errors = item.change(patch)
            except (JsonPatchError, StrategicMergeError) as error:
                after, errors = item.value, [str(error)]
            if after is not None:
                errors += damage(item.value, after, self._folder)
                errors += self._clashes(item, after)
            if errors:
                item.broken = True
                failed.append([f"{item}: {error}" for error in errors])
            else:
                self._set(item, after)
        if len(failed) > 1:
            failed[0][-1] += f" (and {len(failed) - 1} more of the objects that it hits go wrong)"
        return failed[0] if failed else []

    def _clashes(self, item: _Item, after: Object) -> list[str]:
        """What another name, kind or namespace of an object runs into."""
        if identity(after) == identity(item.value):
            return []
        is_generated = isinstance(item.source, ConfigMapGenerator)
        if is_generated and (after["apiVersion"], after["kind"]) != ("v1", "ConfigMap"):
            return ["it is generated, and cannot become another kind"]
        own = self._place(after)
        if any(self._place(each.value) == own for each in self._items if each is not item):
            return [f'there is a {after["kind"]} "{after["metadata"]["name"]}" already']
        return []

    def _place(self, item: Object) -> tuple[str, ...]:
        """Group, kind, namespace and name in the end."""
        group, _, *others = identity(_with_fields(item, self._folder))
        return group, *others

    def _set(self, item: _Item, after: Object | None) -> None:
        if after is None:
            self._items.remove(item)
            return
        item.former.append(identity(item.value))
        item.value = after

    def _miss(self, patch: Patch) -> str:
        if patch.target is None:
            return f"the patch hits no object: {self._unknown(patch.content[0])}"
        wanted = ", ".join(f"{key} {value}" for key, value in patch.target.items())
        return f"the patch hits no object: none has {wanted}{self._later(patch)}"

    def _unknown(self, wanted: Object) -> str:
        kind, name = wanted["kind"], wanted["metadata"]["name"]
        same_kind = [item.value for item in self._items if item.value["kind"] == kind]
        for found in same_kind:
            if found["metadata"]["name"] == name:
                own = found["metadata"].get("namespace")
                return f'{kind} "{name}" is of {found["apiVersion"]} and ' + (
                    f"in namespace {own}" if own else "has no namespace of its own"
                )
        hint = did_you_mean(name, [each["metadata"]["name"] for each in same_kind])
        return f'there is no {kind} "{name}"{hint}'

    def _later(self, patch: Patch) -> str:
        """A hint if the target waits for what kustomize does after all patches."""
        chosen = selector(patch.target or {})
        for item in self._items:
            value = _with_fields(item.value, self._folder)
            if chosen.selects(value, identity(value)):
                return (
                    "; namespace and labels of the application are set after all patches: select "
                    "by something else"
                )
        return ""


def _with_fields(item: Object, folder: Kustomization) -> Object:
    """``item`` with the namespace and labels that ``folder`` sets after its patches."""
    if folder.namespace:
        unset_only = folder.namespace_unset_only
        item = set_namespace(item, folder.namespace, unset_only=unset_only)
    return set_labels(item, folder.labels, pods=folder.labels_in_pods)


def _generator(generator: ConfigMapGenerator, item: Object) -> ConfigMapGenerator:
    """The generator that makes ``item``."""
    metadata = item["metadata"]
    return replace(
        generator,
        name=metadata["name"],
        data=item.get("data", {}),
        labels=metadata.get("labels", {}),
        annotations=metadata.get("annotations", {}),
    )
