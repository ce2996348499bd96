from __future__ import annotations

import json
import os
import subprocess
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.k8s.schema import check
from celery_kustomize.k8s.strategic_merge import StrategicMergeError, merge
from celery_kustomize.located import Map, Mark, Seq

if TYPE_CHECKING:
    from pathlib import Path

POD: dict[str, Any] = {
    "metadata": {"labels": {"team": "checkout", "tier": "gold"}},
    "spec": {
        "containers": [
            {
                "name": "worker",
                "image": "app:1",
                "args": ["-c", "4"],
                "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}],
                "livenessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 30},
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            }
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "cfg", "configMap": {"name": "c"}}],
        "tolerations": [{"key": "a"}, {"key": "b"}],
        "topologySpreadConstraints": [
            {"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1}
        ],
        "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "p"}},
    },
}


def container(patch: dict[str, Any]) -> dict[str, Any]:
    """POD's container after a patch to it."""
    merged = merge("PodTemplateSpec", POD, {"spec": {"containers": [{"name": "worker", **patch}]}})
    result: dict[str, Any] = merged["spec"]["containers"][0]
    return result


def spec(patch: dict[str, Any]) -> dict[str, Any]:
    """POD's spec after a patch to it."""
    result: dict[str, Any] = merge("PodTemplateSpec", POD, {"spec": patch})["spec"]
    return result


def test_maps_merge_and_null_removes() -> None:
    merged = merge("PodTemplateSpec", POD, {"metadata": {"labels": {"tier": None, "new": "x"}}})
    assert merged["metadata"] == {"labels": {"team": "checkout", "new": "x"}}
    assert "metadata" not in merge("PodTemplateSpec", POD, {"metadata": None})


def test_nulls_of_new_maps_do_not_stay() -> None:
    assert spec({"dnsConfig": {"options": None, "searches": ["a"]}})["dnsConfig"] == {
        "searches": ["a"]
    }


def test_map_directives() -> None:
    labels = {"$patch": "replace", "only": "x"}
    merged = merge("PodTemplateSpec", POD, {"metadata": {"labels": labels}})
    assert merged["metadata"] == {"labels": {"only": "x"}}
    merged = merge("PodTemplateSpec", POD, {"metadata": {"labels": {"$patch": "delete"}}})
    assert merged["metadata"] == {}
    assert merge("PodTemplateSpec", POD, {"$patch": "replace", "metadata": {}}) == {"metadata": {}}


def test_items_keep_their_place_and_new_ones_follow() -> None:
    patch = {"env": [{"name": "C", "value": "3"}, {"name": "A", "value": "9"}]}
    assert container(patch)["env"] == [
        {"name": "A", "value": "9"},
        {"name": "B", "value": "2"},
        {"name": "C", "value": "3"},
    ]


def test_an_unmatched_container_is_a_sidecar_at_the_end() -> None:
    merged = spec({"containers": [{"name": "proxy", "image": "p", "args": None}]})
    assert merged["containers"] == [POD["spec"]["containers"][0], {"name": "proxy", "image": "p"}]


def test_item_directives() -> None:
    assert container({"env": [{"name": "A", "$patch": "delete"}]})["env"] == [
        {"name": "B", "value": "2"}
    ]
    assert container({"env": [{"name": "Z", "$patch": "delete"}]})["env"] == [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "2"},
    ]
    replaced = spec({"containers": [{"name": "worker", "$patch": "replace", "image": "b"}]})
    assert replaced["containers"] == [{"name": "worker", "image": "b"}]


def test_list_directive_replaces_the_list() -> None:
    patch = {"env": [{"$patch": "replace"}, {"name": "C", "value": "3"}]}
    assert container(patch)["env"] == [{"name": "C", "value": "3"}]
    assert container({"env": [{"$patch": "replace"}]})["env"] == []
    assert spec({"tolerations": [{"$patch": "replace"}, {"key": "c"}]})["tolerations"] == [
        {"key": "c"}
    ]


def test_lists_without_keys_are_replaced() -> None:
    assert container({"args": ["-c", "8"]})["args"] == ["-c", "8"]
    assert spec({"tolerations": []})["tolerations"] == []


def test_ports_are_told_apart_by_protocol_too() -> None:
    patch = {
        "ports": [{"containerPort": 53, "name": "dns"}, {"containerPort": 53, "protocol": "SCTP"}]
    }
    assert container(patch)["ports"] == [
        {"containerPort": 53, "name": "dns"},
        {"containerPort": 53, "protocol": "UDP"},
        {"containerPort": 53, "protocol": "SCTP"},
    ]
    patch = {"ports": [{"containerPort": 53, "protocol": "TCP", "$patch": "delete"}]}
    assert container(patch)["ports"] == [{"containerPort": 53, "protocol": "UDP"}]


def test_spread_constraints_have_two_keys() -> None:
    strict = {"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 2}
    loose = POD["spec"]["topologySpreadConstraints"][0]
    assert spec({"topologySpreadConstraints": [strict]})["topologySpreadConstraints"] == [
        loose,
        strict,
    ]


@pytest.mark.parametrize(
    ("patch", "volumes"),
    [
        (
            {"name": "tmp", "emptyDir": {"medium": "Memory"}},
            {"name": "tmp", "emptyDir": {"medium": "Memory"}},
        ),
        (
            {"name": "tmp", "persistentVolumeClaim": {"claimName": "c"}},
            {"name": "tmp", "persistentVolumeClaim": {"claimName": "c"}},
        ),
    ],
)
def test_a_volume_has_one_source(patch: Any, volumes: Any) -> None:
    assert spec({"volumes": [patch]})["volumes"] == [volumes, POD["spec"]["volumes"][1]]


def test_a_probe_has_one_handler() -> None:
    assert container({"livenessProbe": {"httpGet": {"port": 80}}})["livenessProbe"] == {
        "periodSeconds": 30,
        "httpGet": {"port": 80},
    }
    assert container({"livenessProbe": {"periodSeconds": 5}})["livenessProbe"] == {
        "exec": {"command": ["true"]},
        "periodSeconds": 5,
    }


def test_an_environment_variable_has_one_value() -> None:
    source = {"secretKeyRef": {"name": "s", "key": "k"}}
    assert container({"env": [{"name": "A", "valueFrom": source}]})["env"][0] == {
        "name": "A",
        "valueFrom": source,
    }


def test_what_belongs_to_another_type_goes() -> None:
    patch = {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}
    assert spec(patch)["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}
    assert merge("DeploymentStrategy", strategy, {"type": "Recreate"}) == {"type": "Recreate"}
    assert merge("DeploymentStrategy", strategy, {"type": "RollingUpdate"}) == strategy


def test_finalizers_are_a_set() -> None:
    merged = merge("ObjectMeta", {"finalizers": ["b", "a"]}, {"finalizers": ["c", "a", "c"]})
    assert merged == {"finalizers": ["b", "a", "c"]}


def test_the_last_of_several_items_with_one_key_is_merged() -> None:
    base = {"name": "w", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}
    merged = merge("Container", base, {"env": [{"name": "A", "value": "3"}]})
    assert merged["env"] == [{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]
    assert merge("Container", base, {"env": [{"name": "A", "$patch": "delete"}]})["env"] == []


def test_located_values_come_back_plain() -> None:
    mark = Mark("shop.yaml", 3)
    patch = Map({"args": Seq(["a"], mark, [mark])}, mark, {"args": mark})
    merged = merge("Container", Map({"name": "w"}), patch)
    assert merged == {"name": "w", "args": ["a"]}
    assert (type(merged), type(merged["args"])) == (dict, list)


@pytest.mark.parametrize(
    ("patch", "loc", "message"),
    [
        ({"$patch": "delete"}, ("$patch",), "must not delete everything"),
        (
            {"spec": {"containers": [{"name": "worker"}, {"image": "a"}]}},
            ("spec", "containers", 1, "name"),
            "is required: items of containers are merged by name",
        ),
        (
            {"spec": {"topologySpreadConstraints": [{"topologyKey": "zone"}]}},
            ("spec", "topologySpreadConstraints", 0, "whenUnsatisfiable"),
            "is required: items of topologySpreadConstraints are merged by topologyKey and "
            "whenUnsatisfiable",
        ),
        (
            {"spec": {"containers": ["worker"]}},
            ("spec", "containers", 0),
            "expected a map: items of containers are merged by key",
        ),
        (
            {"spec": {"containers": [{"name": ["a"]}]}},
            ("spec", "containers", 0, "name"),
            "is required: items of containers are merged by name",
        ),
        (
            {"spec": {"tolerations": [{"key": "a", "$patch": "delete"}]}},
            ("spec", "tolerations", 0),
            'tolerations is replaced whole: write the list you want, without "$patch"',
        ),
        (
            {"spec": {"volumes": [{"name": "tmp", "$retainKeys": ["name"]}]}},
            ("spec", "volumes", 0, "$retainKeys"),
            '"$retainKeys" is not supported: use $patch',
        ),
        (
            {"metadata": {"$patch": "remove"}},
            ("metadata", "$patch"),
            "must be delete, replace or merge",
        ),
    ],
)
def test_what_cannot_be_merged(patch: Any, loc: tuple[Any, ...], message: str) -> None:
    with pytest.raises(StrategicMergeError) as caught:
        merge("PodTemplateSpec", POD, patch)
    assert (caught.value.loc, caught.value.message) == (loc, message)
    assert any(
        found.loc[: len(loc)] == loc for found in check("PodTemplateSpec", patch, partial=True)
    )


# Laws

text = st.sampled_from(["a", "b", "c"])


def items(key: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Lists of items with distinct keys."""
    item = st.fixed_dictionaries({key: text}, optional=fields)
    return st.lists(item, max_size=3, unique_by=lambda found: found[key])


containers = items(
    "name",
    image=text,
    args=st.lists(text, max_size=2),
    env=items("name", value=text),
    volumeMounts=items("mountPath", name=text),
    resources=st.fixed_dictionaries({}, optional={"limits": st.dictionaries(text, text)}),
    ports=st.lists(
        st.fixed_dictionaries(
            {"containerPort": st.integers(1, 2), "protocol": st.sampled_from(["TCP", "UDP"])},
            optional={"name": text},
        ),
        max_size=2,
        unique_by=lambda port: (port["containerPort"], port["protocol"]),
    ),
)
templates = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries({}, optional={"labels": st.dictionaries(text, text)}),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "containers": containers,
                "tolerations": st.lists(st.fixed_dictionaries({"key": text}), max_size=2),
                "imagePullSecrets": items("name"),
                "hostNetwork": st.booleans(),
                "volumes": items(
                    "name", emptyDir=st.fixed_dictionaries({}, optional={"medium": text})
                ),
            },
        ),
    },
)


def with_directives(template: dict[str, Any], choice: int) -> dict[str, Any]:
    """Some of a patch's items as deletions, some of its fields as null."""
    patch = deepcopy(template)
    for index, item in enumerate(patch.get("spec", {}).get("containers", [])):
        if (choice + index) % 3 == 0:
            item["$patch"] = "delete"
        elif (choice + index) % 3 == 1:
            item["env"] = None
    return patch


@given(templates)
def test_an_empty_patch_changes_nothing(template: dict[str, Any]) -> None:
    assert merge("PodTemplateSpec", template, {}) == template


@given(templates)
def test_onto_nothing_a_patch_is_itself(template: dict[str, Any]) -> None:
    assert merge("PodTemplateSpec", {}, template) == template


@given(templates, templates, st.integers(0, 2))
def test_a_second_time_changes_nothing(
    base: dict[str, Any], template: dict[str, Any], choice: int
) -> None:
    patch = with_directives(template, choice)
    once = merge("PodTemplateSpec", base, patch)
    assert merge("PodTemplateSpec", once, patch) == once


@given(templates, templates, st.integers(0, 2))
def test_inputs_stay_as_they_are(
    base: dict[str, Any], template: dict[str, Any], choice: int
) -> None:
    patch = with_directives(template, choice)
    base_before, patch_before = deepcopy(base), deepcopy(patch)
    merged = merge("PodTemplateSpec", base, patch)
    for part in merged.get("spec", {}).values():
        if isinstance(part, list):
            part.append("changed")
    assert (base, patch) == (base_before, patch_before)


# Kustomize

CASES: list[dict[str, Any]] = [
    {},
    {"metadata": {"labels": {"tier": None, "new": "x"}}},
    {"metadata": {"annotations": {"a": "b"}}},
    {"metadata": {"labels": {"$patch": "replace", "only": "x"}}},
    {"spec": {"containers": [{"name": "proxy", "image": "p"}]}},
    {"spec": {"containers": [{"name": "worker", "args": ["x"], "image": "b"}]}},
    {"spec": {"containers": [{"name": "worker", "env": [{"name": "C", "value": "3"}]}]}},
    {"spec": {"containers": [{"name": "worker", "env": [{"name": "A", "$patch": "delete"}]}]}},
    {"spec": {"containers": [{"name": "worker", "env": [{"$patch": "replace"}]}]}},
    {"spec": {"containers": [{"name": "worker", "env": None}]}},
    {"spec": {"containers": [{"name": "worker", "livenessProbe": {"periodSeconds": 5}}]}},
    {"spec": {"containers": [{"name": "worker", "livenessProbe": None}]}},
    {
        "spec": {
            "containers": [{"name": "worker", "volumeMounts": [{"name": "cfg", "mountPath": "/c"}]}]
        }
    },
    {"spec": {"tolerations": [{"key": "c"}]}},
    {"spec": {"tolerations": []}},
    {"spec": {"volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory"}}]}},
    {"spec": {"volumes": [{"name": "tmp", "$patch": "delete"}, {"name": "n", "emptyDir": {}}]}},
    {"spec": {"imagePullSecrets": [{"name": "s"}]}},
    {"spec": {"securityContext": {"$patch": "replace", "runAsUser": 1000}}},
    {"spec": {"nodeSelector": {"disk": "ssd"}, "affinity": {"nodeAffinity": {}}}},
]


def kustomize_build(folder: Path) -> list[dict[str, Any]]:
    program = os.environ.get("CELERY_KUSTOMIZE_BIN")
    command = [program, "build"] if program else ["kubectl", "kustomize"]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


def deployment(index: int, template: dict[str, Any]) -> dict[str, Any]:
    name = f"case-{index:03}"
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"template": template},
    }


def as_sets(value: Any) -> Any:
    """Lists of objects without their order: kustomize puts new items first."""
    if isinstance(value, dict):
        return {key: as_sets(item) for key, item in value.items()}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return sorted((as_sets(item) for item in value), key=partial(json.dumps, sort_keys=True))
    return value


def test_kustomize_merges_the_same(tmp_path: Path) -> None:
    # Kustomize cannot merge lists with two keys when some items leave one out (our ports do).
    base = merge(
        "PodTemplateSpec", POD, {"spec": {"containers": [{"name": "worker", "ports": None}]}}
    )
    bases = [deployment(index, base) for index in range(len(CASES))]
    patches = [deployment(index, case) for index, case in enumerate(CASES)]
    (tmp_path / "base.yaml").write_text(yaml.safe_dump_all(bases), "utf-8")
    (tmp_path / "patches.yaml").write_text(yaml.safe_dump_all(patches), "utf-8")
    kustomization = {"resources": ["base.yaml"], "patches": [{"path": "patches.yaml"}]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), "utf-8")

    built = {
        item["metadata"]["name"]: item["spec"]["template"] for item in kustomize_build(tmp_path)
    }

    for index, case in enumerate(CASES):
        ours = merge("PodTemplateSpec", base, case)
        assert as_sets(ours) == as_sets(built[f"case-{index:03}"]), case
