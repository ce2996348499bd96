"""Laws of converting, for any YAML value in any place."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from celery_kustomize.convert import convert, is_older
from celery_kustomize.convert.text import convert_text
from celery_kustomize.errors import Severity
from celery_kustomize.k8s import yaml_text
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, Mark, Seq, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    if path.stem != "plain-objects"
}
DOCUMENTS = [
    plain(document)
    for text in CASES.values()
    for document in parse(text.encode(), "a.yaml")[0]
    if is_older(document)
]

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=12)
WORDS = st.sampled_from(
    ["cpu", "worker", "length", "Utilization", "NodePort", "-c", "--", "4", "5.5", "a,b", "on", "~"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.integers(-1, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | WORDS
)
KEYS = TEXTS | st.sampled_from(
    ["name", "kind", "type", "image", "args", "common", "metrics", "env"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything in ``value`` but its kind."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if key in ("apiVersion", "kind") and not path:
            continue
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


@st.composite
def changed_documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document of an older kind in which something is replaced, removed or added."""
    document: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    kind = {key: document[key] for key in ("apiVersion", "kind")}
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(document)) or [()]))
        if not path:
            break
        holder: Any = document
        for step in path[:-1]:
            holder = holder[step]
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "remove":
            del holder[path[-1]]
        elif action == "add" and isinstance(holder, dict):
            holder[draw(KEYS)] = draw(VALUES)
        else:
            holder[path[-1]] = draw(VALUES)
    return {**document, **kind}


def located(value: Any) -> Any:
    """``value`` as ``load`` would read it, in one line."""
    mark = Mark("a.yaml", 1)
    if isinstance(value, dict):
        items = {key: located(item) for key, item in value.items()}
        return Map(items, mark, dict.fromkeys(items, mark))
    if isinstance(value, list):
        return Seq(map(located, value), mark, [mark] * len(value))
    return value


@given(changed_documents())
def test_whatever_is_written_there_is_a_problem_or_a_native_document(
    document: dict[str, Any],
) -> None:
    native, problems = convert(located(document))
    assert native["apiVersion"] == "celeryproject.org/v1beta1"
    assert any("is an older kind" in problem.message for problem in problems)
    for problem in problems:
        assert problem.message
        assert (problem.file, problem.line) == ("a.yaml", 1)
    assert native.keys() == {"apiVersion", "kind", "metadata", "spec"} or any(
        problem.severity is Severity.ERROR for problem in problems
    )


@given(st.dictionaries(KEYS | st.sampled_from(["apiVersion", "spec"]), VALUES, max_size=4))
def test_other_documents_stay_as_they_are(document: dict[str, Any]) -> None:
    before = located(document)
    after, problems = convert(before)
    assert after is before
    assert problems == []


@given(changed_documents())
def test_the_text_means_what_convert_gives(document: dict[str, Any]) -> None:
    try:
        text = yaml_text.dump(document)
    except ValueError:
        assume(False)
    documents, problems = parse(text.encode(), "a.yaml")
    assume(not problems)
    result = convert_text(text, documents)
    native, found = convert(documents[0])
    if any(problem.severity is Severity.ERROR for problem in found):
        assert result.text == text
    else:
        assert parse(result.text.encode(), "a.yaml") == ([native], [])
    assert set(result.problems) == set(found[1:])


@given(changed_documents())
def test_converting_does_not_change_its_input(document: dict[str, Any]) -> None:
    before = located(document)
    convert(before)
    assert before == document


@st.composite
def commented(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """A case, the same with comments put into it, and their texts."""
    lines = CASES[draw(st.sampled_from(sorted(CASES)))].splitlines()
    comments: list[str] = []
    with_comments = list(lines)
    positions = draw(st.lists(st.integers(0, len(lines) - 1), max_size=5, unique=True))
    for position in sorted(positions, reverse=True):
        line, previous = lines[position], lines[position - 1] if position else ""
        comment = f"note {len(comments)}x"
        if draw(st.booleans()):
            # Not where it would be text: in a block scalar, or on a document mark's own line.
            if line.strip() in ("", "---") or line.endswith("|") or '{"' in line:
                continue
            with_comments[position] += f" # {comment}"
        elif previous.endswith("|") or '{"' in previous:
            continue
        else:
            with_comments.insert(position, f"{' ' * draw(st.integers(0, 8))}# {comment}")
        comments.append(comment)
    return "\n".join([*lines, ""]), "\n".join([*with_comments, ""]), comments


@given(commented())
def test_no_comment_is_lost(case: tuple[str, str, list[str]]) -> None:
    plain_text, text, comments = case
    documents, problems = parse(text.encode(), "a.yaml")
    assert problems == []
    result = convert_text(text, documents)
    for comment in comments:
        assert result.text.count(comment) == 1
    again, problems = parse(result.text.encode(), "a.yaml")
    assert problems == []
    assert again == [convert(d)[0] for d in parse(plain_text.encode(), "a.yaml")[0]]


@pytest.mark.parametrize("case", CASES)
def test_every_field_has_the_line_that_it_comes_from(case: str) -> None:
    for document in parse(CASES[case].encode(), "a.yaml")[0]:
        if is_older(document):
            native = convert(document)[0]
            image = native["spec"].mark_of("image")
            assert CASES[case].splitlines()[image.line - 1].strip().startswith("image: ")
