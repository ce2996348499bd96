"""Regular expressions as Go reads them, matched whole, in time linear in the text. Pure: no I/O.

The targets of kustomize's patches are such expressions, and they are the user's: Python's own
engine takes for ever on some. So they become a machine all of whose states are followed at once,
as in Go's ``regexp``. Syntax: Go's ``regexp/syntax`` but for what no object's name needs: flags,
named classes, word borders and characters by number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from celery_kustomize.k8s.suggest import quote

__all__ = ["Expression", "ExpressionError", "expression"]

_MAX_LENGTH = 1000
_MAX_DEPTH = 50
_MAX_REPEAT = 1000
_MAX_STATES = 20_000

_REPEAT = re.compile(r"(?:[*+?]|\{([0-9]+)(,?)([0-9]*)\})")
_LAZY = re.compile(r"\??")
_GROUP = re.compile(r"\((?:\?:|\?P?<\w+>)?")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\\[]|\\[-\]\[\\^.dDwWsS])*\]")
_ESCAPE = re.compile(r"\\(?:[dDwWsS]|[^\w\s])", re.ASCII)
_LITERAL = re.compile(r"[-\w/:]+", re.ASCII)
_BOUNDS = {"*": (0, None), "+": (1, None), "?": (0, 1)}

_Test: TypeAlias = Callable[[str], object]


class ExpressionError(ValueError):
    """The expression is wrong, or beyond what is understood here; the text says why."""


@dataclass(slots=True, eq=False)
class _State:
    """One state: a character that passes ``test`` leads to ``then``; without a test, nothing does.

    ``edge`` is "^" or "$" where the state can only be passed at that end of the text.
    """

    test: _Test | None = None
    edge: str | None = None
    then: list[_State] = field(default_factory=list)


_Build: TypeAlias = Callable[[_State], _State]
"""Makes the states of a part of an expression in front of a state; the answer is the first one."""


class Expression:
    """An expression that may be asked whether it matches a whole text."""

    def __init__(self, literal: str | None, start: _State, end: _State) -> None:
        self._literal = literal
        self._start = start
        self._end = end

    def matches(self, text: str) -> bool:
        """Whether the expression, from ``^`` to ``$``, matches ``text``."""
        if self._literal is not None:
            return text == self._literal
        states = _passed([self._start], 0, len(text))
        for place, character in enumerate(text, 1):
            led = [
                after
                for state in states
                if state.test is not None and state.test(character)
                for after in state.then
            ]
            states = _passed(led, place, len(text))
        return self._end in states


def _passed(states: Iterable[_State], place: int, length: int) -> set[_State]:
    """``states`` and all that are reached from them without a character."""
    found: set[_State] = set()
    waiting = list(states)
    while waiting:
        state = waiting.pop()
        if state in found:
            continue
        found.add(state)
        at_edge = state.edge is None or place == (0 if state.edge == "^" else length)
        if state.test is None and at_edge:
            waiting += state.then
    return found


@lru_cache(maxsize=256)
def expression(text: str) -> Expression:
    """The machine for ``text``.

    Raises:
        ExpressionError: Go refuses the expression, or it is beyond what is understood here.
    """
    if len(text) > _MAX_LENGTH:
        raise ExpressionError(f"it is longer than {_MAX_LENGTH} characters")
    parser = _Parser(text)
    build = parser.choice(0)
    if parser.rest:
        raise ExpressionError('a ")" has no "(" before it')
    end = _State()
    return Expression(text if _LITERAL.fullmatch(text) else None, build(end), end)


class _Parser:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self._states = 0

    def choice(self, depth: int) -> _Build:
        if depth > _MAX_DEPTH:
            raise ExpressionError("it has too many groups inside each other")
        choices = [self._sequence(depth)]
        while self._take("|"):
            choices.append(self._sequence(depth))
        if len(choices) == 1:
            return choices[0]
        return lambda after: self._state(then=[build(after) for build in choices])

    def _sequence(self, depth: int) -> _Build:
        parts: list[_Build] = []
        while self.rest and self.rest[0] not in "|)":
            parts.append(self._repeated(self._atom(depth)))

        def build(after: _State) -> _State:
            for part in reversed(parts):
                after = part(after)
            return after

        return build

    def _repeated(self, part: _Build) -> _Build:
        found = self._match(_REPEAT)
        if found is None:
            return part
        self._match(_LAZY)
        if again := self._match(_REPEAT):
            raise ExpressionError(f"{quote(found[0] + again[0])} repeats a repetition")
        least, most = _bounds(found)

        def build(after: _State) -> _State:
            first = after
            if most is None:
                first = self._state()
                first.then = [part(first), after]
            for _ in range(least, most or least):
                first = self._state(then=[part(first), after])
            for _ in range(least):
                first = part(first)
            return first

        return build

    def _atom(self, depth: int) -> _Build:
        if self.rest[0] in "*+?" or _REPEAT.match(self.rest):
            raise ExpressionError(f"there is nothing before {quote(self.rest[0])} to repeat")
        if self._take("^"):
            return lambda after: self._state(edge="^", then=[after])
        if self._take("$"):
            return lambda after: self._state(edge="$", then=[after])
        if self.rest[0] == "(":
            return self._group(depth)
        test = self._test()
        return lambda after: self._state(test=test, then=[after])

    def _group(self, depth: int) -> _Build:
        group = self._match(_GROUP)
        if group is None or self.rest.startswith("?"):
            raise ExpressionError(f"{quote('(' + self.rest[:3])} is not understood here")
        build = self.choice(depth + 1)
        if not self._take(")"):
            raise ExpressionError('a ")" is missing')
        return build

    def _test(self) -> _Test:
        """What one character has to pass; only here Python's own engine is at work."""
        first = self.rest[0]
        if first == "[":
            text = self._known(_CLASS)
            if "[[" in text:
                raise ExpressionError(f"{quote(text)} is not understood here")
        elif first == "\\":
            text = self._known(_ESCAPE)
        else:
            self._take(first)
            text = first if first == "." else re.escape(first)
        try:
            return re.compile(text, re.ASCII).fullmatch
        except re.error as error:
            raise ExpressionError(f"{quote(text)}: {error.msg}") from None

    def _known(self, pattern: re.Pattern[str]) -> str:
        found = self._match(pattern)
        if found is None:
            raise ExpressionError(f"{quote(self.rest[:8])} is wrong, or not understood here")
        return found[0]

    def _take(self, text: str) -> bool:
        taken = self.rest.startswith(text)
        if taken:
            self.rest = self.rest[len(text) :]
        return taken

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.rest)
        if found is not None:
            self.rest = self.rest[found.end() :]
        return found

    def _state(
        self,
        test: _Test | None = None,
        edge: str | None = None,
        then: Iterable[_State] = (),
    ) -> _State:
        self._states += 1
        if self._states > _MAX_STATES:
            raise ExpressionError("it repeats too much")
        return _State(test, edge, list(then))


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    if found[0] in _BOUNDS:
        return _BOUNDS[found[0]]
    least, comma, most = found.groups()
    bounds = int(least[:5]), None if comma and not most else int((most or least)[:5])
    if bounds[0] > _MAX_REPEAT or (
        bounds[1] is not None and not bounds[0] <= bounds[1] <= _MAX_REPEAT
    ):
        raise ExpressionError(f"{found[0]} is no number of times")
    return bounds
