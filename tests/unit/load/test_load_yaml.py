"""load.yaml: values with their places, clear errors, bounded cost."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.errors import Problem
from celery_kustomize.load.limits import Budget
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, Mark, Seq, plain


def read(text: str | bytes) -> tuple[list[Map], list[str]]:
    data = text.encode() if isinstance(text, str) else text
    documents, problems = parse(data, "shop.yaml")
    return documents, [str(problem) for problem in problems]


def value_of(text: str) -> Any:
    """The value of the key ``v`` of the one document."""
    documents, problems = read(text)
    assert problems == []
    assert len(documents) == 1
    return documents[0]["v"]


SPEC = """\
# a comment
apiVersion: celeryproject.org/v1beta1
metadata:
  labels: {app.kubernetes.io/part-of: shop}
spec:
  workers:
  - name: default
    queues: [a, b]   # here
  - replicas: 2
  volumeMounts:
  - mountPath: /data
"""


class TestPlaces:
    def test_of_keys_and_items(self) -> None:
        (document,), _ = read(SPEC)
        spec = document["spec"]
        workers = spec["workers"]
        places = [
            document.mark,
            document.mark_of("apiVersion"),
            document["metadata"]["labels"].mark_of("app.kubernetes.io/part-of"),
            spec.mark,
            spec.mark_of("workers"),
            workers.mark,
            workers.mark_of(0),
            workers[0].mark,
            workers[0].mark_of("queues"),
            workers[0]["queues"].mark_of(1),
            workers[1].mark_of("replicas"),
            spec["volumeMounts"].mark_of(0),
        ]
        assert places == [
            Mark("shop.yaml", line, path)
            for line, path in [
                (2, ""),
                (2, "apiVersion"),
                (4, "metadata.labels[app.kubernetes.io/part-of]"),
                (6, "spec"),
                (6, "spec.workers"),
                (7, "spec.workers"),
                (7, "spec.workers[default]"),
                (7, "spec.workers[default]"),
                (8, "spec.workers[default].queues"),
                (8, "spec.workers[default].queues[1]"),
                (9, "spec.workers[1].replicas"),
                (11, "spec.volumeMounts[/data]"),
            ]
        ]

    def test_of_documents_and_windows_line_ends(self) -> None:
        documents, problems = read("a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\nc: 2\r\n")
        assert problems == []
        assert documents == [{"a": 1}, {"b": "x\ny\n", "c": 2}]
        assert documents[1].mark_of("c").line == 6

    def test_of_aliased_values_the_line_is_where_they_are_written(self) -> None:
        (document,), _ = read("base: &b\n  cpu: 1\nother:\n- name: x\n  limits: *b\n")
        limits = document["other"][0]["limits"]
        assert limits.mark_of("cpu") == Mark("shop.yaml", 2, "other[x].limits.cpu")
        assert document["base"].mark_of("cpu") == Mark("shop.yaml", 2, "base.cpu")


class TestValues:
    def test_quotes_make_text(self) -> None:
        assert value_of("v: ['5', \"null\", '']") == ["5", "null", ""]
        assert value_of("v: |-\n  5") == "5"

    def test_words_are_read_as_kustomize_does(self) -> None:
        assert value_of("v: [on, 014, 1e3, ~, TRUE, 12:30]") == [
            "on",
            12,
            1000.0,
            None,
            True,
            "12:30",
        ]

    def test_tags(self) -> None:
        assert value_of('v: [!!str 5, !!int "5", !!seq [], !!map {}]') == ["5", 5, [], {}]

    def test_a_byte_order_mark_at_the_start(self) -> None:
        assert read(b"\xef\xbb\xbfa: 1")[0] == [{"a": 1}]

    def test_empty_documents_are_skipped(self) -> None:
        assert read("---\n# nothing\n---\n\n---\na: 1\n---\nnull\n...\n") == ([{"a": 1}], [])
        assert read("") == ([], [])

    def test_escapes_of_controls_are_kept(self) -> None:
        assert value_of(r'v: "\x00\x01\e\u2028\ufeff"') == "\0\x01\x1b\u2028\ufeff"


class TestMergeKeys:
    def test_own_keys_win_then_the_first_source(self) -> None:
        text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nv:\n  <<: [*a, *b]\n  x: 3\n"
        value = value_of(text)
        assert list(value.items()) == [("x", 3), ("y", 1), ("z", 2)]
        assert value.mark_of("x") == Mark("shop.yaml", 5, "v.x")
        assert value.mark_of("z") == Mark("shop.yaml", 2, "v.z")

    def test_a_merged_map_may_merge(self) -> None:
        assert value_of("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nv: {<<: *b}") == {"x": 1, "y": 2}

    def test_a_quoted_key_is_an_ordinary_one(self) -> None:
        assert value_of('v: {"<<": {a: 1}}') == {"<<": {"a": 1}}

    @pytest.mark.parametrize("value", ["5", "[5]", "[[{a: 1}]]"])
    def test_only_maps_can_be_merged(self, value: str) -> None:
        assert read(f"v:\n  <<: {value}") == (
            [],
            [
                'shop.yaml:2: v[<<]: merges a map or a list of maps ("<<: *name");'
                " quote the key otherwise"
            ],
        )


def key_expected(found: str) -> str:
    return (
        f'a "key: value" is expected here, not "{found}":'
        " check the indentation and quotes; the map began in line 1"
    )


class TestSyntaxErrors:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (
                "a: b: c",
                '1: a ":" is not expected here: check the indentation,'
                ' and quote a value that contains ": "',
            ),
            (
                "foo\nbar: 1",
                '2: a ":" is not expected here: check the indentation,'
                ' and quote a value that contains ": "',
            ),
            (
                "a: 1\nb\nc: 1",
                '2: not a "key: value": check the ":" and the indentation,'
                " and quote a text of several lines",
            ),
            ('x: 1\na: "x', "2: the quote that opens here is never closed"),
            ("a: 'x\n---\n", "1: the quote that opens here is never closed"),
            ("a:\n\tb: 1", "2: a tab in the indentation: YAML allows only spaces there"),
            ("a: |\n\tb", "2: a tab in the indentation: YAML allows only spaces there"),
            ("a: @x", '1: "@" cannot begin a value: quote the text'),
            ("a: %x", '1: "%" cannot begin a value: quote the text'),
            ("a: *.py", '1: "*" begins a YAML alias: quote a text that begins with it'),
            ("a: &.py", '1: "&" begins a YAML anchor: quote a text that begins with it'),
            ("a: !x!y z", '1: "!" begins a YAML tag: quote a text that begins with it'),
            (
                "a: *b",
                "1: the alias *b has no anchor &b above it: quote a text that begins with *",
            ),
            ("a: &b [*b]", "1: the alias *b stands inside what it stands for"),
            ("a: [1,\n2", '2: a "," or "]" is missing: the list began in line 1'),
            ("a: {b: 1\nc: d", '2: a "," or "}" is missing: the map began in line 1'),
            (
                "- a\nb: c",
                '2: a list item ("- ") is expected here, not "b":'
                " check the indentation; the list began in line 1",
            ),
            ("a: 1\n- b", "2: " + key_expected("-")),
            ("a: [b]]", "1: " + key_expected("]")),
            ("a: ]", '1: a value is expected here, not "]"'),
            (
                "a: - b",
                '1: a list item ("- ") is not expected here: begin the list on a line of its own',
            ),
            (
                "a: ? b",
                '1: "? " is not expected here: quote a text that begins with it',
            ),
            ("a: |x", '1: after "|" or ">" the text begins on the next line, indented'),
            (
                r'a: "\d"',
                "1: a backslash in double quotes begins an escape, and this one is unknown:"
                r' write "\\" for a backslash, or use single quotes',
            ),
            (
                r'a: "\xzz"',
                r"1: the escape in double quotes needs hexadecimal digits (\x41, \u3042):"
                r' write "\\" for a backslash, or use single quotes',
            ),
            (
                r'a: "\ud83d\ude00"',
                "1: this escape is not a character: write the character itself"
                r" (pairs such as \ud83d\ude00 are JSON, not YAML)",
            ),
            ('"a":1', '1: a space is missing after the ":"'),
            (
                "%x\n---\na: 1",
                '1: a line that begins with "%" is a YAML directive: remove it, or indent it',
            ),
            ("%YAML 3.0\n---\na: 1", "1: write YAML 1.2: remove the %YAML line"),
            (
                "a: {{ .Values.x }} y",
                '1: a template ("{{ ... }}") is not YAML: render it first, or quote the value',
            ),
            (
                "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n",
                "2: an unresolved merge conflict: choose one side and remove the markers",
            ),
        ],
    )
    def test_messages(self, text: str, problem: str) -> None:
        assert read(text) == ([], [f"shop.yaml:{problem}"])

    def test_documents_before_it_are_read(self) -> None:
        documents, problems = read("a: 1\n---\nb: [\n")
        assert documents == [{"a": 1}]
        assert problems == ["shop.yaml:3: a value is expected here, not the end"]

    def test_text_after_a_document(self) -> None:
        documents, problems = read("a: 1\n...\nb: 1")
        assert documents == [{"a": 1}]
        assert problems == [
            "shop.yaml:3: a document ended above: check the indentation,"
            ' or begin a new one with "---"'
        ]


class TestRefusedText:
    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (
                b"a: 1\nb: \xff",
                "shop.yaml:2: the byte 0xff is not UTF-8 text: save the file as UTF-8",
            ),
            (
                "a: é".encode("latin-1"),
                "shop.yaml:1: the byte 0xe9 is not UTF-8 text: save the file as UTF-8",
            ),
            ("a: 1".encode("utf-16"), "shop.yaml: is UTF-16 text: save it as UTF-8"),
            ("a: 1".encode("utf-32"), "shop.yaml: is UTF-32 text: save it as UTF-8"),
            (b"a: 1\r\nb: \0", "shop.yaml:2: the character U+0000 is not allowed here: remove it"),
            (b"# \x1b[2J", "shop.yaml:1: the character U+001B is not allowed here: remove it"),
            (
                b"a: '\x7f'",
                "shop.yaml:1: the character U+007F is not allowed here: remove it",
            ),
            (
                "# \x85a: 1".encode(),
                "shop.yaml:1: the character U+0085 is not allowed here: remove it",
            ),
            (
                "# \u2028a: 1".encode(),
                "shop.yaml:1: the character U+2028 is not allowed here: remove it",
            ),
            (
                "a: 1\n\ufeffb: 1".encode(),
                "shop.yaml:2: the character U+FEFF is not allowed here: remove it",
            ),
        ],
    )
    def test_raw(self, data: bytes, problem: str) -> None:
        assert read(data) == ([], [problem])

    @pytest.mark.parametrize("escape", [r"\x7f", r"\x85", r"\N", r"\x80", r"\uffff"])
    def test_escaped(self, escape: str) -> None:
        character = {r"\N": "U+0085"}.get(escape, f"U+{escape[2:].upper():0>4}")
        message = f"the character {character} cannot be kept: remove it"
        documents, problems = read(f'a: "{escape}"\n"{escape}": 1\n')
        assert documents == []
        assert problems[0] == f"shop.yaml:1: a: {message}"
        assert problems[1] == f"shop.yaml:2: {message}"


class TestRefusedValues:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("a: 1\nb: 2\na: 3", "3: a: given twice, first in line 1: remove one"),
            (
                "x:\n- name: y\n  'k': 1\n  k: 2",
                "4: x[y].k: given twice, first in line 3: remove one",
            ),
            ("a: {<<: {b: 1}, <<: {b: 1}}", "1: a[<<]: given twice, first in line 1: remove one"),
            ("x:\n  1: a", '2: x: the key 1 is not a text: quote it ("1")'),
            ("true: a", '1: the key true is not a text: quote it ("true")'),
            ("~: a", '1: the key ~ is not a text: quote it ("~")'),
            (".inf: a", '1: the key .inf is not a text: quote it (".inf")'),
            ("&a : 1", "1: a key is missing before the colon"),
            (
                "a: {{ x }}",
                '1: a: a map or a list cannot be a key; quote a template such as "{{ x }}"',
            ),
            (
                "? [a]\n: b",
                '1: a map or a list cannot be a key; quote a template such as "{{ x }}"',
            ),
            (
                "a:\n- .inf",
                "2: a[0]: .inf is not a number that Kubernetes can hold: quote it if it is a text",
            ),
            (
                "a: 12345678901234567890123",
                "1: a: this integer needs more than 64 bits and would be rounded:"
                " quote it if it is a text",
            ),
            (
                "a: !!binary aGk=",
                "1: a: the tag !!binary is not supported: write the value without it",
            ),
            (
                "a: !!python/object/apply:os.system [id]",
                "1: a: the tag !!python/object/apply:os.system is not supported:"
                " write the value without it",
            ),
            ("a: !env X", "1: a: the tag !env is not supported: write the value without it"),
            ("a: !!set {x}", "1: a: the tag !!set is not supported: write the value without it"),
            (
                "a: !!int x",
                "1: a: the value is not what its tag !!int says: write it without the tag",
            ),
            ("- a", "1: a list instead of an object with apiVersion, kind and metadata"),
            ("shop", "1: a single value instead of an object with apiVersion, kind and metadata"),
        ],
    )
    def test_messages(self, text: str, problem: str) -> None:
        assert read(text) == ([], [f"shop.yaml:{problem}"])

    def test_other_documents_are_read_and_all_problems_told(self) -> None:
        documents, problems = read("a: .inf\nb: .nan\n---\nc: 1\n---\n- d\n")
        assert documents == [{"c": 1}]
        assert [problem.split(":")[1] for problem in problems] == ["1", "2", "6"]

    def test_no_more_than_a_hundred_problems(self) -> None:
        _, problems = read("a: .inf\n---\n" * 500)
        assert len(problems) == 101
        assert problems[-1] == "shop.yaml: more than 100 problems: only the first ones are shown"

    def test_keys_cannot_forge_output(self) -> None:
        _, problems = read(r'"a\nshop.yaml:1: b": .inf')
        assert len(problems[0].splitlines()) == 1


NODES = "more than 200,000 keys and values"
EXPANDED = "with aliases expanded: write fewer aliases, or split the file"


def alias_bomb(levels: int) -> str:
    lines = [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, levels)]
    return "a0: &a0 [x]\n" + "".join(lines)


def merge_bomb(levels: int) -> str:
    lines = [f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, levels)]
    return "a0: &a0 {x: 1}\n" + "".join(lines)


def merge_chain(length: int) -> str:
    lines = [f"a{i}: &a{i} {{<<: *a{i - 1}}}\n" for i in range(1, length)]
    return "a0: &a0 {x: 1}\n" + "".join(lines)


def nested_aliases(levels: int) -> str:
    return "a0: &a0 {}\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, levels))


def long_paths() -> str:
    keys = "".join(f"{' ' * i}{'k' * 100}:\n" for i in range(60))
    return keys + "".join(f"{' ' * 60}a{i}: 1\n" for i in range(10_000))


class TestLimits:
    """Each input would cost minutes, gigabytes or a stack overflow without its limit."""

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("x" * (4 * 2**20 + 1), "shop.yaml: is larger than 4 MiB: split it"),
            ("a: " + "[" * 100_000, "shop.yaml:1: more than 64 maps and lists inside each other"),
            ("{" * 100_000, "shop.yaml:1: more than 64 maps and lists inside each other"),
            ("- " * 100_000, "shop.yaml:1: more than 64 maps and lists inside each other"),
            ("? " * 100_000, "shop.yaml:1: more than 64 maps and lists inside each other"),
            (
                nested_aliases(80),
                "shop.yaml:1: more than 64 maps and lists inside each other, with aliases expanded",
            ),
            ("- a\n" * 250_000, f"shop.yaml:200000: {NODES} in one file: split it"),
            (alias_bomb(30), f"shop.yaml:1: {NODES} {EXPANDED}"),
            (merge_bomb(60), f"shop.yaml:2: {NODES} {EXPANDED}"),
            (merge_chain(80), 'shop.yaml:1: more than 64 maps merged with "<<" in a row'),
            (
                f"a: &a {'x' * 1_000_000}\nb: [{'*a,' * 1000}]",
                f"shop.yaml:1: more than 32,000,000 characters {EXPANDED}",
            ),
            ("---\n" * 1_001, "shop.yaml:1001: more than 1,000 documents in one file"),
            (
                "%TAG !a! b\n" * 300_000,
                'shop.yaml: more than 16 lines begin with "%": indent or remove them',
            ),
        ],
        ids=lambda value: value[:12] if isinstance(value, str) else None,
    )
    def test_limits(self, text: str, problem: str) -> None:
        start = time.process_time()
        assert read(text) == ([], [problem])
        assert time.process_time() - start < 10

    def test_of_paths(self) -> None:
        documents, (problem,) = read(long_paths())
        assert documents == []
        assert problem.endswith(f": more than 32,000,000 characters {EXPANDED}")

    def test_nothing_is_refused_below_them(self) -> None:
        text = "a: " + "[" * 63 + "]" * 63
        assert read(text)[1] == []
        assert read("a: " + "[" * 64 + "]" * 64)[1] != []
        assert read("---\na: 1\n" * 1_000)[1] == []

    def test_a_budget_is_shared_by_files(self) -> None:
        budget = Budget(size=100, nodes=10, characters=100)
        assert parse(b"a: [1, 2]", "a.yaml", budget)[1] == []
        problem = Problem("b.yaml", 1, "", "all files together are too large: read fewer at once")
        assert parse(b"a: [1, 2, 3, 4]", "b.yaml", budget) == ([], [problem])
        problem = Problem("c.yaml", 0, "", "all files together are too large: read fewer at once")
        assert parse(b"#" * 99, "c.yaml", Budget(size=98)) == ([], [problem])


# Raw, YAML forbids these or reads them as line ends; as escapes some cannot be kept.
_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"
    )
    | st.sampled_from("\n\t\r\0\x1b"),
    max_size=20,
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_TEXT, inner, max_size=5),
    max_leaves=30,
)


def typed(value: Any) -> Any:
    """``value`` so that 1, 1.0, True and "1" differ, and every container's type shows."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value), repr(value)


@given(_JSON, st.sampled_from([None, 2]))
def test_json_means_what_it_means_to_json(value: Any, indent: int | None) -> None:
    text = json.dumps({"v": value}, ensure_ascii=False, indent=indent)
    documents, problems = parse(text.encode(), "shop.json")
    assert problems == []
    assert typed(plain(documents[0])) == typed(json.loads(text))


def check_marks(value: Any, lines: int) -> None:
    """Every key and item has a mark of this file with a line in it and a path that differs."""
    if isinstance(value, Map | Seq):
        marks = list(value.marks.values()) if isinstance(value, Map) else value.marks
        assert len(marks) == len(value)
        assert all(mark.file == "f" and 1 <= mark.line <= lines for mark in marks)
        assert all(mark.path.startswith(value.mark.path) for mark in marks)
        for item in value.values() if isinstance(value, Map) else value:
            check_marks(item, lines)
    else:
        assert isinstance(value, str | int | float | None)


_PIECES = st.one_of(
    st.sampled_from([": ", ":", "- ", "-", "? ", "\n", "\n  ", "\n    ", "\t", " ", "\r\n"]),
    st.sampled_from(["[", "]", "{", "}", ",", '"', "'", "\\", "#", "|", ">", "%", "@", "`", "{{"]),
    st.sampled_from(
        ["a", "b", "é", "~", "1", ".inf", "0x1", "true", "name: ", "\0", "\x85", "\ufeff"]
    ),
    st.sampled_from(
        ["&a ", "*a", "&b ", "*b", "<<: ", "!!str ", "!x ", "---\n", "...\n", "<<<<<<< "]
    ),
)


@given(st.binary(max_size=200) | st.lists(_PIECES, max_size=40).map(lambda p: "".join(p).encode()))
def test_no_bytes_give_a_traceback(data: bytes) -> None:
    documents, problems = parse(data, "f")
    for document in documents:
        check_marks(document, data.count(b"\n") + data.count(b"\r") + 1)
    for problem in problems:
        assert problem.file == "f"
        assert problem.message
        assert str(problem).isprintable()
