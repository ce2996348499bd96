"""YAML text to a graph of nodes with lines; aliases point to the node they name. Pure.

Built from libyaml's events with a stack of its own, so that no nesting reaches a recursion limit,
and stopped as soon as a limit is passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml
from yaml._yaml import CParser

from celery_kustomize.load.limits import MAX_DEPTH, MAX_DIRECTIVES, MAX_DOCUMENTS, MAX_FILE_NODES
from celery_kustomize.load.syntax import UnreadableError, explain

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "compose"]


@dataclass(slots=True, eq=False)
class ScalarNode:
    """A text as written; ``plain``: without quotes. ``tag`` is the explicit tag, if any."""

    text: str
    line: int
    tag: str | None
    plain: bool


@dataclass(slots=True, eq=False)
class SequenceNode:
    """A list; ``closed`` once its end was read."""

    line: int
    tag: str | None
    items: list[Node] = field(default_factory=list)
    closed: bool = False


@dataclass(slots=True, eq=False)
class MappingNode:
    """A map as its pairs of key and value nodes, duplicates included."""

    line: int
    tag: str | None
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    closed: bool = False
    key: Node | None = None


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


def compose(text: str) -> Iterator[Node]:
    """The documents of ``text``, one after the other, so that those before an error are had.

    Raises:
        UnreadableError: a syntax error, an alias without its anchor, or a limit that is passed.
    """
    _check_directives(text)
    composer = _Composer()
    try:
        for event in yaml.parse(text, Loader=CParser):  # type: ignore[arg-type]
            if (document := composer.take(event)) is not None:
                yield document
    except yaml.MarkedYAMLError as error:
        raise explain(error, text) from None
    except yaml.YAMLError as error:
        raise UnreadableError(0, f"not readable as YAML: {error}") from None


def _check_directives(text: str) -> None:
    count = text.count("\n%") + text.count("\r%") + text.startswith("%")
    if count > MAX_DIRECTIVES:
        message = f'more than {MAX_DIRECTIVES} lines begin with "%": indent or remove them'
        raise UnreadableError(0, message)


class _Composer:
    """Turns events into nodes; holds the open collections and the anchors of one document."""

    def __init__(self) -> None:
        self._open: list[SequenceNode | MappingNode] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> Node | None:
        """Take the next event; a document when the event completes one."""
        line = event.start_mark.line + 1
        match event:
            case yaml.ScalarEvent():
                node = ScalarNode(event.value, line, event.tag, not event.style)
                return self._add(node, event.anchor, line)
            case yaml.SequenceStartEvent():
                self._begin(SequenceNode(line, event.tag), event.anchor, line)
            case yaml.MappingStartEvent():
                self._begin(MappingNode(line, event.tag), event.anchor, line)
            case yaml.CollectionEndEvent():
                closed = self._open.pop()
                closed.closed = True
                return None if self._open else closed
            case yaml.AliasEvent():
                return self._add(self._aliased(event.anchor or "", line), None, line)
            case yaml.DocumentStartEvent():
                self._anchors.clear()
                self._documents += 1
                if self._documents > MAX_DOCUMENTS:
                    raise UnreadableError(
                        line, f"more than {MAX_DOCUMENTS:,} documents in one file"
                    )
        return None

    def _add(self, node: Node, anchor: str | None, line: int) -> Node | None:
        """Put ``node`` into the innermost open collection; return it when there is none."""
        self._nodes += 1
        if self._nodes > MAX_FILE_NODES:
            message = f"more than {MAX_FILE_NODES:,} keys and values in one file: split it"
            raise UnreadableError(line, message)
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            return node
        parent = self._open[-1]
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            parent.pairs.append((parent.key, node))
            parent.key = None
        return None

    def _begin(self, node: SequenceNode | MappingNode, anchor: str | None, line: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableError(line, f"more than {MAX_DEPTH} maps and lists inside each other")
        self._add(node, anchor, line)
        self._open.append(node)

    def _aliased(self, anchor: str, line: int) -> Node:
        node = self._anchors.get(anchor)
        anchor = anchor[:64]
        if node is None:
            message = f"the alias *{anchor} has no anchor &{anchor} above it"
            raise UnreadableError(line, f"{message}: quote a text that begins with *")
        if not isinstance(node, ScalarNode) and not node.closed:
            raise UnreadableError(line, f"the alias *{anchor} stands inside what it stands for")
        return node
