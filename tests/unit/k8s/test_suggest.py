from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.k8s.suggest import did_you_mean, quote, suggest

FIELDS = ["name", "image", "imagePullPolicy", "env", "envFrom", "concurrency", "resources", "ports"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("imagePulPolicy", "imagePullPolicy"),
        ("image_pull_policy", "imagePullPolicy"),
        ("image-pull-policy", "imagePullPolicy"),
        ("IMAGE", "image"),
        ("naem", "name"),
        ("evn", "env"),
        ("port", "ports"),
        ("concurency", "concurrency"),
        ("resource", "resources"),
        ("args", None),
        ("x", None),
        ("", None),
        ("imagePullPolicy" * 10, None),
    ],
)
def test_nearest_name(name: str, found: str | None) -> None:
    assert suggest(name, FIELDS) == found


def test_first_of_equally_near_names_wins() -> None:
    assert suggest("cat", ["car", "cap"]) == "car"
    assert suggest("cat", ["cap", "car"]) == "cap"


def test_did_you_mean_is_the_end_of_a_message() -> None:
    assert did_you_mean("concurency", FIELDS) == '; did you mean "concurrency"?'
    assert did_you_mean("zzzzzz", FIELDS) == ""


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a", '"a"'),
        ('a"b', '"a\\"b"'),
        ("東京", '"東京"'),
        ("a\x1b[31m\n", '"a\\u001b[31m\\n"'),
        ("\u202e", '"\\u202e"'),
        ("x" * 100, '"' + "x" * 64 + '..."'),
    ],
)
def test_quote_is_one_printable_line(text: str, quoted: str) -> None:
    assert quote(text) == quoted


@given(st.text())
def test_quote_never_prints_control_characters(text: str) -> None:
    assert quote(text).isprintable()
