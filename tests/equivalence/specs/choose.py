"""What all generators of specs draw with: choices, texts, labels, references to Secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.equivalence.generated_objects import TRICKY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Fields = dict[str, Any]
    Maker = Callable[["Choose"], Any]

__all__ = [
    "IMAGES",
    "Choose",
    "absent",
    "annotation_map",
    "label_map",
    "secret",
    "text",
]


class Choose:
    """Draws from Hypothesis; everything shrinks to what stands first, and to leaving out."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def one(self, values: Sequence[Any]) -> Any:
        return values[self.draw(st.integers(0, len(values) - 1))]

    def some(self, values: Sequence[Any], most: int = 3) -> list[Any]:
        """Up to ``most`` of ``values``, each once, in their order."""
        places = st.sets(st.integers(0, len(values) - 1), max_size=most)
        return [values[place] for place in sorted(self.draw(places))]

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def fields(self, percent: int, **makers: Maker) -> Fields:
        """Each field with that chance."""
        return {key: make(self) for key, make in makers.items() if self.chance(percent)}


DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGES = [
    "app:1",
    "app:2",
    "app",
    "reg.example:5000/shop/app:1.0",
    "reg.example:5000/shop/app:1.1",
    "reg.example:5000/shop/app",
    "jp.icr.io/app:1",
    "jpxicr.io/app:1",
    f"app@{DIGEST}",
    f"app:3@{DIGEST}",
    "other:1e3",
]
LABELS = ["x", "y", "1", "on", "", "08", "1e3", "2024-01-02", "true"]
KEYS = ["a", "on", "example.com/owner", "app.kubernetes.io/part-of"]


def absent(*fields: str) -> Fields:
    """Null for each: whatever is inherited does not hold."""
    return dict.fromkeys(fields)


def secret(name: str = "shop", key: str = "password") -> Fields:
    return {"secretKeyRef": {"name": name, "key": key}}


def text(choose: Choose) -> str:
    found: str = choose.one(TRICKY)
    return found


def label_map(choose: Choose) -> Fields:
    return {key: choose.one(LABELS) for key in choose.some(KEYS)}


def annotation_map(choose: Choose) -> Fields:
    return {key: text(choose) for key in choose.some(KEYS)}
