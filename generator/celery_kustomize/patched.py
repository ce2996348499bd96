"""The user's patches of one application, in the base and in every environment, checked.

kustomize itself passes over a patch whose target is not there, and fails on others with no line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from celery_kustomize.errors import Problem, Severity
from celery_kustomize.overlay.patching import Build, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.k8s.kustomization import Kustomization, Patch
    from celery_kustomize.located import Mark

__all__ = ["Environment", "MarkedPatch", "Patches"]

MarkedPatch = tuple["Patch", "Mark"]
"""A patch and where the user wrote it."""

_BASE = "base"
_LOST = (
    "gives the generated ConfigMap {name} more than data, labels and annotations, which kustomize "
    "drops where an overlay changes the data: write the patch in that overlay instead"
)
_NOTHING = "the patch changes nothing: what it removes is not there"


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment as rendered, with the patches that it has from the base in effect.

    ``direct`` has all patches, as a folder of its own. ``wanted`` is what the overlay is made for:
    the base's patches are in effect, and the environment's own are its ``patches``.
    """

    name: str
    direct: Kustomization
    wanted: Kustomization
    own: Sequence[MarkedPatch]
    build: Build


class Patches:
    """Applies the patches of the base, then those of one environment after the other."""

    def __init__(self, folder: Kustomization, patches: Sequence[MarkedPatch]) -> None:
        """Begin with the base's rendered ``folder`` and its patches."""
        self._found: dict[Mark, dict[str, list[str]]] = {}
        self._idle: dict[Mark, bool] = {}
        self._ungenerated: dict[str, Mark] = {}
        self._patches = patches
        self._build = Build(folder)
        for patch, mark in patches:
            outcome = self._build.apply(patch)
            self._inherit(self._build, mark, _BASE, outcome)
        self.base = replace(folder, patches=[patch for patch, _ in patches])
        self.patched_base = self._build.folder()

    def environment(
        self, name: str, folder: Kustomization, own: Sequence[MarkedPatch]
    ) -> Environment:
        """The environment ``name``: its rendered ``folder`` with the base's patches in effect.

        A patch of the base is left out where the environment has nothing that it hits.
        """
        build = Build(folder)
        inherited = []
        for patch, mark in self._patches:
            outcome = build.apply(patch)
            if outcome.effective is not None:
                inherited.append(outcome.effective)
                self._inherit(build, mark, _overlay(name), outcome)
        patches = [patch for patch, _ in own]
        return Environment(
            name,
            replace(folder, patches=[*inherited, *patches]),
            replace(build.folder(), patches=patches),
            own,
            build,
        )

    def check_overlay(self, environment: Environment, overlay: Kustomization) -> None:
        """Check the environment's own patches on ``overlay``, and what it does to the base's."""
        place = _overlay(environment.name)
        lost = environment.build.ungenerated() & {entry.name for entry in overlay.config_maps}
        for name in sorted(lost):
            self._found[self._ungenerated[name]][place] = [_LOST.format(name=name)]
        if not environment.own:
            return
        count = len(overlay.patches) - len(environment.own)
        generated = replace(overlay, patches=overlay.patches[:count])
        build = self._build.under(generated, environment.direct)
        for patch, mark in environment.own:
            outcome = build.apply(patch)
            self._record(mark, place, outcome, outcome.misses)

    def _inherit(self, build: Build, mark: Mark, place: str, outcome: Outcome) -> None:
        """Record a patch of the base and remember what it gives to generated ConfigMaps."""
        self._record(mark, place, outcome, outcome.misses if place == _BASE else ())
        for name in build.ungenerated():
            self._ungenerated.setdefault(name, mark)

    def _record(self, mark: Mark, place: str, outcome: Outcome, misses: Sequence[str]) -> None:
        self._found.setdefault(mark, {})[place] = [*misses, *outcome.errors]
        if outcome.effective is not None:
            idle = not outcome.changes and _removes(list(outcome.effective.content))
            self._idle[mark] = self._idle.get(mark, True) and idle

    def problems(self) -> list[Problem]:
        """Everything found; what is wrong wherever a patch is used is told once."""
        problems = [
            Problem(mark.file, mark.line, mark.path, message)
            for mark, places in self._found.items()
            for message in _told(places)
        ]
        return problems + [
            Problem(mark.file, mark.line, mark.path, _NOTHING, Severity.WARNING)
            for mark, idle in self._idle.items()
            if idle and not any(self._found[mark].values())
        ]


def _overlay(name: str) -> str:
    return f'overlay "{name}"'


def _told(places: dict[str, list[str]]) -> Iterator[str]:
    if all(places.values()):
        yield from next(iter(places.values()))
        return
    in_base = places.get(_BASE, [])
    yield from in_base
    for place, messages in places.items():
        yield from (f"in {place}: {message}" for message in messages if message not in in_base)


def _removes(value: Any) -> bool:
    """Whether a partial object removes something anywhere."""
    if isinstance(value, list):
        return any(map(_removes, value))
    if not isinstance(value, dict) or "op" in value:
        return False
    return any(
        each is None or (key == "$patch" and each == "delete") or _removes(each)
        for key, each in value.items()
    )
