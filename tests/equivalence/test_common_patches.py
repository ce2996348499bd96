"""The law of overlays where objects change alike or go together, and share a patch.

``HYPOTHESIS_PROFILE=long`` tries fifty times as many pairs as a usual run.
"""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.equivalence.folders import built_directly, built_over, overlay_of, typed
from tests.equivalence.objects import container, deployment, of, one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_kustomize.k8s.kustomization import Kustomization, Object, Patch
    from tests.equivalence.kustomize_client import Builder

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
examples = settings(
    max_examples=10_000 if LONG else 200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

COMPONENT = "app.kubernetes.io/component"
WORKER = "celeryproject.org/worker"
ENV = [
    [],
    [{"name": "A", "value": "1"}],
    [{"name": "B", "value": "1"}, {"name": "A", "value": "2"}],
    [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    # Any strategic-merge patch would lose one of these.
    [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}],
]
TOLERATIONS = [None, [], [{"key": "a"}], [{"key": "a"}, {"key": "b"}], [{"key": "b"}]]
NUMBERS = [1, 2, 2**53 + 1]


@st.composite
def labels(draw: st.DrawFn) -> dict[str, str]:
    found = {
        COMPONENT: draw(st.sampled_from(["worker", "worker", "beat"])),
        WORKER: draw(st.sampled_from(["", "a", "b"])),
        "app.kubernetes.io/managed-by": draw(st.sampled_from(["", "celery-kustomize"])),
    }
    return {key: value for key, value in found.items() if value}


@st.composite
def variants(draw: st.DrawFn) -> tuple[Object, Object]:
    """The specs of a Deployment and of a custom resource."""
    tolerations = draw(st.sampled_from(TOLERATIONS))
    pod = {} if tolerations is None else {"tolerations": tolerations}
    main = container(env=draw(st.sampled_from(ENV)))
    widget: dict[str, Any] = {"a": draw(st.sampled_from(NUMBERS)), "b": tolerations or []}
    return deployment("", main, pod=pod)["spec"], widget


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Kustomization, Kustomization]:
    before, after, other = draw(variants()), draw(variants()), draw(variants())
    base, wanted = [], []
    for index in range(draw(st.integers(2, 6))):
        is_widget = draw(st.integers(0, 3)) == 0
        kind, api = ("Widget", "example.com/v1") if is_widget else ("Deployment", "apps/v1")
        metadata = {"labels": draw(labels())}
        item = one(kind, f"w{index}", api=api, metadata=metadata)
        fate = draw(st.sampled_from(["stays", "changes", "changes", "goes", "comes", "differs"]))
        old = draw(st.sampled_from([before, before, before, other]))[is_widget]
        new = {"changes": after, "comes": after, "differs": other}.get(fate)
        if fate != "comes":
            base.append({**item, "spec": copy.deepcopy(old)})
        if fate != "goes":
            wanted.append({**item, "spec": copy.deepcopy(new[is_widget] if new else old)})
    return of(*base), of(*wanted)


@examples
@given(pair=pairs())
def test_an_overlay_with_common_patches_builds_to_the_environment(
    kustomize: Builder, pair: tuple[Kustomization, Kustomization]
) -> None:
    base, wanted = pair
    top = overlay_of(base, wanted)
    assert typed(built_over(kustomize, base, top)) == typed(built_directly(kustomize, wanted))


def worker(name: str, kind: str = "Deployment", **spec: Any) -> Object:
    metadata = {"labels": {COMPONENT: "worker", WORKER: name}}
    return one(kind, f"worker-{name}", api="apps/v1", metadata=metadata, spec=spec)


def beat(**spec: Any) -> Object:
    return one(
        "Deployment", "beat", api="apps/v1", metadata={"labels": {COMPONENT: "beat"}}, spec=spec
    )


def patches(
    kustomize: Builder, base: Sequence[Object], wanted: Sequence[Object]
) -> Sequence[Patch]:
    top = overlay_of(of(*base), of(*wanted))
    built = typed(built_over(kustomize, of(*base), top))
    assert built == typed(built_directly(kustomize, of(*wanted)))
    return top.patches


def test_the_same_change_of_all_objects_of_a_kind(kustomize: Builder) -> None:
    base = [worker("a", x=1), worker("b", x=1), beat(x=1)]
    (patch,) = patches(kustomize, base, [{**item, "spec": {"x": 2}} for item in base])
    assert patch.target == {"kind": "Deployment"}
    assert patch.content == [
        {
            "kind": "Deployment",
            "metadata": {"name": "any"},
            "spec": {"x": 2},
        }
    ]


def test_the_same_change_of_all_worker_sets(kustomize: Builder) -> None:
    base = [worker("a", x=1), worker("b", x=1), beat(x=1)]
    (patch,) = patches(kustomize, base, [worker("a", x=2), worker("b", x=2), beat(x=1)])
    assert patch.target == {"kind": "Deployment", "labelSelector": f"{COMPONENT}=worker"}


def test_a_new_worker_set_that_has_the_change_already(kustomize: Builder) -> None:
    base = [worker("a", x=1), worker("b", x=1)]
    (patch,) = patches(kustomize, base, [worker("a", x=2), worker("b", x=2), worker("c", x=2)])
    assert patch.target == {"kind": "Deployment"}


def test_a_worker_set_that_stays_as_it_is(kustomize: Builder) -> None:
    base = [worker("a", x=1), worker("b", x=1), worker("c", x=1)]
    (patch,) = patches(kustomize, base, [worker("a", x=2), worker("b", x=2), worker("c", x=1)])
    assert patch.target is None
    assert len(patch.content) == 2


def test_the_same_operations(kustomize: Builder) -> None:
    def scaler(name: str, length: str) -> Object:
        triggers = [{"type": "redis", "metadata": {"listLength": length, "key": name}}]
        return one("ScaledObject", name, api="keda.sh/v1alpha1", spec={"triggers": triggers})

    base = [scaler("a", "1"), scaler("b", "1")]
    (patch,) = patches(kustomize, base, [scaler("a", "2"), scaler("b", "2")])
    assert patch.target == {"kind": "ScaledObject"}
    assert list(patch.content) == [
        {"op": "replace", "path": "/spec/triggers/0/metadata/listLength", "value": "2"}
    ]


def test_a_worker_set_goes(kustomize: Builder) -> None:
    budget = worker("a", "PodDisruptionBudget")
    (patch,) = patches(kustomize, [worker("a"), budget, worker("b")], [worker("b")])
    assert patch.target == {"labelSelector": f"{WORKER}=a"}
    assert patch.content == [{"kind": "any", "metadata": {"name": "any"}, "$patch": "delete"}]


def test_a_part_of_a_worker_set_goes(kustomize: Builder) -> None:
    parts = [worker("a", "PodDisruptionBudget"), worker("a", "ScaledObject")]
    found = patches(kustomize, [worker("a"), *parts], [worker("a")])
    assert [patch.target for patch in found] == [None, None]
