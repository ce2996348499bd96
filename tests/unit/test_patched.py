"""The user's patches: what is told of them, with file and line, before kustomize runs."""

from __future__ import annotations

import io
import json
from random import Random
from textwrap import indent
from typing import Any

import pytest

from celery_kustomize.errors import SpecError
from celery_kustomize.pipeline import Result, run
from celery_kustomize.tree import files

HEAD = """\
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplication
metadata: {name: shop, namespace: shop, labels: {team: x}}
spec:
  app: shop.celery
  image: app:1
  workers: [{name: a}, {name: b}]
"""
WORKER_A = "Deployment shop-worker-a: "


def spec(patches: str = "", overlays: str = "", objects: str = "") -> str:
    """A spec whose patches begin in line 9, or its overlays if it has no patches."""
    text = HEAD
    if patches:
        text += f"  patches:\n{indent(patches.strip(), '  ')}\n"
    if overlays:
        text += f"  overlays:\n{indent(overlays.strip(), '  ')}\n"
    return text + (f"---\n{objects}" if objects else "")


def of(text: str) -> Result:
    return run(["-"], stdin=io.BytesIO(text.encode()))


def told(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        of(text)
    return [str(problem) for problem in caught.value.problems]


def operation(target: str, *operations: str) -> str:
    steps = "".join(f"    - {{{each}}}\n" for each in operations)
    return f"- target: {{{target}}}\n  patch: |\n{steps}"


def object_of(identity: str, rest: str = "", target: str = "") -> str:
    """A partial object; ``identity`` as in ``apps/v1 Deployment shop-web``."""
    version, kind, name = identity.split()
    known = f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n"
    begin = f"- target: {{{target}}}\n  " if target else "- "
    return f"{begin}patch: |\n{indent(known + rest, '    ')}\n"


A = "apps/v1 Deployment shop-worker-a"
ON_A = "kind: Deployment, name: shop-worker-a"
ON_B = "kind: Deployment, name: shop-worker-b"


# --- what cannot be applied ----------------------------------------------------------------------


def test_everything_is_told_at_once_and_only_once() -> None:
    patches = operation(ON_A, "op: remove, path: /spec/replicass") + operation(
        "kind: Deployment", "op: test, path: /spec/replicas, value: 5"
    )
    own = operation(ON_B, "op: add, path: /spec/template/spec/containers/1, value: {name: x}")
    own += operation(ON_B, "op: remove, path: /spec/replicas/x")
    overlays = f"- name: test\n- name: prod\n  patches:\n{indent(own, '  ')}"
    assert told(spec(patches, overlays)) == [
        f"-:9: spec.patches[0]: {WORKER_A}operation 1 (remove /spec/replicass) cannot be applied: "
        'there is no "replicass" in /spec; did you mean "replicas"?',
        "-:12: spec.patches[1]: Deployment shop-worker-b: operation 1 (test /spec/replicas) cannot "
        "be applied: /spec/replicas is 1, not 5",
    ]
    (found,) = told(spec(overlays=overlays))
    assert found == (
        "-:15: spec.overlays[prod].patches[1]: Deployment shop-worker-b: operation 1 (remove "
        "/spec/replicas/x) cannot be applied: /spec/replicas is 1, with nothing below it"
    )


def test_a_patch_of_the_base_that_only_an_environment_cannot_take() -> None:
    patches = operation(ON_A, "op: remove, path: /spec/template/spec/containers/0/env")
    without = (
        "{workers: [{name: a, podTemplate: {spec: {containers: [{name: worker, env: null}]}}}]}"
    )
    overlays = f"- name: test\n- name: prod\n  overrides: {without}"
    (found,) = told(spec(patches, overlays))
    assert found.startswith(
        f'-:9: spec.patches[0]: in overlay "prod": {WORKER_A}operation 1 (remove '
        '/spec/template/spec/containers/0/env) cannot be applied: there is no "env" in '
        "/spec/template/spec/containers/0 (it has args, command, "
    )


def test_several_objects_go_wrong_alike() -> None:
    (found,) = told(spec(operation("kind: Deployment", "op: remove, path: /spec/x/y")))
    assert found == (
        f"-:9: spec.patches[0]: {WORKER_A}operation 1 (remove /spec/x/y) cannot be applied: there "
        'is no "x" in /spec (it has replicas, selector, strategy, template) (and 1 more of the '
        "objects that it hits go wrong)"
    )


def test_patches_see_what_the_ones_before_made() -> None:
    patches = operation(ON_A, "op: add, path: /spec/x, value: {y: [1]}")
    patches += object_of(A, "spec: {x: {z: {}}}")
    patches += operation(
        ON_A, "op: remove, path: /spec/x/y/0", "op: add, path: /spec/x/z/-, value: 1"
    )
    own = operation(ON_A, "op: test, path: /spec/x, value: {y: [], z: {'-': 1}}")
    assert of(spec(patches, f"- name: prod\n  patches:\n{indent(own, '  ')}")).warnings == ()


def test_wrong_text_is_told_with_its_line_in_the_patch() -> None:
    operations = operation(ON_A, "op: add, path: /a, value: 1", "op: add, op: add")
    assert told(spec(operations)) == [
        "-:9: spec.patches[0]: line 2 of the patch: [1].op: given twice, first in line 2: remove "
        "one"
    ]
    assert told(spec(object_of(A, "spec: {a: 1\n"))) == [
        '-:9: spec.patches[0]: line 5 of the patch: a "," or "}" is missing: the map began in '
        "line 5"
    ]


def test_a_target_selects_something() -> None:
    patch = "- target: {group: ''}\n  patch: '[{op: remove, path: /spec}]'"
    assert told(spec(patch)) == [
        "-:9: spec.patches[0]: `target` selects nothing in particular: write at least a kind or a "
        "name"
    ]


def test_a_target_has_one_object() -> None:
    two = object_of(A, "---\nkind: x\nmetadata: {name: y}", ON_A)
    assert told(spec(two)) == [
        "-:9: spec.patches[0]: a patch with `target` must be one object, or a list of JSON 6902 "
        "operations: write an item of `patches` for each"
    ]


# --- what is hit ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (
            object_of("apps/v2 Deployment shop-worker-a"),
            'Deployment "shop-worker-a" is of apps/v1 and has no namespace of its own',
        ),
        (
            object_of("apps/v1 Deployment shop-worker-c"),
            'there is no Deployment "shop-worker-c"; did you mean "shop-worker-a"?',
        ),
        (
            operation("kind: Deployment, labelSelector: team=x", "op: remove, path: /spec"),
            "none has kind Deployment, labelSelector team=x; namespace and labels of the "
            "application are set after all patches: select by something else",
        ),
        (
            operation("namespace: shop", "op: remove, path: /spec"),
            "none has namespace shop; namespace and labels of the application are set after all "
            "patches: select by something else",
        ),
        (
            operation("kind: Service", "op: remove, path: /spec"),
            "none has kind Service",
        ),
    ],
)
def test_a_patch_of_the_base_hits_nothing(patch: str, message: str) -> None:
    assert told(spec(patch)) == [f"-:9: spec.patches[0]: the patch hits no object: {message}"]


OVERLAY = "- name: prod\n  namespace: prod\n  labels: {own: y}\n  patches:\n"


@pytest.mark.parametrize(
    "target", ["labelSelector: team=x", "namespace: shop", "namespace: default", "name: shop.*"]
)
def test_a_patch_of_an_overlay_sees_the_base_s_namespace_and_labels(target: str) -> None:
    patch = operation(f"kind: Deployment, {target}", "op: add, path: /spec/paused, value: true")
    assert of(spec(overlays=OVERLAY + indent(patch, "  "))).warnings == ()


@pytest.mark.parametrize("target", ["labelSelector: own=y", "namespace: prod"])
def test_a_patch_of_an_overlay_comes_before_its_namespace_and_labels(target: str) -> None:
    patch = operation(target, "op: add, path: /spec/paused, value: true")
    shown = target.replace(":", "")
    assert told(spec(overlays=OVERLAY + indent(patch, "  "))) == [
        f"-:13: spec.overlays[prod].patches[0]: the patch hits no object: none has {shown}; "
        "namespace and labels of the application are set after all patches: select by something "
        "else"
    ]


def test_what_an_environment_removes() -> None:
    patches = operation(ON_B, "op: add, path: /spec/paused, value: true")
    overlay = "- name: prod\n  overrides: {workers: [{name: b, $patch: delete}]}\n"
    (application,) = of(spec(patches, overlay)).applications
    assert [each.target for each in application.direct["prod"].patches] == []
    assert told(spec(overlays=f"{overlay}  patches:\n{indent(patches, '  ')}")) == [
        "-:12: spec.overlays[prod].patches[0]: the patch hits no object: none has kind Deployment, "
        "name shop-worker-b"
    ]


def test_a_patch_without_a_target_must_mean_one_object() -> None:
    objects = "\n---\n".join(
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: {each}}}\n"
        for each in ("default", "other")
    )
    text = spec(object_of("v1 Secret s", "type: Opaque"), objects=objects)
    # The one in "other" is named by its namespace alone.
    assert len(of(text).applications) == 1
    text = spec(operation("kind: Secret, namespace: other", "op: remove, path: /type"), "", objects)
    assert told(text) == [
        "-:9: spec.patches[0]: Secret s: operation 1 (remove /type) cannot be applied: there is no "
        '"type" in the object (it has apiVersion, kind, metadata)'
    ]


def test_nothing_to_remove_is_a_warning() -> None:
    nulls = object_of(A, "spec: {paused: null}")
    assert [str(warning) for warning in of(spec(nulls)).warnings] == [
        "warning: -:9: spec.patches[0]: the patch changes nothing: what it removes is not there"
    ]
    assert of(spec(object_of(A, "spec: {replicas: 1}"))).warnings == ()


def test_what_is_there_to_remove_in_one_environment_is_no_warning() -> None:
    nulls = object_of(A, "spec: {minReadySeconds: null}")
    overlay = "- name: prod\n  overrides: {workers: [{name: a, rollout: {minReadySeconds: 5}}]}"
    assert of(spec(nulls, overlay)).warnings == ()


# --- what would be spoilt ------------------------------------------------------------------------


FROM_SECRET = "{secretKeyRef: {name: s, key: k}}"


def containers(fields: str) -> str:
    return f"spec: {{template: {{spec: {{containers: [{{{fields}}}]}}}}}}"


REFUSED = "Kubernetes would refuse spec.template.spec."


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (
            object_of(A, containers("image: z")),
            "items of spec.template.spec.containers are merged by name, and kustomize passes over "
            "{image: z}: give name in every item, each item once",
        ),
        (
            object_of(A, "$patch: replace"),
            "kustomize ignores a patch with `$patch: replace` for the whole object: leave the "
            "directive out, or use JSON 6902 operations",
        ),
        (
            object_of(A, "spec: 5"),
            "spec is a map in the object and a value in the patch, which kustomize refuses: "
            "replace it with JSON 6902 operations",
        ),
        (
            object_of(A, "  labels: {n: 5}"),
            "metadata.labels: n must be a text, not 5: quote it",
        ),
        (
            operation(ON_A, "op: add, path: /metadata/annotations, value: [a]"),
            "metadata.annotations must be a map of texts",
        ),
        (
            object_of(A, '  annotations: {"12": x}'),
            'the annotation "12": kustomize writes the key "12" without quotes and then reads '
            'something else than a text: write another one, such as "example.com/12"',
        ),
        (
            object_of(A, '  annotations: {config.kubernetes.io/local-config: "true"}'),
            'the annotation "config.kubernetes.io/local-config": kustomize leaves objects with '
            "this annotation out: remove it, or the object",
        ),
        (
            object_of(A, "  labels: {team: z}"),
            'the label team is one of the application\'s, which kustomize sets to "x" after all '
            "patches: change metadata.labels, or `labels` of the overlay",
        ),
        (
            operation(ON_A, "op: add, path: /metadata/namespace, value: other"),
            "kustomize puts the object into the application's namespace shop after all patches: "
            "change metadata.namespace, or `namespace` of the overlay",
        ),
        (
            operation(ON_A, "op: replace, path: /metadata/name, value: shop-worker-b"),
            'there is a Deployment "shop-worker-b" already',
        ),
        (
            operation(ON_A, "op: add, path: /spec/x, value: 9007199254740993"),
            "kustomize would round the number 9007199254740993 to 9007199254740992 in an object "
            "with JSON 6902 operations: use a partial object as the patch",
        ),
        (
            object_of(
                A,
                containers(f"name: worker, env: [{{name: HOME, valueFrom: {FROM_SECRET}}}]"),
            ),
            REFUSED + "containers[worker].env[HOME]: only one of value and valueFrom may be given; "
            "null removes the other",
        ),
        (
            operation(ON_A, "op: add, path: /spec/template/spec/hostAliases, value: x"),
            REFUSED + "hostAliases: expected a list, got a string",
        ),
        (object_of(A, "spec: null"), "Kubernetes would refuse spec.template: is required"),
        (
            object_of(A, "spec: {strategy: {type: Recreate}}"),
            "Kubernetes would refuse spec.strategy: type Recreate goes without rollingUpdate; "
            "null removes it",
        ),
    ],
)
def test_what_would_be_spoilt(patch: str, message: str) -> None:
    assert told(spec(patch)) == [f"-:9: spec.patches[0]: {WORKER_A}{message}"]
    (found,) = told(spec(overlays=f"- name: prod\n  patches:\n{indent(patch, '  ')}"))
    assert found == f"-:11: spec.overlays[prod].patches[0]: {WORKER_A}{message}"


@pytest.mark.parametrize(
    "patch",
    [
        object_of(A, "spec: {strategy: {type: Recreate, rollingUpdate: null}}"),
        object_of(A, "  labels: {team: x}"),
        object_of(A, "  annotations: {example.com/12: x}"),
        object_of(A, containers("name: worker, newInKubernetes: {}")),
        operation(ON_A, "op: replace, path: /metadata/name, value: shop-worker-z"),
    ],
)
def test_what_is_left_to_the_user(patch: str) -> None:
    assert of(spec(patch)).warnings == ()


MODULES = "v1 ConfigMap shop-celery-modules"


def test_a_generated_config_map_stays_one() -> None:
    patch = operation("kind: ConfigMap", "op: replace, path: /kind, value: Secret")
    assert told(spec(patch)) == [
        "-:9: spec.patches[0]: ConfigMap shop-celery-modules: it is generated, and cannot become "
        "another kind"
    ]
    patch = operation("kind: ConfigMap", "op: add, path: /data/x, value: 5")
    assert told(spec(patch)) == [
        "-:9: spec.patches[0]: ConfigMap shop-celery-modules: data: x must be a text, not 5: quote "
        "it"
    ]


CONFIGURED = HEAD + "  config: {values: {task_acks_late: true}}\n"
CONFIG = "v1 ConfigMap shop-celery-config"


@pytest.mark.parametrize(
    ("kept", "told_of"),
    [("overrides: {image: app:2}", 0), ("overrides: {config: {values: {task_time_limit: 5}}}", 1)],
)
def test_an_overlay_that_changes_the_data_drops_what_no_generator_can_say(
    kept: str, told_of: int
) -> None:
    patch = indent(object_of(CONFIG, "immutable: true"), "  ")
    text = f"{CONFIGURED}  patches:\n{patch}  overlays:\n  - name: prod\n    {kept}\n"
    if not told_of:
        assert of(text).warnings == ()
        return
    assert told(text) == [
        '-:10: spec.patches[0]: in overlay "prod": gives the generated ConfigMap '
        "shop-celery-config more than data, labels and annotations, which kustomize drops where an "
        "overlay changes the data: write the patch in that overlay instead"
    ]
    own = (
        f"{CONFIGURED}  overlays:\n  - name: prod\n    {kept}\n    patches:\n{indent(patch, '  ')}"
    )
    assert of(own).warnings == ()


# --- what nobody means ---------------------------------------------------------------------------

ODD: list[Any] = [None, True, 0, -1, 2**63, 1.5, "", " ", "a", "$(A)", "a\nb", "%/#?[]@", [], {}]
ODD += ["*a", "\u2028", "日本", [None], [[]], [{}], {"$patch": "delete"}, {"$patch": "x"}, {"": 0}]
KEYS = ["a", "name", "$patch", "metadata", "labels", "annotations", "kind", "template", "spec"]
PLACES = ["", "/", "/spec", "/metadata", "/metadata/labels", "/metadata/annotations/x", "/kind"]
PLACES += ["/metadata/name", "/metadata/namespace", "/spec/template", "/data", "/apiVersion", "x"]
PLACES += ["/spec/template/spec/containers", "/spec/template/spec/containers/0/image", "/a~2"]
TEXTS = [
    "a: [b",
    "- x",
    "[",
    "{}",
    "---",
    "# x",
    "- - a",
    "\t",
    "&a [*a]",
    "? a\n: b",
    "5",
    "- a\n---",
]
SELECTED = ["Deployment", "ConfigMap", ".*", "shop.*", "[", "(a+)+", "a=b", "!a", "a in (", "v1"]


def odd(random: Random, depth: int = 2) -> Any:
    if depth and random.random() < 0.3:
        return {random.choice(KEYS): odd(random, depth - 1) for _ in range(3)}
    if depth and random.random() < 0.2:
        return [odd(random, depth - 1) for _ in range(random.randint(0, 3))]
    return random.choice(ODD)


def odd_patch(random: Random) -> dict[str, Any]:
    fields = random.sample(["kind", "name", "namespace", "labelSelector"], random.randint(0, 2))
    target = {"kind": random.choice(SELECTED)} | {each: random.choice(SELECTED) for each in fields}
    verbs = ["add", "replace", "remove", "test", "copy", "move"]
    places = [{each: random.choice(PLACES) for each in ("path", "from")} for _ in range(2)]
    steps = [{"op": random.choice(verbs), "value": odd(random), **each} for each in places]
    name = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop-worker-a"}}
    known = {**name, random.choice(["spec", "data", "$patch", "metadata"]): odd(random, 3)}
    text = random.choice([json.dumps(steps), json.dumps(known), random.choice(TEXTS)])
    return {"patch": text, **({"target": target} if random.random() < 0.7 else {})}


@pytest.mark.parametrize("seed", range(8))
def test_no_patch_is_too_odd(seed: int) -> None:
    random = Random(seed)
    for _ in range(40):
        patches, own = (json.dumps([odd_patch(random)] * random.randint(0, 1)) for _ in range(2))
        changes = "{image: app:2, workers: [{name: a, replicas: 3}]}"
        overlay = f"{{name: prod, namespace: prod, overrides: {changes}, patches: {own}}}"
        text = f"{HEAD}  patches: {patches}\n  overlays: [{overlay}]\n"
        told_or_made: list[Any] = []
        try:
            (found,) = of(text).applications
            folders = [found.base, *found.overlays.values(), *found.direct.values()]
            told_or_made += map(files, folders)
        except SpecError as error:
            told_or_made += [problem.line for problem in error.problems]
        assert told_or_made
        assert all(told_or_made), text
