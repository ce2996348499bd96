"""YAML as every reader understands it: YAML 1.1, YAML 1.2 and both of kustomize's parsers.

Kustomize (v5.8.2) reads resources and strategic-merge patches much like YAML 1.2, and JSON 6902
patches and ``kustomization.yaml`` like YAML 1.1, with peculiarities of its own (``08`` is 8,
``2024-1-2`` a time stamp). So a string stands plain only where none of them could see something
else in it. The layout is kubectl's: block style, sequences not indented under their key.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Commented", "comment", "dump", "dump_all", "is_plain", "is_writable"]

_UNWRITABLE = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Kustomize fails on these or changes them, however they are written."""

_NOT_RAW = re.compile("[\x00-\x08\x0b-\x1f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Must be escaped: not allowed in YAML, read as line breaks, or able to reorder what is shown."""

_PLAIN = re.compile(
    r"(?:[A-Za-z0-9_./$(^\\+]|-(?! |\Z))"  # no indicator comes first
    r"(?:[!-9;-~]|:(?! |\Z)| (?![ #]|\Z))*"  # no comment, no key, no space at the end
)
_SOMETHING_ELSE = re.compile(
    r"""
      (?: y | n | yes | no | on | off | true | false | null )
    | (?=[-+.0-9]) [-+]? [0-9_]*+ (?: \. [0-9_]*+ )? (?: e [-+]? [0-9_]* )?  # 08 1_0 .5 1e3 -
    | [-+]? [0_]+ [xob] [0-9a-f_]*                      # 0x1F 0o14 0b11
    | [-+]? [0-9_]+ (?: : [0-9_]+ )+ (?: \. [0-9_]* )?  # 12:30:45
    | [-+]? \. (?: inf | nan )
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} (?: [t\ ] .* )?  # 2024-1-2
    | (?: --- | \.\.\. ) .*                               # document marks
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LONGEST_KEY = 1000
"""Readers take 1,024 characters before a colon; kustomize fails on more even after a ``?``."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_TO_ESCAPE = re.compile(f'["\\\\\n\t]|{_NOT_RAW.pattern}')
_NOT_IN_SINGLE_QUOTES = re.compile(f"['\n\t]|{_NOT_RAW.pattern}")


class Commented(dict[str, Any]):
    """A map that stands in a list with a line of comment above it, and else is a map like any."""

    __slots__ = ("comment",)

    def __init__(self, items: Mapping[str, Any], comment: str) -> None:
        super().__init__(items)
        self.comment = comment


def is_writable(text: str) -> bool:
    """Whether ``text`` survives YAML and kustomize.

    It does not with U+007F to U+009F (kustomize fails, or turns U+0085 into a space), U+FFFE,
    U+FFFF and lone surrogates. Observed on kustomize v5.8.2 and v5.5.0.
    """
    return _UNWRITABLE.search(text) is None


def is_plain(text: str) -> bool:
    """Whether ``dump`` writes ``text`` without quotes and on one line."""
    return _inline(text) == text


def comment(text: str) -> str:
    """``text`` as one comment line with its line end; a line break in it cannot end the comment."""
    shown = re.sub(f"\n|{_NOT_RAW.pattern}|{_UNWRITABLE.pattern}", "?", text)
    return f"# {shown}".rstrip() + "\n"


def dump(value: Any) -> str:
    """One YAML document, with its line end and without a document mark.

    Args:
        value: dicts with string keys (their order is kept), lists, strings, integers from -2^63 to
            2^64-1, finite floats, booleans and None; the same object may appear in several places.

    Raises:
        ValueError: a string (``is_writable``), a number or a key of over 1,000 characters in it
            would not be read back the same.
        TypeError: something in it is of another type.
    """
    if isinstance(value, dict | list | tuple) and value:
        return _item(value, "") + "\n"
    return _scalar(value, "  ") + "\n"


def dump_all(documents: Iterable[Any]) -> str:
    """A YAML file of several documents, with ``---`` between them; errors as of ``dump``."""
    return "---\n".join(map(dump, documents))


def _mapping(value: dict[Any, Any], indent: str) -> str:
    return "\n".join(
        [f"{indent}{_key(key)}:{_after_key(item, indent)}" for key, item in value.items()]
    )


def _sequence(value: list[Any] | tuple[Any, ...], indent: str) -> str:
    inner = indent + "  "
    return "\n".join([f"{_above(item, indent)}{indent}- {_item(item, inner)}" for item in value])


def _above(item: Any, indent: str) -> str:
    return indent + comment(item.comment) if isinstance(item, Commented) else ""


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be a string, not {key!r}")
    text = _inline(key)
    if len(text) > _LONGEST_KEY:
        raise ValueError(f"the key {key[:40]!r}... is too long: {len(key)} characters")
    return text


def _after_key(value: Any, indent: str) -> str:
    if value and isinstance(value, dict):
        return "\n" + _mapping(value, indent + "  ")
    if value and isinstance(value, list | tuple):
        return "\n" + _sequence(value, indent)
    return " " + _scalar(value, indent + "  ")


def _item(value: Any, indent: str) -> str:
    """``value`` at ``indent``, whose first line stands where the indentation is already written."""
    if value and isinstance(value, dict):
        return _mapping(value, indent)[len(indent) :]
    if value and isinstance(value, list | tuple):
        return _sequence(value, indent)[len(indent) :]
    return _scalar(value, indent)


def _scalar(value: Any, indent: str) -> str:
    """A leaf or an empty collection; ``indent`` is where the lines of a literal block stand."""
    if isinstance(value, str):
        return _literal(value, indent) if _fits_literal(value) else _inline(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    raise TypeError(f"{type(value).__name__} has no place in YAML: {value!r}")


def _number(value: float) -> str:
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise ValueError("an integer beyond 64 bits is rounded by Kubernetes")
        return int.__repr__(value)
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that Kubernetes knows")
    text = float.__repr__(value)
    # YAML 1.1 wants a point in a number with an exponent.
    return text if "." in text else text.replace("e", ".0e")


def _fits_literal(text: str) -> bool:
    """Whether a literal block shows ``text`` exactly, without trailing spaces or an indent mark."""
    return (
        "\n" in text
        and text[0] not in "\n \t"
        and not text.endswith("\n\n")
        and " \n" not in text
        and "\t\n" not in text
        and text[-1] not in " \t"
        and is_writable(text)
        and _NOT_RAW.search(text) is None
    )


def _literal(text: str, indent: str) -> str:
    mark, body = ("|", text[:-1]) if text.endswith("\n") else ("|-", text)
    lines = [indent + line if line else "" for line in body.split("\n")]
    return "\n".join([mark, *lines])


@lru_cache(maxsize=8192)
def _short(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _SOMETHING_ELSE.fullmatch(text):
        return text
    if not is_writable(text):
        raise ValueError(f"{text!r} has a character that does not survive kustomize")
    if '"' in text and not _NOT_IN_SINGLE_QUOTES.search(text):
        return f"'{text}'"
    return '"' + _TO_ESCAPE.sub(_escape, text) + '"'


def _inline(text: str) -> str:
    """``text`` on one line: plain where that is safe, else quoted."""
    # Only what recurs is worth remembering: keys, names and the like.
    return _short(text) if len(text) <= 128 else _short.__wrapped__(text)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    known = _ESCAPES.get(char)
    if known:
        return known
    return f"\\x{ord(char):02x}" if char < "\x80" else f"\\u{ord(char):04x}"
