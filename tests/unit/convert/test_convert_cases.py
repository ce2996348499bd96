"""Whole files of both older kinds: the rewritten file, what it says, and that it is valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from yamllint import linter
from yamllint.config import YamlLintConfig

from celery_kustomize.convert import OLDER_KINDS, convert, is_older
from celery_kustomize.convert.text import convert_text
from celery_kustomize.errors import Severity
from celery_kustomize.load.roles import OLDER_KINDS as KINDS_THAT_LOAD_FINDS
from celery_kustomize.load.yaml import parse
from celery_kustomize.model.application import CeleryApplication
from celery_kustomize.rules import check

if TYPE_CHECKING:
    from celery_kustomize.located import Map
    from tests.conftest import Golden

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in (HERE / "cases").glob("*.yaml"))


def documents(text: str, file: str) -> list[Map]:
    found, problems = parse(text.encode(), file)
    assert problems == []
    return found


def source(case: str) -> str:
    return (HERE / "cases" / f"{case}.yaml").read_text()


def test_golden_files(golden: Golden) -> None:
    made = {}
    for case in CASES:
        text = source(case)
        read = documents(text, f"{case}.yaml")
        result = convert_text(text, read)
        made[f"{case}.yaml"] = result.text
        told = [str(problem) for each in read for problem in convert(each)[1]]
        made[f"{case}.txt"] = "".join(f"{line}\n" for line in (*told, *result.notes))
    golden.check_tree(made, HERE / "golden")


@pytest.mark.parametrize("case", CASES)
class TestEveryCase:
    def test_the_converted_documents_are_valid(self, case: str) -> None:
        older = [d for d in documents(source(case), case) if is_older(d)]
        converted = [CeleryApplication.model_validate(convert(document)[0]) for document in older]
        assert all(application.spec.image for application in converted)

    def test_no_rule_refuses_the_converted_documents(self, case: str) -> None:
        for document in documents(source(case), case):
            if is_older(document):
                application = CeleryApplication.model_validate(convert(document)[0])
                found = [f for f in check(application) if f.severity is Severity.ERROR]
                assert found == []

    def test_the_text_means_what_convert_gives(self, case: str) -> None:
        read = documents(source(case), case)
        written = convert_text(source(case), read).text
        assert documents(written, case) == [convert(document)[0] for document in read]

    def test_the_text_passes_yamllint(self, case: str) -> None:
        rules = (
            "{extends: default, rules: {document-start: disable, line-length: disable, "
            "indentation: {spaces: 2, indent-sequences: false}}}"
        )
        read = documents(source(case), case)
        if not any(is_older(document) for document in read):
            return
        native = convert(next(d for d in read if is_older(d)))[0]
        text = convert_text(source(case), read).text
        start = text.index("apiVersion: celeryproject.org/v1beta1")
        own = text[start:].split("\n---", 1)[0].rstrip("\n") + "\n"
        assert documents(own, case) == [native]
        assert [str(p) for p in linter.run(own, YamlLintConfig(rules))] == []

    def test_converting_again_changes_nothing(self, case: str) -> None:
        once = convert_text(source(case), documents(source(case), case)).text
        again = convert_text(once, documents(once, case))
        assert (again.text, again.notes, again.problems) == (once, (), ())


def test_load_and_convert_know_the_same_kinds() -> None:
    assert OLDER_KINDS == KINDS_THAT_LOAD_FINDS
