"""located: values keep their places, and paths read as a user expects."""

from __future__ import annotations

import pytest

from celery_kustomize.located import Map, Mark, Seq, item_label, join_path, mark_at, plain


def worker(line: int, **fields: object) -> tuple[Map, Mark]:
    name = fields["name"]
    mark = Mark("shop.yaml", line, f"spec.workers[{name}]")
    marks = {key: Mark("shop.yaml", line + i, f"{mark.path}.{key}") for i, key in enumerate(fields)}
    return Map(fields, mark, marks), mark


@pytest.fixture
def document() -> Map:
    workers = Seq(mark=Mark("shop.yaml", 5, "spec.workers"))
    workers.add(*worker(6, name="default", replicas=2))
    workers.add(*worker(9, name="reports", replicas=3))
    spec = Map(mark=Mark("shop.yaml", 3, "spec"))
    spec.put("app", "shop", Mark("shop.yaml", 4, "spec.app"))
    spec.put("workers", workers, Mark("shop.yaml", 5, "spec.workers"))
    return Map({"spec": spec}, Mark("shop.yaml", 1), {"spec": Mark("shop.yaml", 3, "spec")})


class TestMarkAt:
    def test_the_place_of_a_field(self, document: Map) -> None:
        found = mark_at(document, ("spec", "workers", 1, "replicas"))
        assert found == Mark("shop.yaml", 10, "spec.workers[reports].replicas")

    def test_a_missing_field_has_its_parents_line(self, document: Map) -> None:
        found = mark_at(document, ("spec", "workers", 1, "queues", 0))
        assert found == Mark("shop.yaml", 9, "spec.workers[reports].queues[0]")

    def test_an_index_beyond_the_list(self, document: Map) -> None:
        assert mark_at(document, ("spec", "workers", 7)) == Mark("shop.yaml", 5, "spec.workers[7]")

    def test_a_default_has_its_parents_line_and_its_own_path(self, document: Map) -> None:
        document["spec"]["beat"] = {"replicas": 1}
        found = mark_at(document, ("spec", "beat", "replicas"))
        assert found == Mark("shop.yaml", 3, "spec.beat.replicas")

    def test_nothing_marked(self) -> None:
        assert mark_at({"a": 1}, ("a",)) == Mark("", 0, "a")


class TestJoinPath:
    @pytest.mark.parametrize(
        ("path", "key", "label", "joined"),
        [
            ("", "spec", None, "spec"),
            ("spec", "app", None, "spec.app"),
            ("spec", "task-acks_late", None, "spec.task-acks_late"),
            ("metadata.labels", "example.com/team", None, "metadata.labels[example.com/team]"),
            ("spec.workers", 3, None, "spec.workers[3]"),
            ("spec.workers", 3, "reports", "spec.workers[reports]"),
            ("data", "k" * 101, None, f"data[{'k' * 100}...]"),
            ("spec.workers", 0, "n" * 101, f"spec.workers[{'n' * 100}...]"),
        ],
    )
    def test_join(self, path: str, key: str | int, label: str | None, joined: str) -> None:
        assert join_path(path, key, label) == joined


def test_items_are_called_by_name_then_mount_path() -> None:
    assert item_label({"mountPath": "/data", "name": "data"}) == "data"
    assert item_label({"mountPath": "/data", "name": ""}) == "/data"
    assert item_label({"name": 5}) is None
    assert item_label("data") is None


def test_what_was_not_written_has_the_place_of_the_whole() -> None:
    mapping = Map({"a": 1}, Mark("f", 2, "m"))
    sequence = Seq([1], Mark("f", 3, "s"))
    assert mapping.mark_of("a") == mapping.mark_of("b") == Mark("f", 2, "m")
    assert sequence.mark_of(0) == sequence.mark_of(-1) == Mark("f", 3, "s")


def test_plain_values_are_a_deep_copy_without_marks(document: Map) -> None:
    copy = plain(document)
    assert copy == document
    assert type(copy["spec"]) is dict
    assert type(copy["spec"]["workers"]) is list
    copy["spec"]["workers"].clear()
    assert len(document["spec"]["workers"]) == 2
