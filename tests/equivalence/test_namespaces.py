"""The law of overlays for namespaces: what moves with the application, and what stays where it is.

``HYPOTHESIS_PROFILE=long`` tries fifty times as many pairs as a usual run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from celery_kustomize.errors import SpecError
from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization
from celery_kustomize.k8s.kustomize_namespace import namespace_unset_only
from tests.equivalence.folders import built_directly, built_over, overlay_of, typed
from tests.equivalence.kustomize_client import BuildError
from tests.equivalence.objects import container, deployment, of, one

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_kustomize.k8s.kustomization import Object
    from tests.equivalence.kustomize_client import Builder

    Law = Callable[[Kustomization, Kustomization], Kustomization]

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
examples = settings(
    max_examples=10_000 if LONG else 200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

NAMESPACES = st.sampled_from(["", "", "", "infra", "shop", "prod"])
RBAC = "rbac.authorization.k8s.io/v1"


def in_namespace(namespace: str | None, *objects: Object, **fields: Any) -> Kustomization:
    """A folder in a namespace, as ``resources`` renders it."""
    unset_only = namespace is not None and namespace_unset_only(objects, namespace)
    return of(*objects, namespace=namespace, namespace_unset_only=unset_only, **fields)


def account(name: str, namespace: str = "") -> Object:
    found = {"kind": "ServiceAccount", "name": name}
    return {**found, "namespace": namespace} if namespace else found


def service(name: str, namespace: str = "") -> Object:
    found = {"name": name}
    return {**found, "namespace": namespace} if namespace else found


@st.composite
def references(draw: st.DrawFn) -> Object:
    """An object that names others by their namespace."""
    kind = draw(st.sampled_from(["RoleBinding", "ClusterRoleBinding", "webhook", "APIService"]))
    if kind == "webhook":
        hooks = [
            {"name": f"h{index}", "clientConfig": {"service": service("web", namespace)}}
            for index, namespace in enumerate(draw(st.lists(NAMESPACES, max_size=2)))
        ]
        return one(
            "ValidatingWebhookConfiguration",
            "hook",
            api="admissionregistration.k8s.io/v1",
            webhooks=hooks,
        )
    if kind == "APIService":
        spec = {"service": service("web", draw(NAMESPACES)), "group": "a"}
        return one(kind, "v1.a", api="apiregistration.k8s.io/v1", spec=spec)
    names = st.sampled_from(["default", "shop", "other"])
    subjects = draw(st.lists(st.builds(account, names, NAMESPACES), max_size=3))
    role = {"kind": "ClusterRole", "name": "role", "apiGroup": "rbac.authorization.k8s.io"}
    namespace = draw(NAMESPACES) if kind == "RoleBinding" else ""
    return one(kind, "bind", api=RBAC, namespace=namespace, subjects=subjects, roleRef=role)


@st.composite
def others(draw: st.DrawFn) -> Object:
    value = draw(st.sampled_from(["1", "2"]))
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return one("Namespace", draw(st.sampled_from(["shop", "prod", "infra"])))
    if kind == 1:
        return one("ClusterRole", "role", api=RBAC, metadata={"labels": {"a": value}})
    if kind == 2:
        return one(
            "ClusterTriggerAuthentication", "auth", api="keda.sh/v1alpha1", spec={"a": value}
        )
    name, namespace = draw(st.sampled_from(["shop", "web"])), draw(NAMESPACES)
    if kind == 3:
        worker = container(envFrom=[{"configMapRef": {"name": "generated"}}], args=[value])
        item = deployment(name, worker, pod={"serviceAccountName": "shop"})
        return {**item, "metadata": {**item["metadata"], **service(name, namespace)}}
    if kind == 4:
        return one("ServiceAccount", name, namespace=namespace)
    if kind == 5:
        return one("Service", name, namespace=namespace, spec={"type": value})
    if kind == 6:
        api = "monitoring.coreos.com/v1"
        return one("ServiceMonitor", name, api=api, namespace=namespace, spec={"a": value})
    return one("ConfigMap", name, namespace=namespace, data={"a": value})


@st.composite
def folders(draw: st.DrawFn, items: list[Object], namespaces: list[str | None]) -> Kustomization:
    items = [*items, *draw(st.lists(st.one_of(references(), others()), max_size=5))]
    data = draw(st.sampled_from([None, {"a": "1"}, {"a": "2"}, {"b": "1"}]))
    return in_namespace(
        draw(st.sampled_from(namespaces)),
        *{key(item): item for item in items}.values(),
        config_maps=[ConfigMapGenerator("generated", data)] if data else [],
        labels=draw(st.sampled_from([{}, {}, {"team": "x"}])),
    )


def key(item: Object) -> tuple[str, str, str]:
    return item["kind"], item["metadata"]["name"], item["metadata"].get("namespace", "")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Kustomization, Kustomization]:
    base = draw(folders([], [None, "shop", "shop", "shop", "default"]))
    kept = [item for item in base.objects() if draw(st.integers(0, 4))]
    return base, draw(folders(kept, [base.namespace, "prod", "prod", "shop", "infra", "default"]))


@examples
@given(pair=pairs())
def test_an_overlay_puts_everything_where_the_environment_has_it(
    kustomize: Builder, pair: tuple[Kustomization, Kustomization]
) -> None:
    base, wanted = pair
    try:
        built_directly(kustomize, base)
        expected = typed(built_directly(kustomize, wanted))
        top = overlay_of(base, wanted)
    except BuildError:
        reject()
    except SpecError as error:
        # Objects without a namespace are found by "default": some cannot be told from others.
        if "is there twice" in str(error) or "default" in (base.namespace, wanted.namespace):
            reject()
        raise
    assert typed(built_over(kustomize, base, top)) == expected


@pytest.fixture
def law(kustomize: Builder) -> Law:
    """The overlay of two folders, which must build to the second."""

    def check(base: Kustomization, wanted: Kustomization) -> Kustomization:
        top = overlay_of(base, wanted)
        assert typed(built_over(kustomize, base, top)) == typed(built_directly(kustomize, wanted))
        return top

    return check


def moving(before: str, after: str, **target: str) -> dict[str, Any]:
    """The patch that takes what is in ``before``, or one object of it, to ``after``."""
    operation = {"op": "replace", "path": "/metadata/namespace", "value": after}
    return {"target": target or {"namespace": before}, "content": [operation]}


def moves(top: Kustomization) -> list[dict[str, Any]]:
    return [{"target": patch.target, "content": list(patch.content)} for patch in top.patches]


OWN = [
    one("ServiceAccount", "shop"),
    one("ClusterTriggerAuthentication", "auth", api="keda.sh/v1alpha1", spec={}),
    deployment(
        "worker",
        container(envFrom=[{"configMapRef": {"name": "settings"}}]),
        pod={"serviceAccountName": "shop"},
    ),
]
MONITOR = one("ServiceMonitor", "shop", api="monitoring.coreos.com/v1", namespace="monitoring")
SETTINGS = ConfigMapGenerator("settings", {"a": "1"})


def test_an_application_moves_without_what_is_elsewhere(law: Law) -> None:
    objects = [*OWN, MONITOR, one("Namespace", "shop")]
    top = law(
        in_namespace("shop", *objects, config_maps=[SETTINGS]),
        in_namespace("prod", *objects, config_maps=[SETTINGS]),
    )
    assert top.namespace is None
    assert moves(top) == [moving("shop", "prod")]


def test_what_the_overlay_adds_comes_to_its_namespace(law: Law) -> None:
    base = in_namespace("shop", *OWN, MONITOR, config_maps=[SETTINGS])
    more = ConfigMapGenerator("more", {"a": "1"})
    added = [one("Secret", "added"), one("Secret", "added", namespace="infra")]
    top = law(base, in_namespace("prod", *OWN, MONITOR, *added, config_maps=[SETTINGS, more]))
    assert (top.namespace, top.namespace_unset_only) == ("prod", True)
    assert moves(top) == [moving("shop", "prod")]


def test_an_object_that_names_the_base_s_namespace_stays_there(law: Law) -> None:
    objects = [*OWN, one("Secret", "keys", namespace="shop")]
    top = law(in_namespace("shop", *objects), in_namespace("prod", *objects))
    target = {"version": "v1", "kind": "Secret", "name": "keys"}
    assert moves(top) == [moving("shop", "prod"), moving("prod", "shop", **target)]


def test_one_of_two_objects_with_a_name_stays(law: Law) -> None:
    policies = [
        one("NetworkPolicy", "deny", api="networking.k8s.io/v1", namespace=name, spec={})
        for name in ("shop", "prod")
    ]
    top = law(in_namespace("shop", *OWN, *policies), in_namespace("prod", *OWN, *policies))
    (_, back) = moves(top)
    assert back["target"]["namespace"] == "shop"


def test_the_namespace_field_where_all_may_move(law: Law) -> None:
    top = law(in_namespace("shop", *OWN), in_namespace("prod", *OWN))
    assert (top.namespace, top.namespace_unset_only, moves(top)) == ("prod", False, [])
    # Of what the base has elsewhere, nothing is left.
    top = law(in_namespace("shop", *OWN, MONITOR), in_namespace("prod", *OWN))
    assert (top.namespace, top.namespace_unset_only) == ("prod", False)


def test_a_role_for_an_account_of_the_base_s_namespace(law: Law) -> None:
    role = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    subjects = [account("shop"), account("shop", "shop"), account("default")]
    binding = one("RoleBinding", "reader", api=RBAC, subjects=subjects, roleRef=role)
    for more in ([], [MONITOR]):
        law(in_namespace("shop", *OWN, binding, *more), in_namespace("prod", *OWN, binding, *more))


def test_an_account_that_the_overlay_adds_is_followed(law: Law) -> None:
    role = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    binding = one("RoleBinding", "reader", api=RBAC, subjects=[account("own")], roleRef=role)
    own = one("ServiceAccount", "own", namespace="shop")
    law(in_namespace("shop", binding), in_namespace("shop", binding, own))


def test_an_object_that_the_patch_would_damage(law: Law) -> None:
    widget = one("Widget", "w", api="example.com/v1", spec={"a": 2**53 + 1})
    with pytest.raises(SpecError) as caught:
        law(in_namespace("shop", widget, MONITOR), in_namespace("prod", widget, MONITOR))
    assert str(caught.value) == (
        "Widget w cannot get the namespace that it has in the overlay, since a patch would round "
        "its integers beyond 2^53: give it to each overlay (extraResources) instead of the "
        "application"
    )
