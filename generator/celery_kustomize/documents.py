"""The applications of a run as native documents, each with the overlays and defaults for it. Pure.

What stands in files of its own is checked by its own model; the applications' documents are
validated later, merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.convert import convert, is_older
from celery_kustomize.errors import Problem
from celery_kustomize.located import Map, Mark, mark_at
from celery_kustomize.model.application import CeleryApplicationDefaults, CeleryApplicationOverlay
from celery_kustomize.model.validate import validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_kustomize.load.sources import ApplicationSource, Sources

__all__ = ["Documents", "documents"]


@dataclass(frozen=True, slots=True)
class Documents:
    """One application: ``document`` is native, whatever kind ``source`` has.

    ``overlays`` are the CeleryApplicationOverlays that refer to it, ``defaults`` the
    CeleryApplicationDefaults that hold for it, the lowest first.
    """

    source: ApplicationSource
    document: Map
    overlays: Sequence[Map]
    defaults: Sequence[Map]

    @property
    def name(self) -> str | None:
        """The application's name, if it is a text."""
        return _name(self.document)


def documents(sources: Sources, problems: list[Problem]) -> list[Documents]:
    """The applications of ``sources`` in the order read; names must be unique in a run."""
    native = _native(sources, problems)
    for item in sources.defaults:
        problems += validate(CeleryApplicationDefaults, item.document).problems
    _check_overlays(sources, {_name(document) for _, document in native}, problems)
    return [
        Documents(
            source,
            document,
            [o.document for o in sources.overlays if _refers_to(o.document, _name(document))],
            [d.document for d in sources.defaults if d.folder in (None, source.folder)],
        )
        for source, document in native
    ]


def _native(sources: Sources, problems: list[Problem]) -> list[tuple[ApplicationSource, Map]]:
    result = []
    first: dict[str, Mark] = {}
    for source in sources.applications:
        document = source.document
        if is_older(document):
            document, found = convert(document)
            problems += found
        name = _name(document)
        if name is not None:
            mark = mark_at(document, ("metadata", "name"))
            if name in first:
                at = f"{first[name].file}:{first[name].line}"
                text = f'there is an application "{name}" already, at {at}'
                problems.append(Problem(mark.file, mark.line, mark.path, text))
            first.setdefault(name, mark)
        result.append((source, document))
    return result


def _check_overlays(sources: Sources, names: set[str | None], problems: list[Problem]) -> None:
    """Overlays in files of their own, which must name an application."""
    for source in sources.overlays:
        validated = validate(CeleryApplicationOverlay, source.document)
        problems += validated.problems
        model = validated.model
        if model is not None and model.spec.application_ref.name not in names:
            mark = mark_at(source.document, ("spec", "applicationRef", "name"))
            known = ", ".join(sorted(str(name) for name in names if name)) or "none"
            text = f'there is no application "{model.spec.application_ref.name}" (found: {known})'
            problems.append(Problem(mark.file, mark.line, mark.path, text))


def _name(document: Map) -> str | None:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Map) else None
    return name if isinstance(name, str) else None


def _refers_to(document: Map, name: str | None) -> bool:
    spec = document.get("spec")
    reference = spec.get("applicationRef") if isinstance(spec, Map) else None
    return isinstance(reference, Map) and name is not None and reference.get("name") == name
