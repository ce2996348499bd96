"""A YAML file's older documents rewritten as native ones, comments kept, all else as it is."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from celery_kustomize.convert.comments import Source, sources
from celery_kustomize.convert.document import is_older, to_native
from celery_kustomize.convert.layout import Layout
from celery_kustomize.errors import Problem, Severity
from celery_kustomize.located import Map, Mark, Seq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ConvertedText", "convert_text"]

_TRAILING_COMMENT = re.compile("(\r\n|[\r\n])[ \t]+(?=#)")
_NEXT_CONTENT = re.compile(r"(?:\s|#[^\r\n]*)*")


@dataclass(frozen=True, slots=True)
class ConvertedText:
    """A rewritten file: its text, notes on comments that moved, and the problems found.

    With an error among ``problems`` the document that has it is as it was.
    """

    text: str
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def _lists_older(document: Map) -> bool:
    items = document.get("items")
    return isinstance(items, Seq) and any(isinstance(i, Map) and is_older(i) for i in items)


def _in_list(document: Map) -> Problem:
    mark = document.mark_of("items")
    message = "a List is not converted: write its items as documents of their own"
    return Problem(mark.file, mark.line, mark.path, message)


def convert_text(text: str, documents: Sequence[Map]) -> ConvertedText:
    """Rewrite the older documents of a file as native ones.

    Args:
        text: the file's text.
        documents: its documents as ``load`` reads them from the same text.

    Returns:
        The text in which every older document is the native one that ``convert`` gives. Other
        documents are as they were, byte for byte. A comment goes with its field; where the field
        is gone it stands at the top of its document, with the field's old path, and in the notes.
    """
    older = [document for document in documents if is_older(document)]
    listed = tuple(_in_list(document) for document in documents if _lists_older(document))
    if not older:
        return ConvertedText(text, (), listed)
    try:
        places = sources(text)
    except yaml.YAMLError:
        places = []
    notes: list[str] = []
    problems: list[Problem] = list(listed)
    line_end = "\r\n" if "\r\n" in text else "\n"
    for document in reversed(older):
        native, found = to_native(document)
        place = next((p for p in places if p.first <= document.mark.line <= p.last), None)
        if place is None:
            found = [*found, _unreadable(document.mark)]
        problems += found
        if place is None or any(problem.severity is Severity.ERROR for problem in found):
            continue
        layout = Layout(native)
        notes[:0] = _place_comments(layout, place, document)
        lines = layout.lines()
        text = _replace(text, place, line_end.join(lines), line_end)
    return ConvertedText(text, tuple(notes), tuple(sorted(problems)))


def _unreadable(mark: Mark) -> Problem:
    """The loader's parser and the one that finds comments disagree on the text."""
    message = "is not rewritten, as its comments cannot be told from its text: simplify its layout"
    return Problem(mark.file, mark.line, "", message)


def _replace(text: str, place: Source, written: str, line_end: str) -> str:
    head, tail = text[: place.start], text[place.end :]
    if head and head[-1] not in "\r\n\ufeff":
        head = head.rstrip(" \t") + line_end
    trailing = _NEXT_CONTENT.match(tail)
    length = trailing.end() if trailing else 0
    comments = _TRAILING_COMMENT.sub(r"\1", tail[:length])
    return head + written + comments + tail[length:]


def _place_comments(layout: Layout, place: Source, document: Map) -> list[str]:
    """Give every comment a place in ``layout``; notes on those whose field is gone."""
    paths: dict[int, list[str]] = {}
    for mark in _marks(document):
        paths.setdefault(mark.line, []).append(mark.path)
    lines = sorted(paths)
    notes = []
    for comment in place.comments:
        # A line without a field of its own (a closing bracket) belongs to the field before it.
        line = lines[max(bisect_right(lines, comment.target) - 1, 0)]
        if not layout.attach(comment, line, paths[line]):
            said = comment.text.lstrip("# \t")
            layout.head.append(f"# {paths[line][0]}: {said}")
            place_now = f"comment of {paths[line][0]} is at the top of the document now"
            notes.append(f"{document.mark.file}:{comment.line}: the {place_now}: {said}")
    return notes


def _marks(value: object) -> Iterator[Mark]:
    """The places of all fields and items in ``value``, in the order of the file."""
    if isinstance(value, Map):
        for key, item in value.items():
            yield value.mark_of(key)
            yield from _marks(item)
    elif isinstance(value, Seq):
        for index, item in enumerate(value):
            yield value.mark_of(index)
            yield from _marks(item)
