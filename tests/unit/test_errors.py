"""errors: the one line that a user reads for each problem."""

from __future__ import annotations

import pytest

from celery_kustomize.errors import Problem, Severity, SpecError


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("shop.yaml", 41, "spec.app", "wrong"), "shop.yaml:41: spec.app: wrong"),
        (Problem("shop.yaml", 0, "", "is empty"), "shop.yaml: is empty"),
        (
            Problem("-", 2, "", "odd", Severity.WARNING),
            "warning: -:2: odd",
        ),
    ],
)
def test_one_line(problem: Problem, line: str) -> None:
    assert str(problem) == line


def test_input_cannot_forge_lines_or_control_the_terminal() -> None:
    problem = Problem("a\nb.yaml", 1, "data[\x1b[2J]", "\u202eodd\udcff é 日本")
    assert str(problem) == r"a\u000ab.yaml:1: data[\u001b[2J]: \u202eodd\udcff é 日本"
    assert problem == Problem(problem.file, 1, problem.path, problem.message)


def test_all_problems_at_once_sorted_by_place_and_told_once() -> None:
    first, second, third = (
        Problem("a", 9, "", "x"),
        Problem("a", 10, "", "x"),
        Problem("b", 1, "", "x"),
    )
    error = SpecError([third, second, first, second])
    assert error.problems == (first, second, third)
    assert str(error) == "a:9: x\na:10: x\nb:1: x"
