"""Typed access to the fields of an older document: problems are collected, nothing is raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from celery_kustomize.errors import Problem, Severity
from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.located import Map, Mark, Seq, join_path, mark_at

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Fields", "Given", "Problems", "duplicate", "fill", "put"]

T = TypeVar("T")
_MOST = 100
"""Unknown fields told of one map, and items of a list that are looked at one by one: far more than
anybody writes, and a bound on what hostile input costs."""


@dataclass(frozen=True, slots=True)
class Given(Generic[T]):
    """A value that the user wrote, and where."""

    value: T
    mark: Mark


class Problems(list[Problem]):
    """What was found in one document."""

    def error(self, mark: Mark, message: str) -> None:
        """Record an error at ``mark``."""
        self.append(Problem(mark.file, mark.line, mark.path, message))

    def warning(self, mark: Mark, message: str) -> None:
        """Record a warning at ``mark``."""
        self.append(Problem(mark.file, mark.line, mark.path, message, Severity.WARNING))


class Fields:
    """The fields of one map. A field that is null counts as not given, as in Kubernetes.

    Every read makes its field known; ``finish`` then tells of the others. ``mark`` is the place of
    the map's key.
    """

    def __init__(self, source: Map, problems: Problems, mark: Mark) -> None:
        self.mark = mark
        self._source = source
        self._problems = problems
        self._known: dict[str, None] = {}

    def has(self, *keys: str) -> bool:
        """Whether any of ``keys`` is given; does not make them known."""
        return any(self._source.get(key) is not None for key in keys)

    def mark_of(self, key: str) -> Mark:
        """The place of a field; of its map, with the field in the path, when it is not given."""
        if key in self._source:
            return mark_at(self._source, [key])
        return Mark(self.mark.file, self.mark.line, join_path(self.mark.path, key))

    def anything(self, key: str) -> Given[Any] | None:
        """A field of any type."""
        self._known[key] = None
        value = self._source.get(key)
        return None if value is None else Given(value, self.mark_of(key))

    def text(self, key: str, required: str | None = None) -> Given[str] | None:
        """A text that is not empty. ``required``: what to write when it is missing."""
        given = self.anything(key)
        if given is None:
            if required is not None:
                self._problems.error(self.mark_of(key), f"is missing: write {required}")
            return None
        if isinstance(given.value, str) and given.value:
            return given
        hint = "" if isinstance(given.value, dict | list | str) else ": write it in quotes"
        self._wrong(given, "a text", hint)
        return None

    def integer(self, key: str, lowest: int) -> Given[int] | None:
        """A whole number of at least ``lowest``."""
        given = self.anything(key)
        if given is None:
            return None
        value = given.value
        if isinstance(value, int) and not isinstance(value, bool) and value >= lowest:
            return given
        digits = isinstance(value, str) and value.isdecimal() and value.isascii()
        hint = f": write {value[:20]} without quotes" if digits else ""
        self._wrong(given, f"a whole number of at least {lowest}", hint)
        return None

    def mapping(self, key: str) -> Given[Map] | None:
        """A map, as it is."""
        given = self.anything(key)
        if given is not None and not isinstance(given.value, Map):
            self._wrong(given, "a map")
            return None
        return given

    def sequence(self, key: str) -> Given[Seq] | None:
        """A list, as it is."""
        given = self.anything(key)
        if given is not None and not isinstance(given.value, Seq):
            self._wrong(given, "a list")
            return None
        return given

    def texts(self, key: str) -> list[Given[str]] | None:
        """A list of texts; numbers count as the text that was written."""
        given = self.sequence(key)
        if given is None:
            return None
        result = []
        quoted = ": write it in quotes"
        for index, value in enumerate(given.value):
            item = Given(value, given.value.mark_of(index))
            if isinstance(value, str):
                result.append(item)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                result.append(Given(f"{value}", item.mark))
            else:
                self._wrong(item, "a text", "" if isinstance(value, dict | list) else quoted)
        return result

    def child(self, key: str, required: str | None = None) -> Fields:
        """The fields of a map inside this one; none when it is not given."""
        given = self.mapping(key)
        if given is not None:
            return Fields(given.value, self._problems, given.mark)
        if required is not None and not self.has(key):
            self._problems.error(self.mark_of(key), f"is missing: write {required}")
        return Fields(Map(), self._problems, self.mark_of(key))

    def children(self, key: str) -> list[Fields]:
        """The fields of each map in a list of maps."""
        given = self.sequence(key)
        if given is None:
            return []
        if len(given.value) > _MOST:
            self._problems.error(given.mark, f"has more than {_MOST} items")
            return []
        result = []
        for index, value in enumerate(given.value):
            mark = given.value.mark_of(index)
            if isinstance(value, Map):
                result.append(Fields(value, self._problems, mark))
            else:
                self._wrong(Given(value, mark), "a map")
        return result

    def unread(self) -> list[str]:
        """The fields that nothing has read."""
        return [key for key in self._source if key not in self._known]

    def finish(self) -> None:
        """Tell of the fields that nothing has read."""
        unknown = self.unread()
        for key in unknown[:_MOST]:
            message = f"unknown field{did_you_mean(key, self._known)}"
            self._problems.error(self.mark_of(key), message)
        if len(unknown) > _MOST:
            self._problems.error(self.mark, f"has {len(unknown) - _MOST} more unknown fields")

    def ignore(self, keys: Iterable[str], reason: str) -> None:
        """Leave ``keys`` out, each with a warning where it is given."""
        for key in keys:
            if self.anything(key) is not None:
                self._problems.warning(self.mark_of(key), f"is left out: {reason}")

    def _wrong(self, given: Given[Any], expected: str, hint: str = "") -> None:
        self._problems.error(given.mark, f"expected {expected}, got {_shown(given.value)}{hint}")


def put(target: Map, key: str, given: Given[Any] | None) -> None:
    """Set ``key`` to what was given, with its place; nothing when it was not."""
    if given is not None:
        target.put(key, given.value, given.mark)


def fill(target: Map, source: Fields, *keys: str, kind: type[Map] | type[Seq]) -> None:
    """Copy ``keys``, maps or lists that are the same in both formats."""
    for key in keys:
        put(target, key, source.mapping(key) if kind is Map else source.sequence(key))


def duplicate(value: Any) -> Any:
    """A copy that shares nothing, marks kept: for what stands in one place there, in two here."""
    if isinstance(value, Map):
        items = {key: duplicate(item) for key, item in value.items()}
        return Map(items, value.mark, value.marks)
    if isinstance(value, Seq):
        return Seq(map(duplicate, value), value.mark, value.marks)
    return value


def _shown(value: Any) -> str:
    """A value in a message."""
    if isinstance(value, str):
        return f"the text {quote(value)}" if value else "an empty text"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if value is None:
        return "nothing"
    return "a map" if isinstance(value, dict) else "a list"
