"""YAML values that remember where they were written. Pure: no I/O.

``load`` makes them, ``convert`` and ``merge`` keep the marks, so that an error in a merged value
still points to the line, in whatever file, that set it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "LABEL_KEYS",
    "NOWHERE",
    "Map",
    "Mark",
    "Seq",
    "item_label",
    "join_path",
    "mark_at",
    "plain",
]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the input: ``file`` as the user wrote it, ``line`` from 1, ``path`` of it."""

    file: str
    line: int
    path: str = ""


NOWHERE = Mark("", 0)

LABEL_KEYS = ("name", "mountPath")
"""What names a list item in a path, in this order (see ``item_label``)."""

_LONGEST_STEP = 100


class Map(dict[str, Any]):
    """A mapping; ``mark`` is its own place, ``marks[key]`` the place of each key."""

    __slots__ = ("mark", "marks")

    def __init__(
        self,
        items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        mark: Mark = NOWHERE,
        marks: Mapping[str, Mark] | None = None,
    ) -> None:
        super().__init__(items)
        self.mark = mark
        self.marks: dict[str, Mark] = dict(marks or {})

    def put(self, key: str, value: Any, mark: Mark) -> None:
        """Set ``key`` and its place together."""
        self[key] = value
        self.marks[key] = mark

    def mark_of(self, key: str) -> Mark:
        """The place of ``key``; of the whole mapping when the key was not written anywhere."""
        return self.marks.get(key, self.mark)


class Seq(list[Any]):
    """A sequence; ``mark`` is its own place, ``marks[i]`` the place of each item."""

    __slots__ = ("mark", "marks")

    def __init__(
        self, items: Iterable[Any] = (), mark: Mark = NOWHERE, marks: Iterable[Mark] = ()
    ) -> None:
        super().__init__(items)
        self.mark = mark
        self.marks: list[Mark] = list(marks)

    def add(self, value: Any, mark: Mark) -> None:
        """Append ``value`` and its place together."""
        self.append(value)
        self.marks.append(mark)

    def mark_of(self, index: int) -> Mark:
        """The place of item ``index``; of the whole sequence when there is no such item."""
        return self.marks[index] if 0 <= index < len(self.marks) else self.mark


def join_path(path: str, key: str | int, label: str | None = None) -> str:
    """``path`` with one more step: ``.key``, ``[label]`` for list items and keys with dots.

    Keys and labels are cut after 100 characters: every field below carries them in its mark.

    >>> join_path("spec.workers", 0, "reports")
    'spec.workers[reports]'
    >>> join_path("metadata.labels", "app.kubernetes.io/name")
    'metadata.labels[app.kubernetes.io/name]'
    """
    if isinstance(key, int):
        return f"{path}[{key if label is None else _short(label)}]"
    key = _short(key)
    if not path:
        return key
    plain_key = key.replace("_", "").replace("-", "").isalnum()
    return f"{path}.{key}" if plain_key else f"{path}[{key}]"


def _short(step: str) -> str:
    return step if len(step) <= _LONGEST_STEP else f"{step[:_LONGEST_STEP]}..."


def item_label(item: Any) -> str | None:
    """What a list item is called in paths: its ``name`` (``mountPath``), or None for its index."""
    if isinstance(item, dict):
        for key in LABEL_KEYS:
            if isinstance(item.get(key), str) and item[key]:
                return str(item[key])
    return None


def mark_at(value: Any, loc: Iterable[str | int]) -> Mark:
    """The place of the field at ``loc`` inside ``value``.

    Steps that do not exist (a missing field) leave the line at the deepest one that does and are
    still named in the path. A field without marks of its own (a default) has its parent's line.
    """
    mark: Mark = getattr(value, "mark", NOWHERE)
    for step in loc:
        label = None
        known = False
        if isinstance(value, Map) and isinstance(step, str) and step in value:
            known = step in value.marks
            found = value.mark_of(step)
            value = value[step]
        elif isinstance(value, Seq) and isinstance(step, int) and 0 <= step < len(value):
            known = step < len(value.marks)
            found = value.mark_of(step)
            value = value[step]
            label = item_label(value)
        else:
            found = mark
            value = None
        mark = found if known else Mark(mark.file, mark.line, join_path(mark.path, step, label))
    return mark


def copied(value: Any) -> Any:
    """A deep copy with its marks, which may be changed."""
    if isinstance(value, Map):
        items = {key: copied(item) for key, item in value.items()}
        return Map(items, value.mark, value.marks)
    if isinstance(value, Seq):
        marks = [value.mark_of(index) for index in range(len(value))]
        return Seq((copied(item) for item in value), value.mark, marks)
    return value


def plain(value: Any) -> Any:
    """A deep copy as ordinary dicts and lists, without marks."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
