"""One environment of one application, and what a caller changes in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celery_kustomize.errors import Problem
from celery_kustomize.k8s.image import parse, with_override
from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.located import Map

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a caller wants built: options of ``build``, or parameters of an Argo CD Application.

    ``values`` has ``application`` and ``overlay`` (which environment; absent: the base), and over
    that environment one more overlay: ``namespace``, ``labels``, ``annotations``, ``overrides``.
    ``image`` is a tag, a digest or a whole reference for ``spec.image``. All are optional; the mark
    of each value says where the caller wrote it. ``origin`` names a value that is not there, as in
    ``--{}``.
    """

    values: Map = field(default_factory=Map)
    origin: str = "--{}"

    @property
    def application(self) -> str | None:
        """The application's name, when the caller gave one."""
        return self._text("application")

    @property
    def overlay(self) -> str | None:
        """The overlay's name; None for the base."""
        return self._text("overlay")

    def choose(self, applications: Collection[str]) -> str | Problem:
        """The name of the application that is meant, of those there are."""
        known = ", ".join(applications)
        if self.application is None:
            if len(applications) == 1:
                return next(iter(applications))
            text = f"there are several applications ({known}): name one"
        elif self.application in applications:
            return self.application
        else:
            hint = did_you_mean(self.application, applications)
            text = f"there is no application {quote(self.application)} (found: {known}){hint}"
        return self._problem("application", text)

    def check_overlay(self, application: Any, overlays: Collection[str]) -> list[Problem]:
        """A problem when ``application`` does not have the overlay."""
        if self.overlay is None or self.overlay in overlays:
            return []
        known = ", ".join(overlays) or "none"
        hint = did_you_mean(self.overlay, overlays)
        text = f"{application} has no overlay {quote(self.overlay)} (it has: {known}){hint}"
        return [self._problem("overlay", text)]

    def change_image(self, spec: Map) -> list[Problem]:
        """Put ``image`` into a merged ``spec``, which is changed; problems when it does not fit."""
        override = self._text("image")
        if override is None:
            return []
        before = spec.get("image")
        try:
            if isinstance(before, str):
                parse(before)
        except ValueError:
            return []  # the model tells it
        try:
            image = with_override(before if isinstance(before, str) else None, override)
        except ValueError as error:
            return [self._problem("image", str(error))]
        spec.put("image", image, self.values.mark_of("image"))
        return []

    def _text(self, name: str) -> str | None:
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def _problem(self, name: str, message: str) -> Problem:
        if name in self.values:
            mark = self.values.mark_of(name)
            return Problem(mark.file, mark.line, mark.path, message)
        return Problem(self.origin.format(name), 0, "", message)
