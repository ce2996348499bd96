"""Rewriting files: where comments go, and that nothing else changes."""

from __future__ import annotations

import pytest

from celery_kustomize.convert import convert
from celery_kustomize.convert.text import ConvertedText, convert_text
from celery_kustomize.load.yaml import parse

MINIMAL = """\
apiVersion: celery.k8s.io/v1beta1
kind: CeleryApplication
metadata:
  name: sums
spec:
  image: sums:1
  celeryVersion: "5.4"
"""
HEAD = MINIMAL.replace("celery.k8s.io", "celeryproject.org")
SECURITY = """\
  security:
    profile: Baseline
    runAsUser: null
    runAsGroup: null
    fsGroup: null
"""
TAIL = """\
  config:
    delivery: File
  workers:
  - name: default
    healthCheck:
      type: Ping
  flower: {}
"""


def rewritten(text: str) -> ConvertedText:
    """The rewritten text, which means what the converted documents mean."""
    documents, problems = parse(text.encode(), "sums.yaml")
    assert problems == []
    result = convert_text(text, documents)
    again, problems = parse(result.text.encode(), "sums.yaml")
    assert problems == []
    assert again == [convert(document)[0] for document in documents]
    return result


def test_a_whole_document() -> None:
    result = rewritten(MINIMAL)
    assert result == ConvertedText(HEAD + SECURITY + TAIL, (), ())


class TestDocuments:
    def test_others_stay_byte_for_byte(self) -> None:
        before = "# a\nkind:   ConfigMap # b\napiVersion: v1\nmetadata: { name: c }\n---\n"
        after = "---\n\n# d\n'kind': Secret\n...\n---\n# e\n"
        result = rewritten(before + MINIMAL + after)
        assert result.text == before + HEAD + SECURITY + TAIL + after

    def test_several_older_ones(self) -> None:
        result = rewritten(f"{MINIMAL}---\n{MINIMAL}")
        whole = HEAD + SECURITY + TAIL
        assert result.text == f"{whole}---\n{whole}"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("--- ", "---\n"),
            ("---   ", "---\n"),
            ("--- # note\n", "--- # note\n"),
            ("%YAML 1.2\n---\n", "%YAML 1.2\n---\n"),
            ("\ufeff", "\ufeff"),
            ("\n\n", "\n\n"),
        ],
    )
    def test_where_a_document_starts(self, before: str, after: str) -> None:
        flow = (
            "{apiVersion: celery.k8s.io/v1beta1, kind: CeleryApplication, metadata: {name: sums},\n"
            ' spec: {image: "sums:1", celeryVersion: "5.4"}}\n'
        )
        assert rewritten(before + flow).text == after + HEAD + SECURITY + TAIL

    def test_an_indented_document(self) -> None:
        text = "".join(f"  {line}\n" for line in MINIMAL.splitlines())
        assert rewritten(text).text == HEAD + SECURITY + TAIL

    def test_line_ends_are_kept(self) -> None:
        windows = rewritten(MINIMAL.replace("\n", "\r\n")).text
        assert windows == (HEAD + SECURITY + TAIL).replace("\n", "\r\n")

    def test_no_line_end_at_the_end(self) -> None:
        assert rewritten(MINIMAL.rstrip("\n")).text == (HEAD + SECURITY + TAIL).rstrip("\n")

    def test_one_with_an_error_stays_and_the_others_do_not(self) -> None:
        wrong = MINIMAL.replace("image: sums:1", "imag: sums:1")
        text = f"{wrong}---\n{MINIMAL}"
        result = convert_text(text, parse(text.encode(), "sums.yaml")[0])
        assert result.text == f"{wrong}---\n{HEAD}{SECURITY}{TAIL}"
        assert [str(problem) for problem in result.problems] == [
            "sums.yaml:5: spec.image: is missing: write the image of the workers and of Flower",
            'sums.yaml:6: spec.imag: unknown field; did you mean "image"?',
        ]

    def test_a_text_that_is_not_that_of_the_documents(self) -> None:
        documents, _ = parse(MINIMAL.encode(), "sums.yaml")
        for text in ('a: "', ""):
            result = convert_text(text, documents)
            assert result.text == text
            assert [str(problem) for problem in result.problems] == [
                "sums.yaml:1: is not rewritten, as its comments cannot be told from its text: "
                "simplify its layout"
            ]

    def test_long_and_multi_line_values(self) -> None:
        key = "k" * 600
        text = (
            f'{MINIMAL}  celeryConfig:\n    "{key}": 1\n    script: |\n      # not a comment\n'
            f"      b\n    folded: >-  # kept\n      a\n      b\n    {key}b: {{c: d}}\n"
        )
        result = rewritten(text)
        assert "      script: |\n        # not a comment\n        b\n" in result.text
        assert "      folded: a b  # kept\n" in result.text


class TestComments:
    def test_at_the_top_between_and_at_the_end(self) -> None:
        text = MINIMAL.replace("kind:", "# of the kind\nkind:").replace("sums:1", "sums:1  # image")
        result = rewritten(f"# head\n\n# head too\n{text}  # tail, once deeper\n# end\n")
        expected = HEAD.replace("kind:", "# of the kind\nkind:").replace(
            "sums:1", "sums:1  # image"
        )
        assert result.text == (
            f"# head\n\n# head too\n{expected}{SECURITY}{TAIL}# tail, once deeper\n# end\n"
        )
        assert result.notes == ()

    def test_one_goes_with_its_field(self) -> None:
        result = rewritten(
            f"{MINIMAL}  # the settings\n  celeryConfig:  # of Celery\n    # the broker\n"
            "    broker_url: redis://a  # in its namespace\n    # late\n    task_acks_late: True\n"
        )
        assert result.text.endswith(
            """\
  # the settings
  config:  # of Celery
    delivery: File
    values:
      # late
      task_acks_late: true
  # the broker
  broker:  # in its namespace
    url: redis://a
  workers:
  - name: default
    healthCheck:
      type: Ping
  flower: {}
"""
        )
        assert result.notes == ()

    def test_one_of_a_field_that_is_gone_stands_at_the_top(self) -> None:
        text = MINIMAL.replace('"5.4"', "5.x  # soon 6")
        result = rewritten(f"# head\n{text}status:\n  # by the operator\n  done: true  # yes\n")
        assert result.text == (
            "# head\n# spec.celeryVersion: soon 6\n# status.done: by the operator\n"
            f"# status.done: yes\n{HEAD}{SECURITY}{TAIL}"
        ).replace('  celeryVersion: "5.4"\n', "")
        assert result.notes == (
            "sums.yaml:8: the comment of spec.celeryVersion is at the top of the document now: "
            "soon 6",
            "sums.yaml:10: the comment of status.done is at the top of the document now: "
            "by the operator",
            "sums.yaml:11: the comment of status.done is at the top of the document now: yes",
        )

    def test_one_of_a_map_that_is_gone_goes_to_its_first_part(self) -> None:
        result = rewritten(
            f"{MINIMAL}  workerConfig:\n    # for debugging\n    envConfig:\n      env:\n"
            "      - name: A\n        value: b\n"
        )
        assert "    # for debugging\n    env:\n    - name: A\n      value: b\n" in result.text

    def test_after_the_last_field_of_a_map(self) -> None:
        result = rewritten(
            f"{MINIMAL}  workerConfig:\n    replicas: 1\n    # resources: later\n  flowerConfig:\n"
            "    replicas: 1\n"
        )
        assert "    replicas: 1\n    # resources: later\n    healthCheck:\n" in result.text

    def test_in_lists_and_flow_collections(self) -> None:
        result = rewritten(
            f"{MINIMAL}  imagePullSecrets:\n  # first\n  - name: a\n  # second\n  - name: b  # b\n"
            "  celeryConfig: {imports: [  # what\n    x,  # of x\n    # of y\n    y\n    # last\n"
            "    ]}  # closed\n"
        )
        assert "  # first\n  - name: a\n  # second\n  - name: b  # b\n" in result.text
        for comment in ("# what", "# of x", "# of y", "# last", "# closed"):
            assert comment in result.text
        assert "      - x  # of x\n      # of y\n" in result.text

    def test_what_only_looks_like_one(self) -> None:
        result = rewritten(
            f"{MINIMAL}  celeryConfig:\n    a: 'b # c'\n    d: e#f\n    '#g': \"#\"\n"
        )
        assert 'a: "b # c"' in result.text
        assert result.notes == ()
        assert "\n#" not in result.text
