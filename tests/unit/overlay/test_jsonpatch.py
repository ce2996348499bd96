from __future__ import annotations

from random import Random
from typing import Any

import pytest

from celery_kustomize.k8s.kustomize_json_patch import apply_operations, operation_problems
from celery_kustomize.overlay.jsonpatch import is_exact, operations
from celery_kustomize.overlay.values import same


def steps(base: Any, wanted: Any) -> list[tuple[Any, ...]]:
    rest = dict.fromkeys("pqrstuvwxyz", 1)
    found = operations({"spec": rest | base}, {"spec": rest | wanted})
    return [tuple(step.values()) for step in found]


def test_keys_are_escaped() -> None:
    assert steps({"a/b": 1}, {"a/b": 2, "c~d": 3}) == [
        ("replace", "/spec/a~1b", 2),
        ("add", "/spec/c~0d", 3),
    ]


def test_verbs() -> None:
    assert steps({"a": 1, "b": 1}, {"a": "1", "c": None}) == [
        ("replace", "/spec/a", "1"),
        ("add", "/spec/c", None),
        ("remove", "/spec/b"),
    ]


@pytest.mark.parametrize(
    ("base", "wanted", "expected"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 9, 4, 5], [("replace", "/spec/l/2", 9)]),
        ([1, 2, 3, 4], [1, 2, 9, 3, 4], [("add", "/spec/l/2", 9)]),
        ([1, 2, 3, 4], [1, 2], [("remove", "/spec/l/3"), ("remove", "/spec/l/2")]),
        ([1], [2, 3, 4], [("replace", "/spec/l", [2, 3, 4])]),
        ([1, 2], [1, 2, 3], [("add", "/spec/l/2", 3)]),
    ],
)
def test_lists(base: list[int], wanted: list[int], expected: list[Any]) -> None:
    assert steps({"l": base}, {"l": wanted}) == expected


def trigger(queue: str, **more: Any) -> dict[str, Any]:
    metadata = {"queueName": queue, "mode": "QueueLength", "vhostName": f"/{queue}"}
    return {"type": "rabbitmq", **more, "metadata": metadata}


def container(name: str, image: str = "shop:1") -> dict[str, Any]:
    return {"name": name, "image": image, "args": ["a", "b", name], "resources": {"cpu": name}}


@pytest.mark.parametrize(
    ("base", "wanted", "expected"),
    [
        pytest.param(
            [trigger("q1"), trigger("q2"), trigger("q3")],
            [trigger("q2"), trigger("q3"), trigger("q4")],
            [("remove", "/spec/l/0"), ("add", "/spec/l/2", trigger("q4"))],
            id="first-removed-one-appended",
        ),
        pytest.param(
            [trigger("q1"), trigger("q2"), trigger("q3"), trigger("q4")],
            [trigger("q2"), trigger("q4")],
            [("remove", "/spec/l/2"), ("remove", "/spec/l/0")],
            id="removed-from-the-highest-index-down",
        ),
        pytest.param(
            [trigger("q2"), trigger("q4")],
            [trigger("q1"), trigger("q2"), trigger("q3"), trigger("q4")],
            [("add", "/spec/l/0", trigger("q1")), ("add", "/spec/l/2", trigger("q3"))],
            id="added-in-order",
        ),
        pytest.param(
            [container("i1"), container("i2"), container("i3")],
            [container("i2"), container("i3", "shop:2"), container("i4")],
            [
                ("remove", "/spec/l/0"),
                ("add", "/spec/l/2", container("i4")),
                ("replace", "/spec/l/1/image", "shop:2"),
            ],
            id="changed-inside-at-its-last-index",
        ),
        pytest.param(
            [trigger("q1"), trigger("q2", name="a"), trigger("q3", name="b")],
            [trigger("q5", name="a"), trigger("q6", name="b")],
            [
                ("remove", "/spec/l/0"),
                ("replace", "/spec/l/0/metadata", trigger("q5")["metadata"]),
                ("replace", "/spec/l/1/metadata", trigger("q6")["metadata"]),
            ],
            id="the-same-by-name",
        ),
        pytest.param(
            [trigger("q1"), trigger("q2"), trigger("q3")],
            [trigger("q1"), trigger("q9"), trigger("q3")],
            [
                ("replace", "/spec/l/1/metadata", trigger("q9")["metadata"]),
            ],
            id="changed-in-place-without-a-name",
        ),
        pytest.param(
            [{"a": 1}, {"a": 2}],
            [{"a": 2}, {"a": 3}],
            [("replace", "/spec/l", [{"a": 2}, {"a": 3}])],
            id="whole-where-that-is-shortest",
        ),
        pytest.param(
            [trigger("q1"), True, trigger("q2")],
            [True, trigger("q2"), 1],
            [("remove", "/spec/l/0"), ("add", "/spec/l/2", 1)],
            id="true-is-not-one",
        ),
    ],
)
def test_items_are_aligned(base: list[Any], wanted: list[Any], expected: list[Any]) -> None:
    assert steps({"l": base}, {"l": wanted}) == expected


def test_lists_too_long_to_align_are_compared_by_index() -> None:
    base = [{"n": n, "a": {"b": 1, "c": 2}} for n in range(400)]
    found = steps({"l": base}, {"l": [*base[1:], {"n": 400, "a": {"b": 1, "c": 2}}]})
    assert found[0] == ("replace", "/spec/l/0/n", 1)
    assert len(found) == 400


def test_the_operations_give_what_is_wanted() -> None:
    random = Random(6902)

    def item() -> Any:
        named = {"name": random.choice("abcd")} if random.random() < 0.6 else {}
        inner = [{"name": random.choice("xyz"), "v": random.randint(0, 2)} for _ in range(3)]
        return random.choice([1, True, "t", {**named, "l": inner, "v": random.randint(0, 2)}])

    def document(items: list[Any]) -> dict[str, Any]:
        rest = {f"k{number}": number for number in range(60)}
        identity = {"apiVersion": "example.com/v1", "kind": "Some", "metadata": {"name": "some"}}
        return {**identity, "spec": {**rest, "l": items}}

    for _ in range(500):
        items = [item() for _ in range(random.randint(0, 6))]
        wanted = [each for each in items if random.random() < 0.7]
        wanted.insert(random.randint(0, len(wanted)), item())
        found = operations(document(items), document(wanted))
        assert not operation_problems(found)
        assert same(apply_operations(document(items), found), document(wanted)), (items, wanted)


def test_a_map_is_replaced_where_that_is_shorter() -> None:
    assert steps({"m": {"a": 1, "b": 2}}, {"m": {"c": 3}}) == [("replace", "/spec/m", {"c": 3})]


def test_annotations_are_never_removed_or_replaced_together() -> None:
    base = {"metadata": {"name": "x", "annotations": {"a": "1", "b": "2"}}}
    assert [step["path"] for step in operations(base, {"metadata": {"name": "x"}})] == [
        "/metadata/annotations/a",
        "/metadata/annotations/b",
    ]
    other = {"metadata": {"name": "x", "annotations": {"c": "3"}}}
    assert [step["op"] for step in operations(base, other)] == ["add", "remove", "remove"]


def test_integers_that_a_float_holds() -> None:
    assert is_exact({"a": [2**53, -(2**53), True, "9007199254740993", 0.1]})
    assert not is_exact({"a": [2**53 + 1]})
