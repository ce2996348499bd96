"""A native document as lines of YAML, with comments at its fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from celery_kustomize.k8s import yaml_text
from celery_kustomize.located import Map, Mark, Seq

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.convert.comments import Comment

__all__ = ["Layout"]

_Address: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True)
class _Notes:
    """The comments of one field or item."""

    before: list[str] = field(default_factory=list)
    beside: str | None = None
    after: list[str] = field(default_factory=list)


class Layout:
    """How a document is written: block style, sequences not indented under their key.

    ``head`` are comment lines above everything.
    """

    def __init__(self, document: Map) -> None:
        self.head: list[str] = []
        self._document = document
        self._notes: dict[_Address, _Notes] = {}
        self._by_line: dict[int, list[_Address]] = {}
        self._by_path: list[tuple[str, _Address]] = []
        for address, mark in _entries(document, ()):
            if mark.line:
                self._by_line.setdefault(mark.line, []).append(address)
                self._by_path.append((mark.path, address))

    def attach(self, comment: Comment, line: int, paths: list[str]) -> bool:
        """Put a comment to the field that comes from its line, else to one of that field's parts.

        Args:
            comment: the comment.
            line: the line that it is about.
            paths: the paths of the fields in that line.

        Returns:
            Whether there was such a field.
        """
        position = comment.position
        address = self._of_line(line, position)
        if address is None:
            position = "before"
            address = self._part(paths)
        if address is None:
            return False
        notes = self._notes.setdefault(address, _Notes())
        if position == "beside" and notes.beside is None:
            notes.beside = comment.text
        elif position == "after":
            notes.after.append(comment.text)
        else:
            notes.before.append(comment.text)
        return True

    def _of_line(self, line: int, position: str) -> _Address | None:
        """The first field that comes from ``line``; of a list's item its first field, if there."""
        addresses = self._by_line.get(line, [])
        found = addresses[0] if addresses else None
        if found is not None and position != "after":
            for inner in addresses[1:]:
                if isinstance(found[-1], int) and inner[:-1] == found:
                    found = inner
        return found

    def _part(self, paths: list[str]) -> _Address | None:
        """The first field that comes from below ``paths``; one of the same section if possible."""
        parts = [address for path, address in self._by_path if _below(path, paths)]
        same = (address for address in parts if f"{paths[0]}.".startswith(f"{address[0]}."))
        return next(same, parts[0] if parts else None)

    def lines(self) -> list[str]:
        """The document's lines, without line ends."""
        return [*self.head, *self._map(self._document, (), "")]

    def _map(self, value: dict[str, Any], address: _Address, indent: str) -> list[str]:
        result = []
        for key, item in value.items():
            place = (*address, key)
            notes = self._notes.get(place, _Notes())
            if item and isinstance(item, dict | list):
                # The key as it is written before a scalar, without the scalar.
                first = _dumped({key: 0})
                first[-1] = first[-1].removesuffix(" 0")
                below = self._below(item, place, indent)
            else:
                first, below = _dumped({key: item}), []
            result += _written(first, below, notes, indent)
        return result

    def _below(self, value: Any, address: _Address, indent: str) -> list[str]:
        if isinstance(value, dict):
            return self._map(value, address, indent + "  ")
        return self._sequence(value, address, indent)

    def _sequence(self, value: list[Any], address: _Address, indent: str) -> list[str]:
        result = []
        for index, item in enumerate(value):
            place = (*address, index)
            notes = self._notes.get(place, _Notes())
            if item and isinstance(item, dict | list):
                inner = indent + "  "
                if isinstance(item, dict):
                    lines = self._map(item, place, inner)
                else:
                    lines = self._sequence(item, place, inner)
                result += _dashed(lines, notes, indent)
            else:
                result += _written(_dumped([item]), [], notes, indent)
        return result


def _dumped(value: Any) -> list[str]:
    return yaml_text.dump(value)[:-1].split("\n")


def _entries(value: Any, address: _Address) -> Iterator[tuple[_Address, Mark]]:
    """Every field and item of ``value`` that has a place of its own."""
    if isinstance(value, Map):
        for key, item in value.items():
            if key in value.marks:
                yield (*address, key), value.marks[key]
            yield from _entries(item, (*address, key))
    elif isinstance(value, Seq):
        for index, item in enumerate(value):
            if index < len(value.marks):
                yield (*address, index), value.marks[index]
            yield from _entries(item, (*address, index))


def _below(path: str, paths: list[str]) -> bool:
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in paths)


def _written(first: list[str], below: list[str], notes: _Notes, indent: str) -> list[str]:
    """A field or item: comments, its own lines (not yet indented), the lines below it."""
    before = list(notes.before)
    own = [indent + line if line else "" for line in first]
    if notes.beside is not None:
        if len(own) == 1:
            own[0] += f"  {notes.beside}"
        else:
            before.append(notes.beside)
    return [
        *(indent + comment for comment in before),
        *own,
        *below,
        *(indent + comment for comment in notes.after),
    ]


def _dashed(lines: list[str], notes: _Notes, indent: str) -> list[str]:
    """An item that is a map or a list: its lines, a dash before the first one.

    Comments above the first line stand above the dash.
    """
    count = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    comments = [*notes.before, *(line.lstrip() for line in lines[:count])]
    if notes.beside is not None:
        comments.append(notes.beside)
    first = f"{indent}- {lines[count][len(indent) + 2 :]}"
    after = [indent + comment for comment in notes.after]
    return [*(indent + comment for comment in comments), first, *lines[count + 1 :], *after]
