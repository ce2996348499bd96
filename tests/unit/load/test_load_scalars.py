"""load.scalars: what an unquoted word means."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from celery_kustomize.load.scalars import Scalar, ScalarError, resolve_plain, resolve_tagged

if TYPE_CHECKING:
    from pathlib import Path

WORDS: dict[str, Scalar] = {
    # text, though YAML 1.1 readers think otherwise
    **{word: word for word in ("y", "Y", "n", "N", "yes", "Yes", "NO", "on", "On", "OFF", "tRue")},
    **{word: word for word in ("12:30", "12:30:45", "0:1", "=", "<<", "nULL", "none", "None")},
    # text, because it is no number that fits
    **{word: word for word in ("1e400", "-1e400", ".5e400", "0xFFFFFFFFFFFFFFFFFF", "071e908")},
    **{word: word for word in ("0o9", "0b2", "0x", "1e", "1.2.3", "1,000", "_1", "+", ".")},
    **{
        word: word for word in ("25%", "10Gi", "100m", "0.5.0", "._5", ".5_", "1.4.2", "v1", "日本")
    },
    **{word: word for word in ("inf", "nan", "Infinity", "1_0_x", "--1", "+-1", "..")},
    # null and booleans
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    # integers
    "0": 0,
    "-0": 0,
    "00": 0,
    "+5": 5,
    "014": 12,
    "-014": -12,
    "0o14": 12,
    "0O14": 12,
    "-0o14": -12,
    "08": 8,
    "-089": -89,
    "0_8": 8,
    "0x1F": 31,
    "0X1f": 31,
    "+0x1F": 31,
    "0b11": 3,
    "-0B11": -3,
    "1_000": 1000,
    "1__0": 10,
    "1_": 1,
    "9223372036854775808": 2**63,
    "18446744073709551615": 2**64 - 1,
    "-9223372036854775808": -(2**63),
    "0xFFFFFFFFFFFFFFFF": 2**64 - 1,
    # other numbers
    "1e3": 1000.0,
    "1E+3": 1000.0,
    "1.5e3": 1500.0,
    "1_e3": 1000.0,
    "08.5": 8.5,
    ".5": 0.5,
    "+.5": 0.5,
    "-.5": -0.5,
    ".5_0": 0.5,
    "5_0.5": 50.5,
    "5.": 5.0,
    "1.10": 1.1,
    "1e-400": 0.0,
}


@pytest.mark.parametrize(("word", "value"), WORDS.items())
def test_words(word: str, value: Scalar) -> None:
    resolved = resolve_plain(word)
    assert (type(resolved), resolved) == (type(value), value)


@pytest.mark.parametrize("word", ["2024-01-02", "2024-1-2", "2024-01-02T03:04:05Z"])
def test_dates_stay_the_text_that_was_written(word: str) -> None:
    assert resolve_plain(word) == word


@pytest.mark.parametrize("word", [".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN"])
def test_numbers_that_are_not_finite_are_refused(word: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve_plain(word)
    assert str(caught.value) == (
        f"{word} is not a number that Kubernetes can hold: quote it if it is a text"
    )


@pytest.mark.parametrize(
    "word",
    ["18446744073709551616", "-9223372036854775809", "9" * 100_000, "1234567890" * 4, "0" * 80],
)
def test_integers_that_would_be_rounded_are_refused(word: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve_plain(word)
    assert str(caught.value) == (
        "this integer needs more than 64 bits and would be rounded: quote it if it is a text"
    )


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("5", "str", "5"),
        ("", "str", ""),
        ("014", "int", 12),
        ("5", "float", 5.0),
        ("true", "bool", True),
        ("", "null", None),
    ],
)
def test_tags(text: str, tag: str, value: Scalar) -> None:
    resolved = resolve_tagged(text, tag)
    assert (type(resolved), resolved) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "tag"), [("x", "int"), ("5.0", "int"), ("true", "int"), ("yes", "bool"), ("x", "null")]
)
def test_a_tag_that_does_not_fit(text: str, tag: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve_tagged(text, tag)
    assert str(caught.value) == (
        f"the value is not what its tag !!{tag} says: write it without the tag"
    )


@pytest.mark.parametrize("tag", ["binary", "timestamp", "set", "python/object/apply:os.system"])
def test_other_tags(tag: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve_tagged("x", tag)
    assert str(caught.value) == f"the tag !!{tag} is not supported: write the value without it"


class TestKustomizeAgrees:
    """The real program reads the same values."""

    @staticmethod
    def build(folder: Path, words: dict[str, str]) -> tuple[dict[str, str], str]:
        """What kustomize makes of each word, by its key, as text; and its whole output."""
        lines = "".join(f"  {key}: {word}\n" for key, word in words.items())
        head = "apiVersion: example.com/v1\nkind: Words\nmetadata: {name: words}\nspec:\n"
        (folder / "words.yaml").write_text(head + lines, encoding="utf-8")
        (folder / "kustomization.yaml").write_text("resources: [words.yaml]\n", encoding="utf-8")
        program = os.environ.get("CELERY_KUSTOMIZE_BIN")
        command = [program, "build"] if program else ["kubectl", "kustomize"]
        done = subprocess.run(
            [*command, str(folder)], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        # Texts as written: PyYAML's own idea of words must not get between.
        return dict(yaml.load(done.stdout, Loader=yaml.CBaseLoader)["spec"]), done.stdout

    def test_all_words(self, tmp_path: Path) -> None:
        words = {f"k{number}": word for number, word in enumerate(WORDS)}
        texts, output = self.build(tmp_path, words)
        for key, word in words.items():
            value = WORDS[word]
            text = texts[key]
            if value is None:
                assert text == "null", word
            elif isinstance(value, bool):
                assert text == str(value).lower(), word
            elif isinstance(value, str):
                assert text == value, word
            else:
                assert re.fullmatch(r"-?[0-9.]+(e[-+][0-9]+)?", text), word
                assert f"  {key}: {text}\n" in output, f"{word} is quoted"
                assert (int(text) if text.lstrip("-").isdigit() else float(text)) == value, word

    def test_the_one_difference_is_dates(self, tmp_path: Path) -> None:
        texts, _ = self.build(tmp_path, {"a": "2024-01-02", "b": '"2024-01-02"'})
        assert texts == {"a": "2024-01-02T00:00:00Z", "b": "2024-01-02"}
