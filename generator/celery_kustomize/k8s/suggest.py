"""Helpers of messages: the nearest known name ("did you mean"), and text in quotes."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "quote", "suggest"]

_LONGEST = 64


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The name in ``known`` that ``name`` was most likely meant to be; None when none is near.

    Case, ``_`` and ``-`` do not count (``image_pull_policy`` is ``imagePullPolicy``). Otherwise
    one edit in three characters is allowed, an exchange of neighbours being one edit. Of equally
    near names the first wins. Names above 64 characters get no suggestion.
    """
    wanted = _fold(name)
    best: str | None = None
    best_distance = max(1, len(wanted) // 3) + 1
    if not wanted or len(wanted) > _LONGEST:
        return None
    letters = frozenset(wanted)
    for candidate in known:
        folded, candidate_letters = _folded(candidate)
        if abs(len(folded) - len(wanted)) >= best_distance:
            continue
        # One edit exchanges at most two letters: most names need no closer look.
        if len(letters ^ candidate_letters) > 2 * (best_distance - 1):
            continue
        distance = _distance(wanted, folded)
        if distance < best_distance and distance < len(folded):
            best, best_distance = candidate, distance
    return best


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean "concurrency"?`` to append to a message; empty when no name is near."""
    found = suggest(name, known)
    return f"; did you mean {quote(found)}?" if found is not None else ""


def quote(text: str) -> str:
    """``text`` in double quotes, control characters escaped, cut after 64 characters."""
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    quoted = json.dumps(shown, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in quoted)


def _fold(name: str) -> str:
    return name[: _LONGEST * 2].replace("_", "").replace("-", "").lower()


@lru_cache(maxsize=4096)
def _folded(known: str) -> tuple[str, frozenset[str]]:
    folded = _fold(known)
    return folded, frozenset(folded)


def _distance(left: str, right: str) -> int:
    """Edits from ``left`` to ``right``, neighbours exchanged counting one (optimal alignment)."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]
