"""Merging one value over another: each sentence of the specification's "Merging" section."""

from __future__ import annotations

import copy
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, Mark, Seq, mark_at, plain
from celery_kustomize.merge import merge

if TYPE_CHECKING:
    from celery_kustomize.errors import Problem


def located(text: str, file: str = "shop.yaml") -> Map:
    documents, problems = parse(dedent(text).encode(), file)
    assert problems == []
    return documents[0] if documents else Map()


def merged(base: str, change: str) -> Any:
    problems: list[Problem] = []
    result = merge(located(base), located(change, "overlay.yaml"), problems)
    assert problems == []
    return plain(result)


def problems_of(base: str, change: str) -> list[str]:
    problems: list[Problem] = []
    merge(located(base), located(change, "overlay.yaml"), problems)
    return [str(problem) for problem in problems]


def test_maps_merge_deeply() -> None:
    assert merged(
        "workerDefaults: {resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2}}}",
        "workerDefaults: {resources: {requests: {cpu: 3}}}",
    ) == {
        "workerDefaults": {
            "resources": {"requests": {"cpu": 3, "memory": "1Gi"}, "limits": {"cpu": 2}}
        }
    }


def test_a_scalar_replaces_a_map_and_a_map_a_scalar() -> None:
    assert merged("beat: {scheduler: x}", "beat: 5") == {"beat": 5}
    assert merged("beat: 5", "beat: {scheduler: x}") == {"beat": {"scheduler": "x"}}


def test_null_stays_for_the_model_to_read() -> None:
    assert merged(
        "{beat: {storage: {size: 1Gi}}, flower: {}}", "{beat: {storage: null}, flower: null}"
    ) == {"beat": {"storage": None}, "flower": None}


def test_something_given_over_null() -> None:
    assert merged("{flower: null, env: null}", "{flower: {port: 5}, env: [{name: A}]}") == {
        "flower": {"port": 5},
        "env": [{"name": "A"}],
    }


@pytest.mark.parametrize(
    ("base", "change", "result"),
    [
        pytest.param(
            "broker: {managedRedis: {database: 1}, transportOptions: {a: 1}}",
            "broker: {sqs: {region: eu}}",
            {"broker": {"transportOptions": {"a": 1}, "sqs": {"region": "eu"}}},
            id="broker",
        ),
        pytest.param(
            "broker: {rabbitmq: {host: a, vhost: v}, urlFrom: {secretKeyRef: {name: s, key: k}}}",
            "broker: {rabbitmq: {host: b}}",
            {
                "broker": {
                    "rabbitmq": {"host": "b", "vhost": "v"},
                    "urlFrom": {"secretKeyRef": {"name": "s", "key": "k"}},
                }
            },
            id="broker with urlFrom beside its member",
        ),
        pytest.param(
            "broker: {rabbitmq: {host: a}, urlFrom: {secretKeyRef: {name: s, key: k}}}",
            "broker: {redis: {host: b}}",
            {"broker": {"redis": {"host": "b"}}},
            id="another member than the one beside urlFrom",
        ),
        pytest.param(
            "broker: {managedRedis: {}}",
            "broker: {urlFrom: {secretKeyRef: {name: s, key: k}}, redis: {host: b}}",
            {
                "broker": {
                    "urlFrom": {"secretKeyRef": {"name": "s", "key": "k"}},
                    "redis": {"host": "b"},
                }
            },
            id="urlFrom and a member given at once",
        ),
        pytest.param(
            "broker: {redis: {host: a}, managedRedis: null}",
            "broker: {managedRedis: {}}",
            {"broker": {"managedRedis": {}}},
            id="a member that the base has as null",
        ),
        pytest.param(
            "broker: {redis: {host: a}}",
            "broker: {redis: null}",
            {"broker": {"redis": None}},
            id="null is no member",
        ),
        pytest.param(
            "resultBackend: {redis: {host: a}}",
            "resultBackend: {url: 'db+sqlite:///x'}",
            {"resultBackend": {"url": "db+sqlite:///x"}},
            id="resultBackend",
        ),
        pytest.param(
            "broker: {rabbitmq: {host: a, username: u}}",
            "broker: {rabbitmq: {usernameFrom: {secretKeyRef: {name: s, key: k}}}}",
            {
                "broker": {
                    "rabbitmq": {
                        "host": "a",
                        "usernameFrom": {"secretKeyRef": {"name": "s", "key": "k"}},
                    }
                }
            },
            id="rabbitmq user",
        ),
        pytest.param(
            "broker: {redis: {tls: {caFrom: {secretKeyRef: {name: s, key: k}}}}}",
            "broker: {redis: {tls: {caFrom: {configMapKeyRef: {name: c, key: k}}}}}",
            {
                "broker": {
                    "redis": {"tls": {"caFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}}
                }
            },
            id="caFrom",
        ),
        pytest.param(
            "web: {livenessProbe: {httpGet: {path: /, port: 1}, periodSeconds: 5}}",
            "web: {livenessProbe: {tcpSocket: {port: 1}}}",
            {"web": {"livenessProbe": {"periodSeconds": 5, "tcpSocket": {"port": 1}}}},
            id="probe handler",
        ),
        pytest.param(
            "web: {podTemplate: {spec: {containers: [{name: web, startupProbe: {exec: {}}}]}}}",
            "web: {podTemplate: {spec: {containers: [{name: web, startupProbe: {grpc: {}}}]}}}",
            {
                "web": {
                    "podTemplate": {
                        "spec": {"containers": [{"name": "web", "startupProbe": {"grpc": {}}}]}
                    }
                }
            },
            id="probe handler in podTemplate",
        ),
        pytest.param(
            "workerDefaults: {podDisruptionBudget: {maxUnavailable: 1}}",
            "workerDefaults: {podDisruptionBudget: {minAvailable: 2}}",
            {"workerDefaults": {"podDisruptionBudget": {"minAvailable": 2}}},
            id="disruption budget",
        ),
        pytest.param(
            "web: {autoscaling: {cpu: {averageUtilization: 70}, memory: {averageValue: 1Gi}}}",
            "web: {autoscaling: {cpu: {averageValue: 500m}, memory: {averageUtilization: 80}}}",
            {
                "web": {
                    "autoscaling": {
                        "cpu": {"averageValue": "500m"},
                        "memory": {"averageUtilization": 80},
                    }
                }
            },
            id="metrics",
        ),
        pytest.param(
            "beat: {storage: {size: 1Gi}}",
            "beat: {storage: {existingClaim: c}}",
            {"beat": {"storage": {"existingClaim": "c"}}},
            id="storage",
        ),
    ],
)
def test_a_given_member_replaces_the_others(base: str, change: str, result: Any) -> None:
    assert merged(base, change) == result


def test_resources_have_no_one_of_groups() -> None:
    base = "web: {resources: {limits: {cpu: 1}}, nodeSelector: {size: a, existingClaim: b}}"
    change = "web: {resources: {limits: {memory: 1Gi}}, nodeSelector: {size: c}}"
    assert merged(base, change) == {
        "web": {
            "resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
            "nodeSelector": {"size": "c", "existingClaim": "b"},
        }
    }


def test_workers_merge_by_name_in_the_base_order_with_new_ones_last() -> None:
    assert merged(
        "workers: [{name: a, replicas: 1, queues: [x]}, {name: b}]",
        "workers: [{name: c}, {name: b, replicas: 3}, {name: a, replicas: 2}]",
    ) == {
        "workers": [
            {"name": "a", "replicas": 2, "queues": ["x"]},
            {"name": "b", "replicas": 3},
            {"name": "c"},
        ]
    }


def test_image_pull_secrets_merge_by_name_and_mounts_by_path() -> None:
    assert merged(
        "{imagePullSecrets: [{name: a}], volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}",
        "{imagePullSecrets: [{name: b}, {name: a}],"
        " volumeMounts: [{mountPath: /v, subPath: x}, {name: w, mountPath: /w}]}",
    ) == {
        "imagePullSecrets": [{"name": "a"}, {"name": "b"}],
        "volumeMounts": [
            {"name": "v", "mountPath": "/v", "readOnly": True, "subPath": "x"},
            {"name": "w", "mountPath": "/w"},
        ],
    }


def test_items_of_env_and_volumes_are_replaced_whole() -> None:
    assert merged(
        "{env: [{name: A, value: x}, {name: B, value: y}],"
        " volumes: [{name: v, emptyDir: {medium: Memory}}]}",
        "{env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}],"
        " volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}]}",
    ) == {
        "env": [
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "B", "value": "y"},
        ],
        "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}],
    }


def test_lists_inside_a_worker_set_merge_by_the_same_keys() -> None:
    assert merged(
        "workers: [{name: a, env: [{name: A, value: x}, {name: B, value: y}], queues: [q]}]",
        "workers: [{name: a, env: [{name: B, value: z}], queues: [r]}]",
    ) == {
        "workers": [
            {
                "name": "a",
                "env": [{"name": "A", "value": "x"}, {"name": "B", "value": "z"}],
                "queues": ["r"],
            }
        ]
    }


def test_extra_resources_are_added_to() -> None:
    assert merged("extraResources: [a.yaml, b.yaml]", "extraResources: [b.yaml, prod/c.yaml]") == {
        "extraResources": ["a.yaml", "b.yaml", "prod/c.yaml"]
    }


@pytest.mark.parametrize(
    "field", ["envFrom", "tolerations", "patches", "topologySpreadConstraints", "celeryCommand"]
)
def test_every_other_list_is_replaced(field: str) -> None:
    assert merged(f"{field}: [a, b]", f"{field}: [c]") == {field: ["c"]}


def test_patch_delete_removes_an_item() -> None:
    assert merged(
        "{workers: [{name: a}, {name: b}], env: [{name: A}, {name: B}],"
        " volumeMounts: [{name: v, mountPath: /v}]}",
        "{workers: [{name: a, $patch: delete}], env: [{name: B, $patch: delete}],"
        " volumeMounts: [{mountPath: /v, $patch: delete}]}",
    ) == {"workers": [{"name": "b"}], "env": [{"name": "A"}], "volumeMounts": []}


def test_what_was_removed_can_be_given_anew() -> None:
    assert merged(
        "workers: [{name: a, replicas: 5, queues: [x]}, {name: b}]",
        "workers: [{name: a, $patch: delete}, {name: a, replicas: 1}]",
    ) == {"workers": [{"name": "b"}, {"name": "a", "replicas": 1}]}


def test_patch_replace_replaces_the_list() -> None:
    assert merged(
        "{workers: [{name: a}, {name: b, replicas: 3}], extraResources: [a.yaml]}",
        "{workers: [{$patch: replace}, {name: b, queues: [x]}],"
        " extraResources: [{$patch: replace}, b.yaml]}",
    ) == {"workers": [{"name": "b", "queues": ["x"]}], "extraResources": ["b.yaml"]}


def test_patch_replace_alone_empties_the_list() -> None:
    assert merged("env: [{name: A}]", "env: [{$patch: replace}]") == {"env": []}


def test_pod_template_keeps_its_directives_for_kubernetes_merge() -> None:
    base = "web: {podTemplate: {spec: {containers: [{name: web, tty: true}]}}}"
    change = """
    web:
      podTemplate:
        spec:
          containers: [{name: web, $patch: delete}, {$patch: replace}, {name: x}]
          tolerations: [{key: a}]
    """
    assert merged(base, change)["web"]["podTemplate"]["spec"] == {
        "containers": [{"name": "web", "$patch": "delete"}, {"$patch": "replace"}, {"name": "x"}],
        "tolerations": [{"key": "a"}],
    }


def test_pod_template_containers_merge_by_name() -> None:
    base = "web: {podTemplate: {spec: {containers: [{name: web, ports: [{containerPort: 1}]}]}}}"
    change = (
        "web: {podTemplate: {spec: {containers: [{name: log}, {name: web, ports: "
        "[{containerPort: 1, name: http}, {containerPort: 2}]}]}}}"
    )
    assert merged(base, change)["web"]["podTemplate"]["spec"]["containers"] == [
        {"name": "web", "ports": [{"containerPort": 1, "name": "http"}, {"containerPort": 2}]},
        {"name": "log"},
    ]


def test_overrides_of_one_overlay_merge_by_the_same_rules_and_keep_their_directives() -> None:
    base = "overlays: [{name: prod, overrides: {workers: [{name: a, replicas: 2}], beat: {}}}]"
    change = (
        "overlays: [{name: prod, overrides: {workers: [{name: b, $patch: delete}], "
        "env: [{$patch: replace}, {name: A, value: x}]}}]"
    )
    assert merged(base, change) == {
        "overlays": [
            {
                "name": "prod",
                "overrides": {
                    "workers": [{"name": "a", "replicas": 2}, {"name": "b", "$patch": "delete"}],
                    "beat": {},
                    "env": [{"$patch": "replace"}, {"name": "A", "value": "x"}],
                },
            }
        ]
    }


def test_an_item_given_twice_stays_twice_for_the_rules_to_report() -> None:
    assert merged("workers: [{name: a}]", "workers: [{name: a, x: 1}, {name: a, x: 2}]") == {
        "workers": [{"name": "a", "x": 1}, {"name": "a", "x": 2}]
    }


@pytest.mark.parametrize(
    ("base", "change", "problem"),
    [
        pytest.param(
            "workers: [{name: a}]",
            "\nworkers: [{name: z, $patch: delete}]",
            'overlay.yaml:2: workers[z]: no item of workers has name "z": there is nothing to '
            "delete",
            id="nothing to delete",
        ),
        pytest.param(
            "volumeMounts: [{name: v, mountPath: /v}]",
            "volumeMounts:\n- {mountPath: /w, $patch: delete}",
            'overlay.yaml:2: volumeMounts[/w]: no item of volumeMounts has mountPath "/w": there '
            "is nothing to delete",
            id="no such mount",
        ),
        pytest.param(
            "workers: [{name: a}]",
            "workers: [{replicas: 2}]",
            'overlay.yaml:1: workers[0]: an item of workers needs "name": lists of workers merge '
            "by it",
            id="without its key",
        ),
        pytest.param(
            "extraResources: [a.yaml]",
            "extraResources: [{name: a.yaml, $patch: delete}]",
            "overlay.yaml:1: extraResources[a.yaml]: items of extraResources have no name, write "
            "the list anew after $patch: replace: there is nothing to delete",
            id="a file cannot be deleted",
        ),
    ],
)
def test_problems(base: str, change: str, problem: str) -> None:
    assert problems_of(base, change) == [problem]


def test_items_of_a_wrong_type_pass_to_the_model() -> None:
    assert merged("workers: [{name: a}]", "workers: [5, x]") == {"workers": [{"name": "a"}, 5, "x"]}
    assert merged("extraResources: [a]", "extraResources: [{name: b}, 5]") == {
        "extraResources": ["a", {"name": "b"}, 5]
    }
    assert merged("workers: {a: b}", "workers: [{name: a}]") == {"workers": [{"name": "a"}]}
    assert merged("workers: [{name: a}]", "workers: {a: b}") == {"workers": {"a": "b"}}


BASE = """
workers:
- name: a
  replicas: 1
  env:
  - {name: A, value: x}
beat: {}
"""
CHANGE = """
beat:
  scheduler: s
workers:
- name: a
  replicas: 2
  env:
  - {name: A, value: y}
  - {name: B, value: z}
"""


@pytest.mark.parametrize(
    ("loc", "mark"),
    [
        (("workers",), Mark("overlay.yaml", 4, "workers")),
        (("workers", 0), Mark("shop.yaml", 3, "workers[a]")),
        (("workers", 0, "name"), Mark("overlay.yaml", 5, "workers[a].name")),
        (("workers", 0, "replicas"), Mark("overlay.yaml", 6, "workers[a].replicas")),
        (("workers", 0, "env", 0), Mark("overlay.yaml", 8, "workers[a].env[A]")),
        (("workers", 0, "env", 1, "value"), Mark("overlay.yaml", 9, "workers[a].env[B].value")),
        (("beat",), Mark("shop.yaml", 7, "beat")),
        (("beat", "scheduler"), Mark("overlay.yaml", 3, "beat.scheduler")),
        (("beat", "nothing"), Mark("shop.yaml", 7, "beat.nothing")),
    ],
)
def test_marks_point_to_what_set_the_value(loc: tuple[str | int, ...], mark: Mark) -> None:
    result = merge(located(BASE), located(CHANGE, "overlay.yaml"), [])
    assert mark_at(result, loc) == mark


# --- laws -------------------------------------------------------------------------------------

_NAMES = ["a", "b", "c"]


def _marked(value: Any, path: str = "") -> Any:
    if isinstance(value, dict):
        result = Map(mark=Mark("f", 1, path))
        for key, item in value.items():
            result.put(key, _marked(item, f"{path}.{key}"), Mark("f", 1, f"{path}.{key}"))
        return result
    if isinstance(value, list):
        items = Seq(mark=Mark("f", 1, path))
        for index, item in enumerate(value):
            items.add(_marked(item, f"{path}[{index}]"), Mark("f", 1, f"{path}[{index}]"))
        return items
    return value


def _keyed(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[list[Any]]:
    item = st.fixed_dictionaries({"name": st.sampled_from(_NAMES)}, optional=fields)
    return st.lists(item, unique_by=lambda found: found["name"], max_size=3)


_TEXT = st.text("xyz", max_size=2)
_ENV = _keyed({"value": _TEXT})
_FREE = st.dictionaries(st.sampled_from(_NAMES), st.integers(0, 3), max_size=3)
_WORKERS = _keyed({"replicas": st.integers(0, 9), "env": _ENV, "queues": st.lists(_TEXT)})
_POD = st.fixed_dictionaries(
    {}, optional={"spec": st.fixed_dictionaries({}, optional={"containers": _keyed({})})}
)
# Nothing of one type becomes another, no nulls, no one-of groups: there order of merging is free.
PLAIN_SPECS = st.fixed_dictionaries(
    {},
    optional={
        "app": _TEXT,
        "env": _ENV,
        "workers": _WORKERS,
        "workerDefaults": st.fixed_dictionaries(
            {}, optional={"env": _ENV, "nodeSelector": _FREE, "podTemplate": _POD}
        ),
        "config": st.fixed_dictionaries({}, optional={"values": _FREE}),
        "extraResources": st.lists(st.sampled_from(["a.yaml", "b.yaml"]), unique=True),
        "overlays": _keyed({"overrides": st.fixed_dictionaries({}, optional={"env": _ENV})}),
    },
)
_ANYTHING = st.recursive(
    st.none() | st.integers(0, 3) | _TEXT | st.just({"$patch": "replace"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("name", "workers", "env", "broker", "redis", "url", "overlays", "$patch"),
                    *("podTemplate", "containers", "extraResources", "overrides", "volumeMounts"),
                ]
            ),
            inner | st.sampled_from(["delete", "replace", "a"]),
            max_size=4,
        )
    ),
    max_leaves=20,
)
ODD_SPECS = st.dictionaries(
    st.sampled_from(["workers", "env", "broker", "overlays", "extraResources", "web"]),
    _ANYTHING,
    max_size=5,
)


def _merge(base: Any, change: Any) -> Any:
    return plain(merge(_marked(base), _marked(change), []))


@given(PLAIN_SPECS)
def test_law_merging_with_nothing_changes_nothing(spec: dict[str, Any]) -> None:
    assert _merge(spec, {}) == spec
    assert _merge({}, spec) == spec


@given(PLAIN_SPECS, PLAIN_SPECS)
def test_law_merging_twice_is_merging_once(base: dict[str, Any], change: dict[str, Any]) -> None:
    once = _merge(base, change)
    assert _merge(once, change) == once


@given(PLAIN_SPECS, PLAIN_SPECS, PLAIN_SPECS)
def test_law_overlays_may_be_merged_with_each_other_first(
    base: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert _merge(_merge(base, first), second) == _merge(base, _merge(first, second))


def _marks(value: Any) -> Any:
    if isinstance(value, Map):
        return value.mark, dict(value.marks), [_marks(item) for item in value.values()]
    if isinstance(value, Seq):
        return value.mark, list(value.marks), [_marks(item) for item in value]
    return None


@given(ODD_SPECS, ODD_SPECS)
def test_law_merging_never_fails_and_never_changes_its_arguments(
    base: dict[str, Any], change: dict[str, Any]
) -> None:
    first, second = _marked(base), _marked(change)
    before = copy.deepcopy((base, change)), _marks(first), _marks(second)
    result = merge(first, second, [])
    assert ((plain(first), plain(second)), _marks(first), _marks(second)) == before
    assert isinstance(result, Map)


@given(PLAIN_SPECS, PLAIN_SPECS)
def test_law_every_merged_field_has_a_mark(base: dict[str, Any], change: dict[str, Any]) -> None:
    def check(value: Any) -> None:
        if isinstance(value, Map):
            assert set(value.marks) >= set(value)
            for item in value.values():
                check(item)
        elif isinstance(value, Seq):
            assert len(value.marks) == len(value)
            for item in value:
                check(item)

    check(merge(_marked(base), _marked(change), []))
