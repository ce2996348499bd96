"""What the pods of all components have in common."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.resources.rendering import Rendering, rendering

EVERYTHING = """
redis: {passwordFrom: {secretKeyRef: {name: shop-redis, key: password}}}
broker: {managedRedis: {}}
workers: [{name: a}]
beat: {}
flower: {}
web: {command: [gunicorn]}
migration: {command: [migrate]}
monitoring: {exporter: {}}
"""
APPLICATION = {
    "shop-worker-a": "worker",
    "shop-beat": "beat",
    "shop-flower": "flower",
    "shop-web": "web",
    "shop-migrate": "migrate",
}
OTHERS = {"shop-redis": "redis", "shop-exporter": "exporter"}
ALL = {**APPLICATION, **OTHERS}


def everything(more: str = "") -> Rendering:
    return rendering(EVERYTHING + more)


@pytest.mark.parametrize(("name", "container"), ALL.items())
def test_the_main_container_is_named_after_its_component(name: str, container: str) -> None:
    assert everything().container(name)["name"] == container


@pytest.mark.parametrize("name", ALL)
def test_services_of_the_namespace_are_not_put_into_the_environment(name: str) -> None:
    assert everything().pod(name)["enableServiceLinks"] is False


@pytest.mark.parametrize("name", ALL)
def test_tokens_are_not_mounted(name: str) -> None:
    assert everything().pod(name)["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", ALL)
def test_every_pod_has_the_pull_secrets_and_the_pull_policy(name: str) -> None:
    found = everything("imagePullSecrets: [{name: one}, {name: two}]\nimagePullPolicy: Always")
    assert found.pod(name)["imagePullSecrets"] == [{"name": "one"}, {"name": "two"}]
    assert found.container(name)["imagePullPolicy"] == "Always"


@pytest.mark.parametrize("name", ALL)
def test_restricted_is_the_default(name: str) -> None:
    found = everything()
    user = 999 if name == "shop-redis" else 1000
    assert found.pod(name)["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert found.container(name)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("name", ALL)
def test_baseline_without_ids_says_nothing(name: str) -> None:
    found = everything(
        "security: {profile: Baseline, runAsUser: null, runAsGroup: null, fsGroup: null}"
    )
    assert "securityContext" not in found.pod(name)
    assert "securityContext" not in found.container(name)
    assert "HOME" not in found.env(name)


@pytest.mark.parametrize("name", APPLICATION)
def test_a_read_only_root_leaves_tmp_writable(name: str) -> None:
    found = everything("security: {readOnlyRootFilesystem: true}")
    assert found.container(name)["securityContext"]["readOnlyRootFilesystem"] is True
    assert {"name": "tmp", "emptyDir": {}} in found.pod(name)["volumes"]
    assert {"name": "tmp", "mountPath": "/tmp"} in found.container(name)["volumeMounts"]
    assert found.env(name)["PYTHONDONTWRITEBYTECODE"] == "1"


def test_the_users_own_tmp_stays() -> None:
    found = everything(
        """
security: {readOnlyRootFilesystem: true}
volumes: [{name: tmp, emptyDir: {sizeLimit: 1Gi}}]
volumeMounts: [{name: tmp, mountPath: /tmp, subPath: x}]
"""
    )
    names = [volume["name"] for volume in found.pod("shop-web")["volumes"]]
    paths = [mount["mountPath"] for mount in found.container("shop-web")["volumeMounts"]]
    assert names.count("tmp") == 1
    assert paths.count("/tmp") == 1
    assert {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}} in found.pod("shop-web")["volumes"]


@pytest.mark.parametrize("name", ALL)
def test_home_is_a_folder_that_exists(name: str) -> None:
    assert everything().env(name).get("HOME") == (None if name == "shop-redis" else "/tmp")


def test_a_home_of_the_users_own_wins() -> None:
    found = everything("env: [{name: HOME, value: /srv}]")
    assert found.env("shop-worker-a")["HOME"] == "/srv"
    names = [item["name"] for item in found.container("shop-worker-a")["env"]]
    assert len(names) == len(set(names))


INHERITED = """
env: [{name: A, value: x}]
envFrom: [{configMapRef: {name: shared}}]
volumes: [{name: v, emptyDir: {}}]
volumeMounts: [{name: v, mountPath: /v}]
workingDir: /srv
"""


@pytest.mark.parametrize("name", APPLICATION)
def test_what_runs_the_application_inherits(name: str) -> None:
    found = everything(INHERITED)
    container = found.container(name)
    assert found.env(name)["A"] == "x"
    assert container["envFrom"] == [{"configMapRef": {"name": "shared"}}]
    assert {"name": "v", "emptyDir": {}} in found.pod(name)["volumes"]
    assert {"name": "v", "mountPath": "/v"} in container["volumeMounts"]
    assert container["workingDir"] == "/srv"
    assert container["image"] == "shop:1"
    assert found.pod(name)["serviceAccountName"] == "shop"


@pytest.mark.parametrize("name", OTHERS)
def test_redis_and_exporter_inherit_nothing(name: str) -> None:
    found = everything(INHERITED)
    container = found.container(name)
    assert "A" not in found.env(name)
    assert "envFrom" not in container
    assert "workingDir" not in container
    assert all(volume["name"] != "v" for volume in found.pod(name).get("volumes", []))
    assert "serviceAccountName" not in found.pod(name)


def test_the_exporter_gets_the_variables_that_the_broker_url_is_composed_of() -> None:
    found = rendering(
        """
        env:
        - {name: OTHER, value: x}
        - {name: PART, valueFrom: {secretKeyRef: {name: s, key: k}}}
        - {name: PASSWORD, value: $(PART)!}
        broker: {url: "redis://:$(PASSWORD)@h/0"}
        monitoring: {exporter: {}}
        """
    )
    assert list(found.env("shop-exporter")) == [
        "PART",
        "PASSWORD",
        "CE_RETRY_INTERVAL",
        "HOME",
        "CE_BROKER_URL",
    ]


def test_a_component_overrides_what_it_inherits() -> None:
    found = everything(
        INHERITED
        + """
workerDefaults:
  image: own:2
  workingDir: /own
  env: [{name: A, value: own}, {name: B, value: own}]
  envFrom: [{secretRef: {name: own}}]
  volumes: [{name: v, emptyDir: {medium: Memory}}]
"""
    )
    container = found.container("shop-worker-a")
    env = found.env("shop-worker-a")
    assert (env["A"], env["B"]) == ("own", "own")
    assert container["envFrom"] == [
        {"configMapRef": {"name": "shared"}},
        {"secretRef": {"name": "own"}},
    ]
    assert (container["image"], container["workingDir"]) == ("own:2", "/own")
    assert {"name": "v", "emptyDir": {"medium": "Memory"}} in found.pod("shop-worker-a")["volumes"]


def test_scheduling_fields() -> None:
    found = rendering(
        """
        workers:
        - name: a
          nodeSelector: {disk: ssd}
          tolerations: [{key: spot, operator: Exists}]
          affinity: {nodeAffinity: {}}
          priorityClassName: high
          resources: {limits: {memory: 1Gi}}
        """
    )
    pod = found.pod("shop-worker-a")
    assert pod["nodeSelector"] == {"disk": "ssd"}
    assert pod["tolerations"] == [{"key": "spot", "operator": "Exists"}]
    assert pod["affinity"] == {"nodeAffinity": {}}
    assert pod["priorityClassName"] == "high"
    assert found.container("shop-worker-a")["resources"] == {"limits": {"memory": "1Gi"}}


def test_pods_of_one_set_spread_over_hosts_and_zones_if_they_can() -> None:
    found = everything()
    constraints = found.pod("shop-worker-a")["topologySpreadConstraints"]
    assert [(c["topologyKey"], c["whenUnsatisfiable"], c["maxSkew"]) for c in constraints] == [
        ("kubernetes.io/hostname", "ScheduleAnyway", 1),
        ("topology.kubernetes.io/zone", "ScheduleAnyway", 1),
    ]
    selector = found("Deployment", "shop-worker-a")["spec"]["selector"]
    assert all(c["labelSelector"] == selector for c in constraints)
    assert "topologySpreadConstraints" in found.pod("shop-web")
    for single in ("shop-beat", "shop-flower", "shop-redis", "shop-exporter", "shop-migrate"):
        assert "topologySpreadConstraints" not in found.pod(single)


def test_spreading_can_be_replaced_and_switched_off() -> None:
    own = {"maxSkew": 2, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule"}
    found = rendering(
        f"""
        workers:
        - {{name: a, topologySpreadConstraints: []}}
        - {{name: b, topologySpreadConstraints: [{own}]}}
        """
    )
    assert "topologySpreadConstraints" not in found.pod("shop-worker-a")
    assert found.pod("shop-worker-b")["topologySpreadConstraints"] == [own]


# --- labels and annotations ---------------------------------------------------------------------


def test_labels_and_annotations_of_a_component_are_on_its_objects_and_pods() -> None:
    found = rendering("flower: {labels: {tier: ui}, annotations: {note: x}, storage: {size: 1Gi}}")
    for kind in ("Deployment", "Service", "PersistentVolumeClaim"):
        metadata = found(kind, "shop-flower")["metadata"]
        assert metadata["labels"]["tier"] == "ui"
        assert metadata["annotations"]["note"] == "x"
    template = found.template("shop-flower")["metadata"]
    assert template["labels"]["tier"] == "ui"
    assert template["annotations"]["note"] == "x"


@pytest.mark.parametrize("name", ALL)
def test_selectors_are_identity_labels_which_no_user_label_changes(name: str) -> None:
    plain = everything()
    found = everything("workerDefaults: {labels: {app.kubernetes.io/name: other}}")
    for item, again in zip(plain.objects.values(), found.objects.values(), strict=True):
        if item["metadata"]["name"] == name and item["kind"] in ("Deployment", "StatefulSet"):
            selector = item["spec"]["selector"]["matchLabels"]
            expected = {
                "app.kubernetes.io/name": "shop",
                "app.kubernetes.io/component": ALL[name],
            }
            if ALL[name] == "worker":
                expected["celeryproject.org/worker"] = "a"
            assert selector == expected
            assert again["spec"]["selector"]["matchLabels"] == expected
            labels = again["spec"]["template"]["metadata"]["labels"]
            assert expected.items() <= labels.items()


def test_no_object_has_the_label_of_argo_cd() -> None:
    assert "app.kubernetes.io/instance" not in str(everything().folder)


def test_every_object_says_what_made_it() -> None:
    for item in everything("networkPolicy: {}").objects.values():
        labels = item["metadata"]["labels"]
        assert labels["app.kubernetes.io/managed-by"] == "celery-kustomize"
        assert labels["app.kubernetes.io/name"] == "shop"


def test_annotations_of_the_application_are_on_every_object() -> None:
    found = rendering(
        EVERYTHING + "networkPolicy: {}", "{name: shop, annotations: {owner: checkout}}"
    )
    for item in found.objects.values():
        assert item["metadata"]["annotations"]["owner"] == "checkout"
    for generator in found.folder.config_maps:
        assert generator.annotations["owner"] == "checkout"


def test_labels_of_the_application_are_the_folders() -> None:
    found = rendering(EVERYTHING, "{name: shop, labels: {team: checkout}}")
    assert found.folder.labels == {"team": "checkout"}


# --- ServiceAccounts ----------------------------------------------------------------------------


def test_the_applications_service_account() -> None:
    found = rendering(
        "serviceAccount: {name: app, annotations: {role: x}, automountToken: true}\n"
        "workers: [{name: a}]"
    )
    account = found("ServiceAccount", "app")
    assert account["automountServiceAccountToken"] is True
    assert account["metadata"]["annotations"] == {"role": "x"}
    assert found.pod("shop-worker-a")["serviceAccountName"] == "app"
    assert found.pod("shop-worker-a")["automountServiceAccountToken"] is True


@pytest.mark.parametrize(
    ("account", "name"), [("{create: false}", None), ("{create: false, name: given}", "given")]
)
def test_a_service_account_that_is_not_created(account: str, name: str | None) -> None:
    found = rendering(f"serviceAccount: {account}\nworkers: [{{name: a}}]")
    assert all(kind != "ServiceAccount" for kind, _ in found.objects)
    assert found.pod("shop-worker-a").get("serviceAccountName") == name


@pytest.mark.parametrize(("component", "name"), [("flower", "shop-flower"), ("beat", "shop-beat")])
def test_a_components_own_service_account(component: str, name: str) -> None:
    found = rendering(f"{component}: {{serviceAccount: {{annotations: {{role: x}}}}}}")
    assert found("ServiceAccount", name)["metadata"]["annotations"] == {"role": "x"}
    assert found.pod(name)["serviceAccountName"] == name
    assert ("ServiceAccount", "shop") in found.objects


def test_components_share_a_service_account() -> None:
    found = rendering(
        "workers: [{name: a, serviceAccount: {name: own}}, {name: b, serviceAccount: {name: own}}]"
        "\nbeat: {serviceAccount: {name: shop}}"
    )
    files = {
        name: [item["metadata"]["name"] for item in items if item["kind"] == "ServiceAccount"]
        for name, items in found.folder.resources.items()
    }
    assert files == {
        "service-account.yaml": ["shop"],
        "worker-a.yaml": ["own"],
        "worker-b.yaml": [],
        "beat.yaml": [],
    }
    assert found.pod("shop-worker-b")["serviceAccountName"] == "own"


def test_redis_and_exporter_can_have_a_service_account() -> None:
    found = rendering(
        EVERYTHING.replace("{exporter: {}}", "{exporter: {serviceAccount: {name: e}}}")
    )
    assert found.pod("shop-exporter")["serviceAccountName"] == "e"
    assert ("ServiceAccount", "e") in found.objects


# --- podTemplate --------------------------------------------------------------------------------


def test_a_pod_template_adds_to_the_generated_pod() -> None:
    found = rendering(
        """
        workers:
        - name: a
          env: [{name: A, value: x}]
          podTemplate:
            metadata: {annotations: {safe-to-evict: "false"}, labels: {mesh: "on"}}
            spec:
              runtimeClassName: gvisor
              securityContext: {fsGroup: null, supplementalGroups: [5]}
              initContainers: [{name: wait, image: busybox}]
              containers:
              - {name: log, image: fluent}
              - name: worker
                env: [{name: B, value: y}]
                lifecycle: {preStop: {exec: {command: [sleep, "1"]}}}
        """
    )
    template = found.template("shop-worker-a")
    assert template["metadata"]["annotations"] == {"safe-to-evict": "false"}
    assert template["metadata"]["labels"]["mesh"] == "on"
    assert template["metadata"]["labels"]["celeryproject.org/worker"] == "a"
    pod = template["spec"]
    assert pod["runtimeClassName"] == "gvisor"
    assert pod["securityContext"]["supplementalGroups"] == [5]
    assert "fsGroup" not in pod["securityContext"]
    assert [container["name"] for container in pod["initContainers"]] == ["wait"]
    assert [container["name"] for container in pod["containers"]] == ["worker", "log"]
    main = pod["containers"][0]
    assert main["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "1"]}}}
    assert {"A": "x", "B": "y"}.items() <= found.env("shop-worker-a").items()


# --- probes -------------------------------------------------------------------------------------


def test_a_probe_of_the_users_own_replaces_the_generated_one() -> None:
    own = {"exec": {"command": ["true"]}, "periodSeconds": 7}
    found = rendering(f"workers: [{{name: a, livenessProbe: {own}, startupProbe: null}}]")
    container = found.container("shop-worker-a")
    assert container["livenessProbe"] == own
    assert "startupProbe" not in container


# --- checksums ----------------------------------------------------------------------------------


def config_map(name: str, text: str = "x", kind: str = "ConfigMap") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "data": {"k": text}}


REFERENCES = [
    "envFrom: [{configMapRef: {name: given}}]",
    "env: [{name: A, valueFrom: {configMapKeyRef: {name: given, key: k}}}]",
    "volumes: [{name: v, configMap: {name: given}}]",
    "volumes: [{name: v, projected: {sources: [{configMap: {name: given}}]}}]",
    "podTemplate: {spec: {containers: [{name: x, envFrom: [{configMapRef: {name: given}}]}]}}",
]


def checksums(found: Rendering, name: str = "shop-worker-a") -> dict[str, str]:
    result: dict[str, str] = found.template(name)["metadata"].get("annotations", {})
    return result


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_changed_config_map_of_the_spec_rolls_the_pods_that_refer_to_it(reference: str) -> None:
    def of(text: str) -> dict[str, str]:
        extra = {"objects.yaml": [config_map("given", text), config_map("other")]}
        return checksums(rendering(f"workers: [{{name: a, {reference}}}]", extra=extra))

    first = of("one")
    assert list(first) == ["checksum.celeryproject.org/configmap-given"]
    assert first == of("one")
    assert first != of("two")


def test_secrets_of_the_broker_count_too_and_labels_do_not() -> None:
    def of(**metadata: Any) -> dict[str, str]:
        secret = config_map("s", kind="Secret")
        secret["metadata"] |= metadata
        spec = """
        broker: {redis: {host: h, passwordFrom: {secretKeyRef: {name: s, key: k}}}}
        workers: [{name: a}]
        monitoring: {exporter: {}}
        """
        found = rendering(spec, extra={"extra.yaml": [secret]})
        assert checksums(found, "shop-exporter") == checksums(found)
        return checksums(found)

    assert list(of()) == ["checksum.celeryproject.org/secret-s"]
    assert of() == of(labels={"a": "b"})


def test_nothing_is_said_of_objects_that_are_not_in_the_spec() -> None:
    spec = f"workers: [{{name: a, {REFERENCES[0]}}}]"
    assert checksums(rendering(spec)) == {}
    assert checksums(rendering(spec, extra={"o.yaml": [config_map("other")]})) == {}


@pytest.mark.parametrize("length", [52, 53, 54, 200, 253])
def test_a_checksum_is_a_valid_annotation_however_long_the_name(length: int) -> None:
    name = "n" * length
    spec = f"workers: [{{name: a, envFrom: [{{configMapRef: {{name: {name}}}}}]}}]"
    (key,) = checksums(rendering(spec, extra={"o.yaml": [config_map(name)]}))
    assert re.fullmatch(r"checksum\.celeryproject\.org/[a-z0-9-]{1,63}", key)


def test_long_names_that_begin_alike_have_checksums_of_their_own() -> None:
    names = ["n" * 100 + end for end in "ab"]
    sources = ", ".join(f"{{configMapRef: {{name: {name}}}}}" for name in names)
    extra = {"o.yaml": [config_map(name, name) for name in names]}
    found = rendering(f"workers: [{{name: a, envFrom: [{sources}]}}]", extra=extra)
    assert len(checksums(found)) == 2
