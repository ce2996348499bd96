"""Pairs of base and environment that break overlays written without care, each by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from celery_kustomize.errors import SpecError
from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Image, Kustomization, Replicas
from celery_kustomize.k8s.kustomize_namespace import namespace_unset_only
from tests.equivalence.folders import built_directly, built_over, overlay_of, typed
from tests.equivalence.objects import container, deployment, of, one, workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_kustomize.k8s.kustomization import Object
    from tests.equivalence.kustomize_client import Builder

    Law = Callable[[Kustomization, Kustomization], Kustomization]


@pytest.fixture
def law(kustomize: Builder) -> Law:
    """The overlay of two folders, which must build to the second."""

    def check(base: Kustomization, wanted: Kustomization) -> Kustomization:
        top = overlay_of(base, wanted)
        assert typed(built_over(kustomize, base, top)) == typed(built_directly(kustomize, wanted))
        return top

    return check


def in_namespace(namespace: str, *objects: Object, **fields: Any) -> Kustomization:
    """A folder in a namespace, as ``resources`` renders it."""
    unset_only = namespace_unset_only(objects, namespace)
    return of(*objects, namespace=namespace, namespace_unset_only=unset_only, **fields)


def test_order_of_variables_that_refer_to_earlier_ones(law: Law) -> None:
    def password(secret: str) -> Object:
        return {
            "name": "PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": secret, "key": "password"}},
        }

    url = {"name": "URL", "value": "redis://:$(PASSWORD)@a"}
    other = {"name": "LEVEL", "value": "info"}
    top = law(
        of(deployment("worker", container(env=[password("one"), url, other]))),
        of(
            deployment(
                "worker",
                container(
                    env=[
                        password("two"),
                        {**url, "value": "redis://:$(PASSWORD)@b"},
                        {"name": "EXTRA", "value": "$(URL)"},
                        other,
                    ]
                ),
            )
        ),
    )
    patch = top.patches[0].content[0]["spec"]["template"]["spec"]["containers"]
    assert patch == [
        {
            "name": "main",
            "env": [
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "two"}}},
                {"name": "URL", "value": "redis://:$(PASSWORD)@b"},
                {"name": "EXTRA", "value": "$(URL)"},
            ],
        }
    ]


def test_a_variable_appended_keeps_the_others_before_it_by_stubs(law: Law) -> None:
    old = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    top = law(
        of(deployment("worker", container(env=old))),
        of(deployment("worker", container(env=[*old, {"name": "C", "value": "on"}]))),
    )
    assert top.patches[0].content[0]["spec"]["template"]["spec"]["containers"][0]["env"] == [
        {"name": "A"},
        {"name": "B"},
        {"name": "C", "value": "on"},
    ]


def port(number: int, protocol: str = "", **fields: Any) -> Object:
    return {"port": number, **({"protocol": protocol} if protocol else {}), **fields}


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        (
            [port(53, "UDP"), port(53, "TCP"), port(80, "TCP")],
            [port(53, "TCP"), port(80, "TCP", name="web"), port(81, "UDP")],
        ),
        ([port(80), port(443)], [port(443), port(80)]),
        ([port(80), port(443)], [port(80, "TCP"), port(443, "TCP")]),
        ([port(80), port(443, "TCP")], [port(443, "TCP")]),
        ([port(80, "TCP")], [port(81, "UDP"), port(80, "TCP", name="web")]),
    ],
)
def test_ports_have_two_keys(law: Law, base: list[Object], wanted: list[Object]) -> None:
    law(
        of(one("Service", "web", spec={"ports": base})),
        of(one("Service", "web", spec={"ports": wanted})),
    )


def test_a_port_with_and_without_protocol_survives_an_unrelated_change(law: Law) -> None:
    ports = [port(80, "UDP"), port(80)]
    top = law(
        of(one("Service", "web", spec={"ports": ports})),
        of(one("Service", "web", spec={"ports": ports, "type": "NodePort"})),
    )
    assert top.patches[0].content == [{"op": "add", "path": "/spec/type", "value": "NodePort"}]


def test_an_image_in_several_objects(law: Law) -> None:
    def release(first: str, second: str) -> Kustomization:
        cron = one(
            "CronJob",
            "clean",
            api="batch/v1",
            spec={"jobTemplate": {"spec": {"template": {"spec": {"containers": [container()]}}}}},
        )
        side = container("side", "app:2")
        return of(
            deployment("one", container(image=first), side),
            deployment("two", container(image=second)),
            cron,
        )

    top = law(release("app:1", "app:1"), release("app:2", "app:1"))
    assert not top.images
    assert len(top.patches) == 1


def images(**changes: str) -> Kustomization:
    return of(*[deployment(name, container(image=image)) for name, image in changes.items()])


def test_one_image_for_all_is_one_entry(law: Law) -> None:
    top = law(
        images(one="reg:5000/app:1", two="reg:5000/app:1"),
        images(one="reg:5000/app:1.10", two="reg:5000/app:1.10"),
    )
    assert top.images == [Image("reg:5000/app", new_tag="1.10")]
    assert not top.patches


@pytest.mark.parametrize(
    ("base", "wanted", "entries"),
    [
        (images(a="a:1", b="b:1"), images(a="b:1", b="a:1"), []),
        (images(a="a:1@sha256:ab"), images(a="a:2"), [Image("a", new_tag="2")]),
        (images(a="a:1"), images(a="a:1@sha256:ab"), [Image("a", None, "1", "sha256:ab")]),
        (images(a="a:1"), images(a="a"), []),
        (images(a="a"), images(a="reg/a"), [Image("a", "reg/a")]),
        (images(a="a:1"), images(a="mirror:5000/a:1"), [Image("a", "mirror:5000/a")]),
        (images(a="a:1"), images(a="a:1+x"), []),
        (
            images(a="jp.icr.io/app:1", b="jpxicr.io/app:1"),
            images(a="jp.icr.io/app:2", b="jpxicr.io/app:1"),
            [],
        ),
        (
            images(a="jp.icr.io/app:1", b="jpxicr.io/app:1"),
            images(a="jp.icr.io/app:1", b="jpxicr.io/app:2"),
            [Image("jpxicr.io/app", new_tag="2")],
        ),
        (
            images(a="a:1", b="b:1"),
            images(a="b:1", b="b:2"),
            [Image("a", "b")],
        ),
    ],
)
def test_images_reach_what_matches(
    law: Law, base: Kustomization, wanted: Kustomization, entries: list[Image]
) -> None:
    assert list(law(base, wanted).images) == entries


def test_images_of_containers_that_share_a_name(law: Law) -> None:
    def rollout(first: str) -> Kustomization:
        pod = {"containers": [container(image=first), container(image="other:1")]}
        spec = {"template": {"spec": pod}}
        return of(one("Rollout", "worker", api="argoproj.io/v1alpha1", spec=spec))

    law(rollout("app:1"), rollout("app:2"))
    law(rollout("app:1"), rollout("other:2"))
    law(
        of(rollout("app:1").objects()[0], deployment("x", container(image="other:1"))),
        of(rollout("app:1").objects()[0], deployment("x", container(image="app:3"))),
    )


def budget(**spec: Any) -> Kustomization:
    return of(one("PodDisruptionBudget", "worker", api="policy/v1", spec=spec))


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        (budget(maxUnavailable="1"), budget(maxUnavailable=1)),
        (budget(maxUnavailable="25%"), budget(maxUnavailable=0)),
        (budget(maxUnavailable=1), budget(maxUnavailable="1")),
        (budget(maxUnavailable=1), budget(minAvailable="50%")),
        (budget(maxUnavailable=True), budget(maxUnavailable=1)),
    ],
)
def test_numbers_and_texts(law: Law, base: Kustomization, wanted: Kustomization) -> None:
    law(base, wanted)


def pods(*volumes: Object, **fields: Any) -> Kustomization:
    return of(deployment("worker", container(**fields), pod={"volumes": list(volumes)}))


def test_empty_values_and_unions(law: Law) -> None:
    sized = pods({"name": "v", "emptyDir": {"sizeLimit": "1Gi"}})
    empty = pods({"name": "v", "emptyDir": {}})
    mapped = pods({"name": "v", "configMap": {"name": "c"}})
    states = [sized, empty, mapped]
    limits = {"limits": {"memory": "1Gi"}}
    states += [pods(resources=limits), pods(resources={}), pods(resources={"limits": {}}), pods()]
    states += [pods(env=[{"name": "A", "value": "1"}]), pods(env=[])]
    for base in states:
        for wanted in states:
            law(base, wanted)


def test_a_rolling_update_becomes_recreate(law: Law) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}
    top = law(
        of(deployment("beat", strategy=rolling)),
        of(deployment("beat", strategy={"type": "Recreate"})),
    )
    assert top.patches[0].content[0]["spec"]["strategy"] == {
        "type": "Recreate",
        "rollingUpdate": None,
    }


def test_fixed_replicas_become_autoscaled_and_back(law: Law) -> None:
    scaler = one("ScaledObject", "worker", api="keda.sh/v1alpha1", spec={"triggers": []})
    fixed, scaled = of(deployment("worker", replicas=2)), of(deployment("worker"), scaler)
    top = law(fixed, scaled)
    assert top.resources == {"shop.yaml": [scaler]}
    assert top.patches[0].file == "shop-patch.yaml"
    assert top.patches[0].content[0]["spec"] == {"replicas": None}
    top = law(scaled, fixed)
    assert top.replicas == [Replicas("worker", 2)]
    assert top.patches[0].content[0]["$patch"] == "delete"


def test_replicas_of_two_kinds_with_one_name(law: Law) -> None:
    base = of(deployment("shop", replicas=1), workload("StatefulSet", "shop", replicas=1))
    wanted = of(deployment("shop", replicas=2), workload("StatefulSet", "shop", replicas=3))
    assert not law(base, wanted).replicas
    both = of(deployment("shop", replicas=2), workload("StatefulSet", "shop", replicas=2))
    assert law(base, both).replicas == [Replicas("shop", 2)]


def bound(*subjects: Object) -> Object:
    role = {"kind": "ClusterRole", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}
    return one(
        "ClusterRoleBinding",
        "bind",
        api="rbac.authorization.k8s.io/v1",
        subjects=list(subjects),
        roleRef=role,
    )


def account(name: str, **fields: str) -> Object:
    return {"kind": "ServiceAccount", "name": name, **fields}


NAMESPACED = [
    one("ConfigMap", "settings", data={"a": "b"}),
    one("ConfigMap", "settings", namespace="infra", data={"a": "b"}),
    one("ServiceAccount", "shop"),
    one("ClusterTriggerAuthentication", "auth", api="keda.sh/v1alpha1", spec={}),
    bound(account("default"), account("shop"), account("x", namespace="infra")),
]


def test_a_namespace_leaves_objects_with_their_own(law: Law) -> None:
    base = of(*NAMESPACED, deployment("worker"))
    top = law(base, in_namespace("prod", *NAMESPACED, deployment("worker")))
    assert (top.namespace, top.namespace_unset_only) == ("prod", True)
    assert not top.patches


def test_another_namespace_moves_all_that_follow(law: Law) -> None:
    moving = [item for item in NAMESPACED if item["metadata"].get("namespace") != "infra"]
    top = law(in_namespace("shop", *moving), in_namespace("prod", *moving))
    assert (top.namespace, top.namespace_unset_only) == ("prod", False)
    assert not top.patches


def test_data_that_looks_like_something_else(law: Law) -> None:
    texts = ["on", "1e3", "08", "y", "2024-1-2", '"q"', "a \nb", "cr\r\nlf", "$(X)", "\ttab", ""]
    old = {"gone": "x", "two\nlines": "x", **{f"k{index}": "two\nlines" for index in range(20)}}
    new = {f"k{index}": text for index, text in enumerate(texts)}
    new |= {"a/b~c": "1", "on": "2", "two\nlines": "y"}
    law(of(one("ConfigMap", "c", data=old)), of(one("ConfigMap", "c", data=new)))
    law(
        of(one("ConfigMap", "c", data={**old, "$patch": "x"})),
        of(one("ConfigMap", "c", data={**new, "$patch": "y"})),
    )


def widget(**spec: Any) -> Object:
    return one("Widget", "w", api="example.com/v1", spec=spec)


def test_integers_beyond_floats(law: Law) -> None:
    law(of(widget(a=2**53 + 1, b="1")), of(widget(a=2**53 + 1, b="2")))
    law(of(widget(a=1)), of(widget(a=2**53 + 1)))
    with pytest.raises(SpecError) as caught:
        law(of(widget(a=2**53 + 1, b="1")), of(widget(a=2**53 + 1, b=1)))
    assert str(caught.value) == (
        "Widget w cannot be patched: it has integers beyond 2^53 beside a list with duplicate or "
        "incomplete keys, a null, a key starting with $, or a value that changes its type; remove "
        "these, or give the object to each overlay (extraResources)"
    )


@pytest.mark.parametrize(
    "pod",
    [
        {"hostAliases": [{"ip": "1.1.1.1", "hostnames": ["a"]}, {"ip": "1.1.1.1"}]},
        {"hostAliases": [{"hostnames": ["a"]}]},
        {"volumes": [{"name": "v", "emptyDir": {}}, {"name": "v", "hostPath": {"path": "/"}}]},
    ],
)
def test_lists_that_break_their_own_key_survive_an_unrelated_change(law: Law, pod: Object) -> None:
    env = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    old = container(env=env, volumeMounts=[{"name": "v", "mountPath": "/v"}])
    base = of(deployment("worker", old, pod=pod))
    assert law(base, of(deployment("worker", {**old, "image": "app:2"}, pod=pod))).images
    law(base, of(deployment("worker", {**old, "tty": True}, pod=pod)))
    law(base, of(deployment("worker", {**old, "env": env[1:]}, pod=pod)))


def test_a_deployment_becomes_a_stateful_set(law: Law) -> None:
    top = law(of(deployment("beat")), of(workload("StatefulSet", "beat")))
    assert top.resources == {"shop.yaml": [workload("StatefulSet", "beat")]}
    assert [patch.content[0]["kind"] for patch in top.patches] == ["Deployment"]


def test_containers_reordered_and_renamed(law: Law) -> None:
    a, b, c = (container(name, args=[name]) for name in "abc")
    base = of(deployment("worker", a, b, pod={"initContainers": [a, b, c]}))
    law(base, of(deployment("worker", b, a, pod={"initContainers": [c, a, b]})))
    law(base, of(deployment("worker", {**a, "name": "z"}, b, pod={"initContainers": [b, c]})))
    law(base, of(deployment("worker", {"name": "a"}, b, pod={"initContainers": [a, b, c]})))


def scaler(*triggers: Object) -> Kustomization:
    spec = {"scaleTargetRef": {"name": "worker"}, "triggers": list(triggers)}
    return of(one("ScaledObject", "worker", api="keda.sh/v1alpha1", spec=spec))


def trigger(length: str, **fields: str) -> Object:
    metadata = {"address": "redis:6379", "listName": "celery", "listLength": length, **fields}
    return {"type": "redis", "metadata": metadata, "authenticationRef": {"name": "worker"}}


def test_one_leaf_of_a_list_without_keys_is_an_operation(law: Law) -> None:
    top = law(scaler(trigger("4"), trigger("5")), scaler(trigger("4"), trigger("6")))
    assert list(top.patches[0].content) == [
        {"op": "replace", "path": "/spec/triggers/1/metadata/listLength", "value": "6"}
    ]
    assert top.patches[0].target == {
        "group": "keda.sh",
        "version": "v1alpha1",
        "kind": "ScaledObject",
        "name": "worker",
    }


def test_a_trigger_inserted_in_the_middle(law: Law) -> None:
    law(scaler(trigger("1"), trigger("3")), scaler(trigger("1"), trigger("2"), trigger("3")))


def ingress(host: str) -> Kustomization:
    rules = [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix"}]}}]
    spec = {"rules": rules, "tls": [{"hosts": [host], "secretName": "tls"}]}
    return of(one("Ingress", "web", api="networking.k8s.io/v1", spec=spec))


def test_a_host_in_rules_and_tls(law: Law) -> None:
    top = law(ingress("a.example"), ingress("b.example"))
    assert [step["path"] for step in top.patches[0].content] == [
        "/spec/rules/0/host",
        "/spec/tls/0/hosts/0",
    ]


def test_names_that_look_like_each_other_as_regular_expressions(law: Law) -> None:
    def both(first: str, second: str) -> Kustomization:
        return of(
            {**budget(maxUnavailable=first).objects()[0], "metadata": {"name": "a.b"}},
            {**budget(maxUnavailable=second).objects()[0], "metadata": {"name": "axb"}},
        )

    base = both("1", "1")
    wanted = both(1, "1")  # type: ignore[arg-type]
    assert law(base, wanted).patches[0].target == {
        "group": "policy",
        "version": "v1",
        "kind": "PodDisruptionBudget",
        "name": "a\\.b",
    }


def generated(data: dict[str, str], **fields: Any) -> Kustomization:
    volume = {"name": "v", "configMap": {"name": "settings"}}
    return of(
        deployment("worker", pod={"volumes": [volume]}),
        config_maps=[ConfigMapGenerator("settings", data, **fields)],
    )


def test_a_generated_config_map_merges_replaces_and_loses_keys(law: Law) -> None:
    base = generated({"a": "1", "b": "2", "c": "3"})
    merged = law(base, generated({"a": "x", "b": "2", "c": "3", "d": "4"}))
    assert merged.config_maps == [
        ConfigMapGenerator("settings", {"a": "x", "d": "4"}, behavior="merge")
    ]
    assert not merged.patches
    fewer = law(base, generated({"a": "1", "b": "x"}))
    assert [entry.behavior for entry in fewer.config_maps] == ["merge"]
    assert fewer.patches[0].content[0]["data"] == {"c": None}
    other = law(base, generated({"a": "x"}))
    assert [entry.behavior for entry in other.config_maps] == ["replace"]
    assert not law(base, of(deployment("worker"))).config_maps
    law(of(deployment("worker")), base)


def test_a_label_of_the_base_that_object_and_template_hold_as_one(law: Law) -> None:
    wanted = deployment("worker")
    wanted["metadata"]["labels"] = {"team": "x"}
    wanted["spec"]["template"] = {
        "metadata": {"labels": {"team": "y"}},
        **wanted["spec"]["template"],
    }
    law(of(deployment("worker"), labels={"team": "shop"}), of(wanted))


def test_annotations_of_all_objects_are_one_patch(law: Law) -> None:
    def annotated(**annotations: str) -> Kustomization:
        managed = {"labels": {"app.kubernetes.io/managed-by": "celery-kustomize"}}
        own = {**managed, "annotations": annotations} if annotations else managed
        items = [{**deployment(name), "metadata": {"name": name, **own}} for name in ("a", "b")]
        generator = ConfigMapGenerator(
            "settings", {"a": "1"}, labels=managed["labels"], annotations=annotations
        )
        return of(*items, one("Secret", "foreign"), namespace="shop", config_maps=[generator])

    top = law(annotated(), annotated(owner="checkout", on="y"))
    assert len(top.patches) == 1
    assert top.patches[0].target == {
        "labelSelector": "app.kubernetes.io/managed-by=celery-kustomize"
    }
    law(annotated(owner="checkout"), annotated())


def test_removing_annotations_keeps_what_kustomize_notes_among_them(law: Law) -> None:
    def folder(**annotations: str) -> Kustomization:
        kept = {"annotations": annotations} if annotations else {}
        generator = ConfigMapGenerator("settings", {"a": "1"}, annotations=annotations)
        worker = deployment("worker", container(envFrom=[{"configMapRef": {"name": "settings"}}]))
        return of(
            {**worker, "metadata": {"name": "worker", **kept}},
            namespace="shop",
            config_maps=[generator],
        )

    law(folder(a="1"), folder())
    law(folder(a="1"), folder(b="2"))


def test_added_objects_get_namespace_and_labels_of_the_base(law: Law) -> None:
    base = in_namespace("shop", deployment("worker"), labels={"team": "checkout"})
    added = deployment("other"), one("ConfigMap", "far", namespace="infra")
    wanted = in_namespace("shop", deployment("worker"), *added, labels={"team": "checkout"})
    top = law(base, wanted)
    assert (top.namespace, top.namespace_unset_only) == ("shop", True)
    assert top.labels == {"team": "checkout"}
