"""YAML (and JSON, which is YAML) to located values: what was written, and where. Pure.

The values are those that kustomize reads from a resource file; what it would drop, round, rename
or fail on is a problem here, told with its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem
from celery_kustomize.k8s.suggest import quote
from celery_kustomize.load.limits import (
    MAX_DEPTH,
    MAX_FILE_BYTES,
    MAX_FILE_CHARACTERS,
    MAX_FILE_NODES,
    MAX_FILE_PROBLEMS,
    MAX_KEY,
    Budget,
)
from celery_kustomize.load.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose
from celery_kustomize.load.scalars import Scalar, ScalarError, resolve_plain, resolve_tagged
from celery_kustomize.load.syntax import UnreadableError, decode, unfit_character
from celery_kustomize.located import LABEL_KEYS, Map, Mark, Seq, join_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse"]

_TAG_PREFIX = "tag:yaml.org,2002:"
_MERGE = "<<"


def parse(data: bytes, file: str, budget: Budget | None = None) -> tuple[list[Map], list[Problem]]:
    """Read all documents of a file.

    Args:
        data: the file's bytes: UTF-8, with or without a byte order mark, any line ends.
        file: its name for marks and problems.
        budget: what the run may still read; taken from. None: a run of this file alone.

    Returns:
        The documents that could be read (empty ones are skipped), each a Map with marks, and the
        problems found. A document with a problem is left out; after a syntax error or a limit
        the rest of the file is left out.
    """
    reader = _Reader(file, budget or Budget())
    try:
        reader.begin(len(data))
        for node in compose(decode(data)):
            reader.document(node)
        reader.flush()
    except UnreadableError as stop:
        reader.tell(stop.line, "", str(stop))
    except _TooManyProblemsError:
        message = f"more than {MAX_FILE_PROBLEMS} problems: only the first ones are shown"
        reader.problems.append(Problem(file, 0, "", message))
    return reader.documents, reader.problems


class _TooManyProblemsError(Exception):
    """The file has so many problems that reading on helps nobody."""


class _Reader:
    """Turns the nodes of one file into located values, counting what they cost."""

    def __init__(self, file: str, budget: Budget) -> None:
        self.documents: list[Map] = []
        self.problems: list[Problem] = []
        self._not_an_object: Problem | None = None
        self._file = file
        self._budget = budget
        self._nodes = MAX_FILE_NODES
        self._characters = MAX_FILE_CHARACTERS

    def begin(self, size: int) -> None:
        """Count the file's ``size`` in bytes."""
        if size > MAX_FILE_BYTES:
            raise UnreadableError(0, f"is larger than {MAX_FILE_BYTES // 2**20} MiB: split it")
        self._budget.size -= size
        if self._budget.size < 0:
            raise UnreadableError(0, "all files together are too large: read fewer at once")

    def tell(self, line: int, path: str, message: str) -> None:
        """Record a problem."""
        problem = Problem(self._file, line, path, message)
        if problem not in self.problems:
            self.problems.append(problem)
        if len(self.problems) >= MAX_FILE_PROBLEMS:
            raise _TooManyProblemsError

    def document(self, node: Node) -> None:
        """Read one document."""
        self.flush()
        if isinstance(node, ScalarNode) and node.plain and node.text in ("", "~", "null"):
            return
        before = len(self.problems)
        value = self._value(node, "", 0)
        if len(self.problems) > before:
            return
        if isinstance(value, Map):
            self.documents.append(value)
            return
        found = "a list" if isinstance(value, Seq) else "a single value"
        message = f"{found} instead of an object with apiVersion, kind and metadata"
        self._not_an_object = Problem(self._file, node.line, "", message)

    def flush(self) -> None:
        """Tell that the last document is not an object, now that no syntax error explains it."""
        if self._not_an_object is not None:
            self.problems.append(self._not_an_object)
            self._not_an_object = None

    def _spend(self, line: int, characters: int) -> None:
        self._nodes -= 1
        self._characters -= characters
        self._budget.nodes -= 1
        self._budget.characters -= characters
        if self._nodes < 0:
            message = f"more than {MAX_FILE_NODES:,} keys and values with aliases expanded"
            raise UnreadableError(line, f"{message}: write fewer aliases, or split the file")
        if self._characters < 0:
            message = f"more than {MAX_FILE_CHARACTERS:,} characters with aliases expanded"
            raise UnreadableError(line, f"{message}: write fewer aliases, or split the file")
        if self._budget.nodes < 0 or self._budget.characters < 0:
            raise UnreadableError(line, "all files together are too large: read fewer at once")

    def _value(self, node: Node, path: str, depth: int) -> Scalar | Map | Seq:
        if isinstance(node, ScalarNode):
            self._spend(node.line, len(path) + len(node.text))
            return self._scalar(node, path)
        self._spend(node.line, len(path))
        if depth >= MAX_DEPTH:
            message = f"more than {MAX_DEPTH} maps and lists inside each other"
            raise UnreadableError(node.line, f"{message}, with aliases expanded")
        if isinstance(node, SequenceNode):
            return self._sequence(node, path, depth)
        return self._mapping(node, path, depth)

    def _scalar(self, node: ScalarNode, path: str) -> Scalar:
        try:
            value = _resolve(node)
        except ScalarError as error:
            self.tell(node.line, path, str(error))
            return None
        if isinstance(value, str) and (name := unfit_character(value)):
            self.tell(node.line, path, f"the character {name} cannot be kept: remove it")
        return value

    def _sequence(self, node: SequenceNode, path: str, depth: int) -> Seq:
        self._check_tag(node, path, "seq")
        result = Seq(mark=Mark(self._file, node.line, path))
        for index, item in enumerate(node.items):
            item_path = join_path(path, index, _label(item))
            value = self._value(item, item_path, depth + 1)
            result.add(value, Mark(self._file, item.line, item_path))
        return result

    def _mapping(self, node: MappingNode, path: str, depth: int) -> Map:
        self._check_tag(node, path, "map")
        result = Map(mark=Mark(self._file, node.line, path))
        for key, line, value in self._entries(node, path, 0):
            key_path = join_path(path, key)
            mark = Mark(self._file, line, key_path)
            result.put(key, self._value(value, key_path, depth + 1), mark)
        return result

    def _entries(self, node: MappingNode, path: str, depth: int) -> Iterator[tuple[str, int, Node]]:
        """Each key once, with its line and its value: the map's own, then the merged ones."""
        lines: dict[str, int] = {}
        merged: list[Node] = []
        for key_node, value in node.pairs:
            self._spend(key_node.line, 0)
            if _is_merge(key_node):
                merged.append(value)
            key = _MERGE if _is_merge(key_node) else self._key(key_node, path)
            if key is None:
                continue
            if key in lines:
                message = f"given twice, first in line {lines[key]}: remove one"
                self.tell(key_node.line, join_path(path, key), message)
                continue
            lines[key] = key_node.line
            if not _is_merge(key_node):
                yield key, key_node.line, value
        for source in merged:
            for key, line, value in self._merged(source, path, depth):
                if key not in lines:
                    lines[key] = line
                    yield key, line, value

    def _merged(self, source: Node, path: str, depth: int) -> Iterator[tuple[str, int, Node]]:
        """The keys that ``<<`` takes from a map, or from a list of maps, the first one winning."""
        if depth >= MAX_DEPTH:
            message = f'more than {MAX_DEPTH} maps merged with "<<" in a row'
            raise UnreadableError(source.line, message)
        for each in source.items if isinstance(source, SequenceNode) else [source]:
            self._spend(each.line, 0)
            if isinstance(each, MappingNode):
                yield from self._entries(each, path, depth + 1)
            else:
                message = 'merges a map or a list of maps ("<<: *name"); quote the key otherwise'
                self.tell(each.line, join_path(path, _MERGE), message)

    def _key(self, node: Node, path: str) -> str | None:
        """The key that ``node`` is; None (and a problem) when it is not a text."""
        if not isinstance(node, ScalarNode):
            message = 'a map or a list cannot be a key; quote a template such as "{{ x }}"'
            self.tell(node.line, path, message)
            return None
        if len(node.text) > MAX_KEY:
            self.tell(node.line, path, f"a key must have at most {MAX_KEY} characters")
            return None
        if _is_text(node):
            return str(self._scalar(node, path))
        if not node.text:
            self.tell(node.line, path, "a key is missing before the colon")
        else:
            text = quote(node.text)
            self.tell(node.line, path, f"the key {text[1:-1]} is not a text: quote it ({text})")
        return None

    def _check_tag(self, node: MappingNode | SequenceNode, path: str, wanted: str) -> None:
        if node.tag is not None and _short_tag(node.tag) != wanted:
            message = f"the tag {_shown_tag(node.tag)} is not supported: write the value without it"
            self.tell(node.line, path, message)


def _resolve(node: ScalarNode) -> Scalar:
    if node.tag is None:
        return resolve_plain(node.text) if node.plain else node.text
    short = _short_tag(node.tag)
    if short is None:
        raise ScalarError(
            f"the tag {_shown_tag(node.tag)} is not supported: write the value without it"
        )
    return resolve_tagged(node.text, short)


def _short_tag(tag: str) -> str | None:
    """``int`` for ``!!int``; None for a tag that is not one of YAML's own."""
    return tag.removeprefix(_TAG_PREFIX) if tag.startswith(_TAG_PREFIX) else None


def _shown_tag(tag: str) -> str:
    short = _short_tag(tag)
    return quote(tag if short is None else f"!!{short}")[1:-1]


def _is_merge(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.plain and node.text == _MERGE and node.tag is None


def _label(node: Node) -> str | None:
    """What ``located.item_label`` will call the item, before it is read."""
    if not isinstance(node, MappingNode):
        return None
    texts = {
        key.text: value
        for key, value in reversed(node.pairs)
        if isinstance(key, ScalarNode) and key.text in LABEL_KEYS
    }
    for wanted in LABEL_KEYS:
        value = texts.get(wanted)
        if isinstance(value, ScalarNode) and value.text and _is_text(value):
            return value.text
    return None


def _is_text(node: ScalarNode) -> bool:
    try:
        return isinstance(_resolve(node), str)
    except ScalarError:
        return False
