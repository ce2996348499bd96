"""The comments of a YAML text, and the place of each document in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Comment", "Source", "sources"]

_BREAKS = "\r\n\x85\u2028\u2029"
_COMMENT = re.compile(f"#[^{_BREAKS}]*")
_BLOCK_HEADER = re.compile(f"[|>][-+0-9]*[ \t]+(#[^{_BREAKS}]*)")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment.

    ``line`` is where it stands, from 1. ``target`` is the line of the content that it is about:
    its own line's (``position`` "beside"), the next ("before"), or the last before it ("after",
    when it is indented deeper than what follows). ``text`` begins with "#".
    """

    text: str
    line: int
    target: int
    position: str


@dataclass(slots=True)
class Source:
    """One document's content: from its first to after its last character, and its comments.

    ``start`` and ``end`` are offsets in the text, both at line bounds where the lines hold nothing
    else; ``first`` and ``last`` are its lines, from 1. ``comments`` are those between them.
    """

    start: int
    end: int
    first: int
    last: int
    comments: list[Comment] = field(default_factory=list)


def sources(text: str) -> list[Source]:
    """The documents of ``text`` that hold something.

    Raises:
        yaml.YAMLError: ``text`` is not YAML.
    """
    result = []
    tokens: list[yaml.Token] = []
    for token in yaml.scan(text):
        if isinstance(token, yaml.DocumentStartToken | yaml.DocumentEndToken | yaml.StreamEndToken):
            if tokens:
                result.append(_source(text, tokens))
            tokens = []
        elif _holds_text(token):
            tokens.append(token)
    return result


def _holds_text(token: yaml.Token) -> bool:
    empty = token.end_mark.index == token.start_mark.index
    return not empty and not isinstance(token, yaml.DirectiveToken)


def _source(text: str, tokens: list[yaml.Token]) -> Source:
    start, last = tokens[0].start_mark, tokens[-1].end_mark
    end = len(text[: last.index].rstrip())
    while end < len(text) and text[end] not in _BREAKS:
        end += 1
    begin = start.index - start.column
    if text[begin : start.index].strip(" "):
        begin = start.index
    found = Source(begin, end, start.line + 1, start.line + 1)
    found.comments = list(_comments(text, tokens, end))
    found.last = found.first + _lines(text[start.index : end])
    return found


def _lines(text: str) -> int:
    return len(re.findall(f"\r\n|[{_BREAKS}]", text))


def _comments(text: str, tokens: list[yaml.Token], end: int) -> Iterator[Comment]:
    columns: dict[int, int] = {}
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        first, last = token.start_mark, token.end_mark
        columns.setdefault(first.line + 1, first.column)
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            header = _BLOCK_HEADER.match(text, first.index)
            if header:
                yield Comment(header[1].rstrip(), first.line + 1, first.line + 1, "beside")
        gap = text[last.index : following.start_mark.index if following else end]
        yield from _gap(gap, last, following, columns)


def _gap(
    gap: str, last: yaml.Mark, following: yaml.Token | None, columns: dict[int, int]
) -> Iterator[Comment]:
    """The comments in what stands between two tokens: blanks, line breaks and comments.

    ``columns`` has the column of the first token in each line up to here.
    """
    for match in _COMMENT.finditer(gap):
        before = gap[: match.start()]
        line = last.line + 1 + _lines(before)
        comment = match[0].rstrip()
        # A block scalar ends at the start of a line: nothing stands before its next comment.
        own_line = line > last.line + 1 or last.column == 0
        if not own_line:
            yield Comment(comment, line, line, "beside")
            continue
        column = len(re.split(f"[{_BREAKS}]", before)[-1])
        if following is None or column > following.start_mark.column:
            lines = (each for each, at in reversed(columns.items()) if at <= column)
            yield Comment(comment, line, next(lines, last.line), "after")
        else:
            yield Comment(comment, line, following.start_mark.line + 1, "before")
