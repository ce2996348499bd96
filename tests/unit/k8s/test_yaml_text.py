"""What is written is read back the same by every reader, and looks like kubectl's YAML."""

from __future__ import annotations

import io
import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from yamllint import linter
from yamllint.config import YamlLintConfig

from celery_kustomize.k8s.yaml_text import (
    Commented,
    comment,
    dump,
    dump_all,
    is_plain,
    is_writable,
)
from celery_kustomize.kustomize import find
from celery_kustomize.located import Map, Seq

REPOSITORY = Path(__file__).parents[3]

# Each is read as something else by at least one of YAML 1.1, YAML 1.2 and kustomize, or breaks the
# syntax, when it stands plain.
_WORDS = """
y Y n N yes Yes YES no No NO on On ON off Off OFF true True TRUE false null Null NULL ~ = << - + .
.. ... --- ---a ? ! !a & &a * *a @ ` % %a | > : # , [ ] { } {} [] {{x}} " ' "" '' "a" 'a' a"b a'b
a'"b \\ \\n a\\b 0 00 08 014 0o14 0O14 0x1F 0X1F 0b11 0B11 -0b11 +0x1 +_0x1F +_1 _1 1_ 1_000 0_0 +5
-5 -0 .5 5. +.5 -.5 1.0 1.10 1.4.2 1e3 1E3 1e+3 1e-3 1.5e3 e5 .e5 1e 12e 1__0.5 .inf -.Inf +.INF
.nan .NaN .NAN inf nan 12:30 12:30:45 1:2 190:20:30 190:20:30.15 12:3a 2024-01-02 2024-1-2 2024-1
2024-01-02T00:00:00Z 2024-01-02t00:00:00 2024-13-99 20240102 a:b a: :a a:: a#b #a <a >a =a ~a
$patch $(VAR) redis://:$(P)@h:6379/0 -b --app=x 25% 200m 0.5 .a /a (a) ^a$ a,b key? ?a !!str
9007199254740993 18446744073709551615 18446744073709551616 0777 0999 1,000 NaN Infinity None
"""
_TEXTS = [
    *(
        "",
        " ",
        "  ",
        " a",
        "a ",
        "a b",
        "a  b",
        "a: b",
        "a :b",
        "a #b",
        "- a",
        "? a",
        "a\tb",
        "\ta",
    ),
    *("2024-01-02 03:04", "0 8 * * *", "a\t", "\n", "\n\n", "a\n", "a\nb", "a\nb\n", "a\n\n"),
    *("a\n\nb", "\na", " a\nb", "\ta\nb", "a \nb", "a\t\nb", "a\n b\n\tc\n", "a\nb ", "a\r\nb"),
    *("\r", "a\rb\n", "---\na: b\n---\n", "a\n---\nb", "a\n...\nb", "#!/bin/sh\nexit 0\n"),
    *("a\n# b\n", "a\n\n\n\nb\n", "\x00", "\x01", "\x1b[31m", "\x1f", "\xa0", "\xad", "\u200d"),
    *("\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\ufeffa\nb", "\ufffd", "\u3000", "注文"),
    *("注文\n確認\n", "é", "\U0001f600", "a\u2028b\nc", '{"a": [1, "b"]}', '{"a": "it\'s"}'),
    *("x" * 5000, "a " * 500 + "b"),
]
TRICKY = [*_WORDS.split(), *_TEXTS]

_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda char: not "\x7f" <= char <= "\x9f"
)
TEXTS = st.one_of(
    st.sampled_from(TRICKY),
    st.text("0123456789_.:-+eExXobaf T", max_size=12),
    st.text("ab \n\t'\"#:-?{}[]|>\\\r", max_size=12),
    st.text(_LETTERS, max_size=20),
)
KEYS = TEXTS.filter(lambda text: len(text) < 500)
LEAVES = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def read_ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def lint(text: str) -> list[str]:
    config = YamlLintConfig((REPOSITORY / ".yamllint.yaml").read_text())
    return [str(problem) for problem in linter.run(text, config)]


@given(VALUES)
@example(TRICKY)
@example({text: text for text in TRICKY if len(text) < 500})
@example([[text] for text in TRICKY])
def test_yaml_1_1_and_1_2_read_back_what_was_written(value: Any) -> None:
    text = dump(value)
    # By repr, as 0 == False == 0.0 and -0.0 == 0.0.
    assert repr(yaml.load(text, yaml.CSafeLoader)) == repr(value)
    assert repr(yaml.load(text, yaml.SafeLoader)) == repr(value)
    assert repr(read_ruamel(text)) == repr(value)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
@example({text: [text, {text: text}] for text in TRICKY if len(text) < 500})
def test_our_yamllint_configuration_accepts_it(value: Any) -> None:
    # Blank lines of a text are its own; a float's exponent is Python's choice of notation.
    if "\\n\\n\\n\\n" not in repr(value) and not re.search(r"\de[-+]", repr(value)):
        assert lint(dump(value)) == []


@given(TEXTS)
def test_a_string_is_never_wrapped(text: str) -> None:
    assert dump({"k": text}).count("\n") <= 2 + text.count("\n")


# --- the real kustomize -------------------------------------------------------------------------


def in_json(value: Any) -> str:
    """JSON leaves no doubt what is a string; in ASCII but for what JSON needs surrogates for."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\uffff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def build(files: dict[str, str]) -> list[str]:
    # Sorted and without indentation, since kustomize orders keys that look like numbers by chance.
    return sorted(line.lstrip(" -") for line in find().build_files(files, ".").splitlines())


def buildable(value: Any, *, patched: bool) -> Any:
    """``value`` without what kustomize cannot take, however it is written.

    As keys: directives, and in some places "" and "<<". In what is patched: texts of several lines
    that begin with a tab, which it then cannot read back itself.
    """
    if isinstance(value, dict):
        keys = {key: f"k{key}" if key in {"", "<<"} or key[0] == "$" else key for key in value}
        return {
            buildable(keys[key], patched=patched): buildable(item, patched=patched)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [buildable(item, patched=patched) for item in value]
    if isinstance(value, str) and patched and "\n" in value:
        return value.lstrip("\t")
    return value


def thing(spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "t"},
        "spec": spec,
    }


TARGET = {"group": "example.com", "version": "v1", "kind": "Thing", "name": "t"}


def as_resource(value: Any, write: Any) -> dict[str, str]:
    return {"kustomization.yaml": "resources: [t.yaml]\n", "t.yaml": write(thing({"v": value}))}


def as_strategic_merge(value: Any, write: Any) -> dict[str, str]:
    return {
        "kustomization.yaml": "resources: [t.yaml]\npatches: [{path: p.yaml}]\n",
        "t.yaml": in_json(thing({"a": "b"})),
        "p.yaml": write(thing({"v": value})),
    }


def as_json_6902(value: Any, write: Any) -> dict[str, str]:
    patch = {"path": "p.yaml", "target": TARGET}
    return {
        "kustomization.yaml": in_json({"resources": ["t.yaml"], "patches": [patch]}),
        "t.yaml": in_json(thing({"a": "b"})),
        "p.yaml": write([{"op": "add", "path": "/spec/v", "value": value}]),
    }


def as_inline_patch(value: Any, write: Any) -> dict[str, str]:
    patch = write([{"op": "add", "path": "/spec/v", "value": value, "end": 0}])
    kustomization = {"resources": ["t.yaml"], "patches": [{"target": TARGET, "patch": patch}]}
    return {
        "kustomization.yaml": write(kustomization),
        "t.yaml": in_json(thing({"a": "b"})),
    }


def in_kustomization(value: Any, write: Any) -> dict[str, str]:
    texts = value if isinstance(value, list) else [value]
    annotations = {f"k{n}": text for n, text in enumerate(texts) if isinstance(text, str)}
    labels = {"labels": {f"k{text[:500]}": text for text in annotations.values()}}
    labels["annotations"] = annotations
    generator = {"name": "c", "literals": ["a=b"], "options": labels}
    return {"kustomization.yaml": write({"configMapGenerator": [generator]})}


PLACES = [as_resource, as_strategic_merge, as_json_6902, as_inline_patch, in_kustomization]


@pytest.mark.parametrize("place", PLACES)
def test_kustomize_reads_tricky_strings_as_written(place: Any) -> None:
    keys = {text: text for text in TRICKY if len(text) < 500}
    value = buildable([*TRICKY, keys], patched=place is not as_resource)
    assert build(place(value, dump)) == build(place(value, in_json))


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=8)
@given(value=st.lists(VALUES, min_size=10, max_size=60))
def test_kustomize_reads_what_was_written(place: Any, value: Any) -> None:
    value = buildable(value, patched=place is not as_resource)
    assert build(place(value, dump)) == build(place(value, in_json))


# --- the look -----------------------------------------------------------------------------------


def test_blocks_with_sequences_at_the_level_of_their_key() -> None:
    value = {
        "metadata": {"name": "a", "labels": {}},
        "args": [],
        "containers": [
            {"name": "worker", "command": ["celery", "--app=shop"], "env": [{"name": "A"}]},
            [["x", ["z"]], {"k": None}],
        ],
        "run": "set -e\n\nexec celery\n",
        "steps": ["one\ntwo"],
        "on": True,
        "ratio": 0.5,
        "exponent": 1e-7,
        "long": "word " * 40 + "end",
        "json": '{"a": "b"}',
    }
    assert dump(value) == (
        "metadata:\n"
        "  name: a\n"
        "  labels: {}\n"
        "args: []\n"
        "containers:\n"
        "- name: worker\n"
        "  command:\n"
        "  - celery\n"
        "  - --app=shop\n"
        "  env:\n"
        "  - name: A\n"
        "- - - x\n"
        "    - - z\n"
        "  - k: null\n"
        "run: |\n"
        "  set -e\n"
        "\n"
        "  exec celery\n"
        "steps:\n"
        "- |-\n"
        "  one\n"
        "  two\n"
        '"on": true\n'
        "ratio: 0.5\n"
        "exponent: 1.0e-07\n"
        f"long: {'word ' * 40}end\n"
        'json: \'{"a": "b"}\'\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        *("jp.icr.io/shop/app:1.4.2", "redis://:$(BROKER_PASSWORD)@shop-redis:6379/0", "25%"),
        *(
            "200m",
            "--queues=default,emails",
            "-b",
            "Asia/Tokyo",
            "0 8 * * *",
            "1.4.2",
            "../../base",
        ),
        *(r".*@example\.com", "celery.beat:PersistentScheduler", "$patch", "0.0.0.0:8000", "v1"),
    ],
)
def test_what_is_safe_stands_plain(text: str) -> None:
    assert dump(text) == f"{text}\n"
    assert is_plain(text)


@pytest.mark.parametrize("text", ["8080", "on", "1e3", "", "two\nlines", "a: b", "~"])
def test_what_stands_in_quotes_or_a_block_is_not_plain(text: str) -> None:
    assert not is_plain(text)


def test_what_could_mislead_a_reviewer_is_escaped() -> None:
    assert dump("a\u202eb\u2066\x1b[2J\ufeff") == '"a\\u202eb\\u2066\\x1b[2J\\ufeff"\n'


def test_documents_are_separated() -> None:
    assert dump_all([{"a": 1}, {"b": 2}]) == "a: 1\n---\nb: 2\n"
    assert dump_all([]) == ""


def test_a_value_used_twice_is_written_twice() -> None:
    labels = {"a": "b"}
    assert dump([labels, labels]) == "- a: b\n- a: b\n"


def test_a_key_is_as_long_as_readers_take() -> None:
    value = {"k" * 1000: {"b": ["c"]}}
    assert yaml.safe_load(dump(value)) == value == read_ruamel(dump(value))
    message = f"the key {'k' * 40!r}... is too long: 1001 characters"
    with pytest.raises(ValueError, match=re.escape(message)):
        dump({"k" * 1001: 1})


def test_subclasses_of_plain_types_are_plain() -> None:
    class Color(StrEnum):
        RED = "on"

    located = Map({"a": Seq([Color.RED]), "b": (1, True)})
    assert dump(located) == 'a:\n- "on"\nb:\n- 1\n- true\n'


@pytest.mark.parametrize("char", ["\x7f", "\x80", "\x85", "\x9f", "\ud800", "\ufffe", "\uffff"])
def test_what_no_reader_keeps_is_refused(char: str) -> None:
    assert not is_writable(f"a{char}b")
    for value in ({"k": f"a{char}b"}, {f"a{char}b": 1}, [f"a\nb{char}\n"]):
        with pytest.raises(ValueError, match="has a character that does not survive kustomize"):
            dump(value)


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, float("inf"), float("nan")])
def test_numbers_that_kubernetes_would_change_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match=r"rounded by Kubernetes|is not a number that Kubernetes"):
        dump([number])


@pytest.mark.parametrize("value", [object(), {1: "a"}, [b"a"], {"a": {1, 2}}, {True: 1}])
def test_other_types_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        dump(value)


def test_a_long_string_takes_no_long_time() -> None:
    # Backtracking would make each of these take hours.
    for text in ("1" * 10**6 + "x", "1:" * 10**6 + "x", "0_" * 10**6 + "q", " " * 10**6 + "x"):
        assert read_ruamel(dump(text)[:100] + "\n" if text[0] == "1" else "a") is not None


def test_an_item_with_a_comment_above_it() -> None:
    item = Commented({"name": "A", "of": [Commented({"a": 1}, "in it")]}, "why\nso")
    value = {"env": [{"name": "B"}, item], "nested": [[item]], "map": item}
    text = dump(value)
    assert text.startswith(
        "env:\n- name: B\n# why?so\n- name: A\n  of:\n  # in it\n  - a: 1\nnested:\n"
    )
    assert yaml.safe_load(text) == read_ruamel(text) == value


def test_a_comment_stays_on_its_line() -> None:
    assert comment("from shop.yaml") == "# from shop.yaml\n"
    assert comment("a\nkind: Secret\r\u2028b\x85c\ud800 ") == "# a?kind: Secret??b?c?\n"
    assert yaml.load(io.StringIO(comment("x\ny: 1")), yaml.CSafeLoader) is None
