"""Bytes to text, and libyaml's syntax errors in words that tell what to change. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celery_kustomize.k8s.suggest import quote

if TYPE_CHECKING:
    import yaml

__all__ = ["UnreadableError", "decode", "explain", "unfit_character"]

_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_LINE_BREAK = re.compile(r"\r\n|[\r\n]")
_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_NO_SPACE = re.compile(r"""\s*(?:"[^"]*"|'[^']*'):\S""")
# Controls are not YAML. U+0085, U+2028 and U+2029 end a line for YAML 1.1 readers but for no
# editor, and a byte order mark inside a file is invisible: what follows would not be what is seen.
_NOT_RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# Even when quoted: kustomize v5.8.2 prints them raw and then cannot read them, or changes U+0085.
_NOT_IN_VALUES = re.compile("[\x7f-\x9f\ufffe\uffff]")


class UnreadableError(ValueError):
    """The text is not YAML that can be read. ``line`` counts from 1; the message tells why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def decode(data: bytes) -> str:
    """The text of a YAML file, without its byte order mark.

    Raises:
        UnreadableError: the bytes are not UTF-8, or hold a character that YAML does not allow.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            raise UnreadableError(0, f"is {name} text: save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_of(data[: error.start].decode("utf-8", "replace"))
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8 text: save the file as UTF-8"
        raise UnreadableError(line, message) from None
    if found := _NOT_RAW.search(text):
        line = _line_of(text[: found.start()])
        message = f"the character {_name(found[0])} is not allowed here: remove it"
        raise UnreadableError(line, message)
    return text


def unfit_character(text: str) -> str | None:
    """The name (``U+007F``) of a character in ``text`` that kustomize would fail on or change."""
    found = _NOT_IN_VALUES.search(text)
    return _name(found[0]) if found else None


def explain(error: yaml.MarkedYAMLError, text: str) -> UnreadableError:
    """What libyaml's ``error`` about ``text`` means for who wrote it, with the line to look at."""
    lines = _LINE_BREAK.split(text.rstrip())  # what is missing at the end, is in the last line
    at_end = _mark_line(error.problem_mark) > len(lines)
    here = min(_mark_line(error.problem_mark), len(lines))
    began = min(_mark_line(error.context_mark) or here, here)
    problem, context = error.problem or "", error.context or ""
    shown, opened = lines[here - 1], lines[began - 1]
    if conflict := _CONFLICT.search(text):
        line = _line_of(text[: conflict.start()])
        message = "an unresolved merge conflict: choose one side and remove the markers"
        return UnreadableError(line, message)
    if special := _special(shown, opened, problem):
        return UnreadableError(here, special)
    for part, message, at_begin in _MEANINGS:
        if part in problem or part in context:
            character = _character("" if at_end else shown, error.problem_mark)
            line = began if at_begin else here
            return UnreadableError(line, message.format(began=began, character=character))
    return UnreadableError(here, f"not readable as YAML: {problem or context}")


def _special(shown: str, opened: str, problem: str) -> str | None:
    """What the lines themselves give away, whatever libyaml made of them."""
    indentation = shown[: len(shown) - len(shown.lstrip())]
    if "\t" in indentation or "tab" in problem.split():
        return "a tab in the indentation: YAML allows only spaces there"
    if any(mark in line for line in (shown, opened) for mark in ("{{", "{%")):
        return 'a template ("{{ ... }}") is not YAML: render it first, or quote the value'
    if _NO_SPACE.match(shown):
        return 'a space is missing after the ":"'
    return None


# (part of libyaml's problem or context, what to say, at the place where the construct began)
_MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (
        "mapping values are not allowed",
        'a ":" is not expected here: check the indentation, and quote a value that contains ": "',
        False,
    ),
    (
        "could not find expected ':'",
        'not a "key: value": check the ":" and the indentation, and quote a text of several lines',
        True,
    ),
    (
        "block sequence entries are not allowed",
        'a list item ("- ") is not expected here: begin the list on a line of its own',
        False,
    ),
    (
        "mapping keys are not allowed",
        '"? " is not expected here: quote a text that begins with it',
        False,
    ),
    (
        "cannot start any token",
        "{character} cannot begin a value: quote the text",
        False,
    ),
    ("unexpected end of stream", "the quote that opens here is never closed", True),
    ("unexpected document indicator", "the quote that opens here is never closed", True),
    (
        "unknown escape character",
        "a backslash in double quotes begins an escape, and this one is unknown:"
        ' write "\\\\" for a backslash, or use single quotes',
        False,
    ),
    (
        "hexdecimal number",
        "the escape in double quotes needs hexadecimal digits (\\x41, \\u3042):"
        ' write "\\\\" for a backslash, or use single quotes',
        False,
    ),
    (
        "invalid Unicode character escape",
        "this escape is not a character: write the character itself"
        " (pairs such as \\ud83d\\ude00 are JSON, not YAML)",
        False,
    ),
    (
        "while scanning a block scalar",
        'after "|" or ">" the text begins on the next line, indented',
        False,
    ),
    (
        "expected '-' indicator",
        'a list item ("- ") is expected here, not {character}: check the indentation;'
        " the list began in line {began}",
        False,
    ),
    (
        "did not find expected key",
        'a "key: value" is expected here, not {character}: check the indentation and quotes;'
        " the map began in line {began}",
        False,
    ),
    ("expected ',' or ']'", 'a "," or "]" is missing: the list began in line {began}', False),
    ("expected ',' or '}'", 'a "," or "}}" is missing: the map began in line {began}', False),
    ("expected node content", "a value is expected here, not {character}", False),
    (
        "expected <document start>",
        'a document ended above: check the indentation, or begin a new one with "---"',
        False,
    ),
    (
        "while scanning an anchor",
        '"&" begins a YAML anchor: quote a text that begins with it',
        False,
    ),
    ("while scanning an alias", '"*" begins a YAML alias: quote a text that begins with it', False),
    ("tag", '"!" begins a YAML tag: quote a text that begins with it', False),
    (
        "directive",
        'a line that begins with "%" is a YAML directive: remove it, or indent it',
        False,
    ),
    ("incompatible YAML document", "write YAML 1.2: remove the %YAML line", False),
)


def _mark_line(mark: yaml.Mark | None) -> int:
    return mark.line + 1 if mark is not None else 0


def _character(line: str, mark: yaml.Mark | None) -> str:
    column = mark.column if mark is not None else len(line)
    return quote(line[column]) if column < len(line) else "the end"


def _line_of(before: str) -> int:
    return len(_LINE_BREAK.findall(before)) + 1


def _name(character: str) -> str:
    return f"U+{ord(character):04X}"
