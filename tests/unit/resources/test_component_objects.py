"""Worker sets, beat, Flower, web, migration, exporter: objects and what is special to each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.resources.rendering import Rendering, rendering

SECRET = "{secretKeyRef: {name: s, key: k}}"


def port(found: Rendering, name: str) -> dict[str, Any]:
    (result,) = found("Service", name)["spec"]["ports"]
    return dict(result)


# --- worker sets --------------------------------------------------------------------------------


def test_objects_of_a_worker_set() -> None:
    found = rendering("workers: [{name: a, replicas: 3}]")
    assert found.kinds("shop-worker-a") == ["Deployment", "PodDisruptionBudget"]
    assert found("Deployment", "shop-worker-a")["spec"]["replicas"] == 3


def test_the_command_line_of_a_worker() -> None:
    found = rendering("workers: [{name: a, queues: [x, y], healthCheck: {type: None}}]")
    assert found.container("shop-worker-a")["command"] == ["celery"]
    assert found.container("shop-worker-a")["args"] == [
        "--app=shop.celery",
        "worker",
        "--queues=x,y",
        "--concurrency=2",
        "--prefetch-multiplier=1",
        "--loglevel=INFO",
    ]


def test_the_launcher() -> None:
    found = rendering("celeryCommand: [uv, run, celery]\nworkers: [{name: a}]\nbeat: {}")
    assert found.command_line("shop-worker-a")[:4] == ["uv", "run", "celery", "--app=shop.celery"]
    assert found.command_line("shop-beat")[:5] == [
        "uv",
        "run",
        "celery",
        "--app=shop.celery",
        "beat",
    ]


def test_no_shell_stands_between_kubernetes_and_celery() -> None:
    found = rendering("workers: [{name: a}]\nbeat: {}\nflower: {}")
    for name in ("shop-worker-a", "shop-beat", "shop-flower"):
        container = found.container(name)
        words = [*container["command"], *container["args"]]
        assert "-c" not in words
        assert all(isinstance(word, str) for word in words)


@pytest.mark.parametrize(
    ("worker", "expected"),
    [("{}", None), ("{command: [x]}", ["x"]), ("{command: [x], args: [y]}", ["x", "y"])],
)
def test_without_an_app_the_set_runs_its_own_command_or_the_images(
    worker: str, expected: list[str] | None
) -> None:
    found = rendering(f"app: null\nworkerDefaults: {worker}\nworkers: [{{name: a}}]")
    container = found.container("shop-worker-a")
    whole = [*container.get("command", []), *container.get("args", [])]
    assert (whole or None) == expected


def test_grace_period() -> None:
    found = rendering("workers: [{name: a}, {name: b, taskTimeLimit: 100}]")
    assert found.pod("shop-worker-a")["terminationGracePeriodSeconds"] == 600
    assert found.pod("shop-worker-b")["terminationGracePeriodSeconds"] == 130


def test_rollout() -> None:
    found = rendering(
        """
        workers:
        - name: a
        - {name: b, rollout: {type: Recreate}}
        - {name: c, rollout: {maxSurge: 1, maxUnavailable: 10%, minReadySeconds: 5}}
        """
    )
    spec = [found("Deployment", f"shop-worker-{name}")["spec"] for name in "abc"]
    assert spec[0]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
    }
    assert spec[1]["strategy"] == {"type": "Recreate"}
    assert spec[2]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": "10%"}
    assert spec[2]["minReadySeconds"] == 5


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ("{}", {"maxUnavailable": 1}),
        ("{podDisruptionBudget: {minAvailable: 50%}}", {"minAvailable": "50%"}),
        ("{podDisruptionBudget: {maxUnavailable: 2}}", {"maxUnavailable": 2}),
    ],
)
def test_disruption_budget(budget: str, expected: dict[str, Any]) -> None:
    found = rendering(f"workerDefaults: {budget}\nworkers: [{{name: a}}]")
    spec = found("PodDisruptionBudget", "shop-worker-a")["spec"]
    selector = found("Deployment", "shop-worker-a")["spec"]["selector"]
    assert spec == {
        **expected,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": selector,
    }


def test_no_disruption_budget() -> None:
    found = rendering("workers: [{name: a, podDisruptionBudget: null}]")
    assert found.kinds("shop-worker-a") == ["Deployment"]


def test_the_heartbeat_is_looked_at() -> None:
    found = rendering(
        "workers: [{name: a, healthCheck: {staleAfterSeconds: 300, periodSeconds: 20, "
        "timeoutSeconds: 3, failureThreshold: 2, startupSeconds: 61}}]"
    )
    container = found.container("shop-worker-a")
    liveness, startup = container["livenessProbe"], container["startupProbe"]
    assert (liveness["periodSeconds"], liveness["timeoutSeconds"]) == (20, 3)
    assert liveness["failureThreshold"] == 2
    # At least as long as the application may take to start.
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 61
    assert "--include=celery_kustomize_heartbeat" in found.command_line("shop-worker-a")


def test_ping_asks_this_node_only_and_becomes_celery() -> None:
    found = rendering("workers: [{name: a, healthCheck: {type: Ping}}]")
    command = found.container("shop-worker-a")["livenessProbe"]["exec"]["command"]
    assert command[:2] == ["sh", "-c"]
    assert command[2].startswith("exec ")
    assert '--destination "celery@$HOSTNAME"' in command[2]
    assert all("--include" not in word for word in found.command_line("shop-worker-a"))


def test_no_health_check() -> None:
    container = rendering("workers: [{name: a, healthCheck: {type: None}}]").container(
        "shop-worker-a"
    )
    assert not {"livenessProbe", "startupProbe", "readinessProbe"} & set(container)


# --- beat ---------------------------------------------------------------------------------------


def test_there_are_never_two_beats() -> None:
    spec = rendering("beat: {}")("Deployment", "shop-beat")["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}


def test_objects_of_beat() -> None:
    assert rendering("beat: {}").kinds("shop-beat") == ["Deployment"]
    stored = rendering("beat: {storage: {size: 1Gi, storageClassName: fast}}")
    assert stored.kinds("shop-beat") == ["PersistentVolumeClaim", "Deployment"]
    assert stored("PersistentVolumeClaim", "shop-beat")["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "1Gi"}},
    }


@pytest.mark.parametrize(
    ("storage", "volume"),
    [
        ("{}", {"emptyDir": {}}),
        ("{storage: {size: 1Gi}}", {"persistentVolumeClaim": {"claimName": "shop-beat"}}),
        ("{storage: {existingClaim: old}}", {"persistentVolumeClaim": {"claimName": "old"}}),
    ],
)
def test_the_schedule_is_on_a_volume(storage: str, volume: dict[str, Any]) -> None:
    found = rendering(f"beat: {storage}")
    assert {"name": "schedule", **volume} in found.pod("shop-beat")["volumes"]
    mounts = {m["name"]: m["mountPath"] for m in found.container("shop-beat")["volumeMounts"]}
    line = found.command_line("shop-beat")
    assert f"--schedule={mounts['schedule']}/celerybeat-schedule" in line
    assert ("PersistentVolumeClaim", "shop-beat") in found.objects or "size" not in storage


def test_another_scheduler_has_no_schedule_file() -> None:
    found = rendering("beat: {scheduler: 'django_celery_beat.schedulers:DatabaseScheduler'}")
    assert not any(word.startswith("--schedule=") for word in found.command_line("shop-beat"))
    assert "django_celery_beat.schedulers:DatabaseScheduler" in found.env("shop-beat").values()


def test_beat_without_a_health_check_runs_its_scheduler_itself() -> None:
    found = rendering("beat: {scheduler: x.Y, maxInterval: 5, healthCheck: {type: None}}")
    assert found.command_line("shop-beat") == [
        "celery",
        "--app=shop.celery",
        "beat",
        "--scheduler=x.Y",
        "--max-interval=5",
        "--loglevel=INFO",
    ]
    assert "livenessProbe" not in found.container("shop-beat")


def test_beat_with_its_own_name_and_command() -> None:
    found = rendering("beat: {name: clock, command: [run, beat]}")
    assert found.command_line("clock") == ["run", "beat"]


# --- Flower -------------------------------------------------------------------------------------


def test_objects_of_flower() -> None:
    found = rendering(
        """
        flower:
          storage: {size: 1Gi}
          ingress: {host: f.example.com}
          httpRoute: {parentRefs: [{name: g}]}
        """
    )
    assert found.kinds("shop-flower") == [
        "PersistentVolumeClaim",
        "Deployment",
        "Service",
        "Ingress",
        "HTTPRoute",
    ]
    spec = found("Deployment", "shop-flower")["spec"]
    assert spec["strategy"] == {"type": "Recreate"}
    assert spec["replicas"] == 1
    assert "--persistent=True" in found.command_line("shop-flower")
    mounts = {m["name"]: m["mountPath"] for m in found.container("shop-flower")["volumeMounts"]}
    assert f"--db={mounts['data']}/flower" in found.command_line("shop-flower")


def test_flowers_port_is_said_in_its_variable() -> None:
    """Kubernetes would set FLOWER_PORT for a Service called flower, and Flower would exit."""
    found = rendering("flower: {port: 5000, service: {port: 80}}")
    assert found.env("shop-flower")["FLOWER_PORT"] == "5000"
    assert found.container("shop-flower")["ports"][0]["containerPort"] == 5000
    assert port(found, "shop-flower") == {
        "name": "http",
        "port": 80,
        "targetPort": "http",
        "protocol": "TCP",
    }
    assert port(rendering("flower: {}"), "shop-flower")["port"] == 5555


@pytest.mark.parametrize("prefix", ["flower", "/flower", "flower/", "/flower/"])
def test_everything_of_flower_stands_under_its_url_prefix(prefix: str) -> None:
    found = rendering(
        f"""
        flower:
          urlPrefix: {prefix}
          ingress: {{host: h.example.com}}
          httpRoute: {{parentRefs: [{{name: g}}]}}
        """
    )
    assert "--url_prefix=flower" in found.command_line("shop-flower")
    container = found.container("shop-flower")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] == "/flower/healthcheck"
    (rule,) = found("Ingress", "shop-flower")["spec"]["rules"]
    assert rule["http"]["paths"][0]["path"] == "/flower"
    (rule,) = found("HTTPRoute", "shop-flower")["spec"]["rules"]
    assert rule["matches"][0]["path"] == {"type": "PathPrefix", "value": "/flower"}


def test_flower_without_a_prefix() -> None:
    found = rendering("flower: {ingress: {host: h.example.com}}")
    assert found.container("shop-flower")["livenessProbe"]["httpGet"]["path"] == "/healthcheck"
    (rule,) = found("Ingress", "shop-flower")["spec"]["rules"]
    assert rule["http"]["paths"][0]["path"] == "/"


def test_flowers_credentials_come_from_secrets() -> None:
    reference = {"secretKeyRef": {"name": "s", "key": "k"}}
    found = rendering(
        f"""
        flower:
          basicAuthFrom: {SECRET}
          oauth:
            provider: github
            authRegex: .*@example\\.com
            clientIdFrom: {SECRET}
            clientSecretFrom: {SECRET}
            cookieSecretFrom: {SECRET}
            redirectUri: https://f.example.com/login
        """
    )
    env = found.env("shop-flower")
    for name in (
        "FLOWER_BASIC_AUTH",
        "FLOWER_OAUTH2_KEY",
        "FLOWER_OAUTH2_SECRET",
        "FLOWER_COOKIE_SECRET",
    ):
        assert env[name] == reference
    line = found.command_line("shop-flower")
    assert "--auth_provider=flower.views.auth.GithubLoginHandler" in line
    assert "--auth=.*@example\\.com" in line
    assert "--oauth2_redirect_uri=https://f.example.com/login" in line


def test_flower_with_an_image_of_its_own_runs_without_the_application() -> None:
    found = rendering(
        "celeryCommand: [uv, run, celery]\nworkingDir: /srv\nflower: {image: 'mher/flower:2'}"
    )
    assert found.command_line("shop-flower") == ["celery", "flower"]
    assert "workingDir" not in found.container("shop-flower")
    assert found.container("shop-flower")["image"] == "mher/flower:2"


def test_flower_without_an_app() -> None:
    assert rendering("app: null\nflower: {}").command_line("shop-flower") == ["celery", "flower"]


def test_flowers_options() -> None:
    found = rendering("flower: {options: {max_tasks: 5, xheaders: true, tasks_columns: [a, b]}}")
    assert found.command_line("shop-flower")[3:] == [
        "--max_tasks=5",
        "--tasks_columns=a,b",
        "--xheaders=True",
    ]


def test_flower_reads_queue_lengths_from_rabbitmqs_management() -> None:
    found = rendering(
        f"""
        broker:
          rabbitmq: {{host: r, username: 'u@', passwordFrom: {SECRET}, managementPort: 15672}}
        flower: {{}}
        """
    )
    assert found.env("shop-flower")["FLOWER_BROKER_API"] == (
        "http://u%40:$(BROKER_PASSWORD)@r:15672/api/"
    )
    names = list(found.env("shop-flower"))
    assert names.index("BROKER_PASSWORD") < names.index("FLOWER_BROKER_API")


def test_the_url_from_a_secret_leaves_no_reference_to_a_missing_variable() -> None:
    found = rendering(
        f"""
        broker:
          urlFrom: {SECRET}
          rabbitmq: {{host: r, username: u, passwordFrom: {SECRET}, managementPort: 15672}}
        flower: {{}}
        """
    )
    env = found.env("shop-flower")
    for value in env.values():
        if isinstance(value, str) and "$(" in value:
            assert value.split("$(")[1].split(")")[0] in env


def test_exposure() -> None:
    found = rendering(
        """
        web:
          command: [x]
          service: {type: LoadBalancer, port: 80, nodePort: 30000, annotations: {lb: x}}
          ingress:
            className: nginx
            host: shop.example.com
            path: /app
            tlsSecretName: tls
            annotations: {issuer: y}
          httpRoute: {parentRefs: [{name: g, namespace: gw}], hostnames: [a.example.com]}
        """
    )
    service = found("Service", "shop-web")
    assert service["spec"]["type"] == "LoadBalancer"
    assert port(found, "shop-web")["nodePort"] == 30000
    assert service["metadata"]["annotations"] == {"lb": "x"}
    ingress = found("Ingress", "shop-web")
    assert ingress["metadata"]["annotations"] == {"issuer": "y"}
    assert ingress["spec"] == {
        "ingressClassName": "nginx",
        "tls": [{"hosts": ["shop.example.com"], "secretName": "tls"}],
        "rules": [
            {
                "host": "shop.example.com",
                "http": {
                    "paths": [
                        {
                            "path": "/app",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "shop-web", "port": {"name": "http"}}},
                        }
                    ]
                },
            }
        ],
    }
    route = found("HTTPRoute", "shop-web")["spec"]
    assert route["parentRefs"] == [{"name": "g", "namespace": "gw"}]
    assert route["hostnames"] == ["a.example.com"]
    assert route["rules"][0]["backendRefs"] == [{"name": "shop-web", "port": 80}]


# --- web and migration ---------------------------------------------------------------------------


def test_objects_of_web() -> None:
    found = rendering(
        """
        web:
          command: [gunicorn]
          replicas: 2
          autoscaling: {minReplicas: 2, maxReplicas: 5, cpu: {averageUtilization: 70}}
        """
    )
    assert found.kinds("shop-web") == [
        "Deployment",
        "Service",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
    ]
    assert "replicas" not in found("Deployment", "shop-web")["spec"]


def test_web_without_scaling() -> None:
    found = rendering("web: {command: [x], replicas: 2, shutdown: {gracePeriodSeconds: 7}}")
    assert found("Deployment", "shop-web")["spec"]["replicas"] == 2
    assert found.pod("shop-web")["terminationGracePeriodSeconds"] == 7
    assert found.container("shop-web")["readinessProbe"]["tcpSocket"] == {"port": "http"}


MIGRATION = "migration: {command: [migrate], args: [--now], backoffLimit: 1}\n"
WAVE = "argocd.argoproj.io/sync-wave"


def test_the_migration_is_a_hook_before_everything_else() -> None:
    found = rendering(MIGRATION)
    job = found("Job", "shop-migrate")
    assert job["metadata"]["annotations"] == {
        "argocd.argoproj.io/hook": "Sync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        WAVE: "-1",
    }
    assert job["spec"]["backoffLimit"] == 1
    assert "activeDeadlineSeconds" not in job["spec"]
    assert found.pod("shop-migrate")["restartPolicy"] == "Never"
    assert found.command_line("shop-migrate") == ["migrate", "--now"]


def test_what_the_migration_needs_comes_first() -> None:
    extra = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plain"}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "own", "annotations": {WAVE: "5"}},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "hook", "annotations": {"argocd.argoproj.io/hook": "PreSync"}},
        },
    ]
    found = rendering(
        MIGRATION + "config: {values: {task_acks_late: true}}\n"
        "redis: {passwordFrom: {secretKeyRef: {name: s, key: k}}}\n"
        "workers: [{name: a}]\nbeat: {serviceAccount: {}}\nflower: {}",
        extra={"extra.yaml": extra},
    )
    waves = {
        key: item["metadata"].get("annotations", {}).get(WAVE)
        for key, item in found.objects.items()
    }
    assert {key: wave for key, wave in waves.items() if wave is not None} == {
        ("ServiceAccount", "shop"): "-2",
        ("ServiceAccount", "shop-beat"): "-2",
        ("Job", "shop-migrate"): "-1",
        ("Secret", "plain"): "-2",
        ("Secret", "own"): "5",
    }
    generators = {g.name: g.annotations.get(WAVE) for g in found.folder.config_maps}
    assert generators == {
        "shop-celery-modules": "-2",
        "shop-celery-config": "-2",
        "shop-redis-config": None,
    }


def test_without_a_migration_there_are_no_waves() -> None:
    found = rendering(
        "workers: [{name: a}]",
        extra={"e.yaml": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plain"}}]},
    )
    assert WAVE not in str(found.folder)


def test_objects_that_come_with_the_spec_are_not_changed() -> None:
    given = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plain"}}
    before = str(given)
    rendering(MIGRATION, extra={"e.yaml": [given]})
    assert str(given) == before


# --- exporter ------------------------------------------------------------------------------------


def test_objects_of_the_exporter() -> None:
    found = rendering(
        """
        workers: [{name: a, queues: [x, y]}, {name: b, queues: [x]}]
        broker: {redis: {host: h}, transportOptions: {visibility_timeout: 5, deep: {a: 1}}}
        monitoring:
          exporter: {}
          serviceMonitor: {labels: {release: p}, scrapeTimeout: 5s}
        """
    )
    assert found.kinds("shop-exporter") == ["Deployment", "Service", "ServiceMonitor"]
    assert found.container("shop-exporter")["args"] == [
        "--queues=x,y",
        "--broker-transport-option=visibility_timeout=5",
    ]
    assert found.env("shop-exporter")["CE_BROKER_URL"] == "redis://h:6379/0"
    assert found.env("shop-exporter")["CE_RETRY_INTERVAL"] == "5"
    assert port(found, "shop-exporter")["port"] == 9808
    assert found.container("shop-exporter")["livenessProbe"]["httpGet"]["path"] == "/health"
    monitor = found("ServiceMonitor", "shop-exporter")
    assert monitor["metadata"]["labels"]["release"] == "p"
    assert monitor["spec"]["endpoints"] == [
        {"port": "metrics", "interval": "30s", "scrapeTimeout": "5s"}
    ]
    labels = found("Service", "shop-exporter")["metadata"]["labels"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_the_exporters_port() -> None:
    found = rendering("monitoring: {exporter: {port: 9000, args: [--more]}}")
    assert found.container("shop-exporter")["args"] == ["--port=9000", "--more"]
    assert found.container("shop-exporter")["ports"][0]["containerPort"] == 9000


def test_workers_send_events_to_flower_and_the_exporter() -> None:
    for more in ("flower: {}", "monitoring: {exporter: {}}"):
        found = rendering(f"workers: [{{name: a}}]\n{more}")
        assert "--task-events" in found.command_line("shop-worker-a")
    assert "--task-events" not in rendering("workers: [{name: a}]").command_line("shop-worker-a")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "mirror.example.com/hub/danihodovic/celery-exporter"),
        ("image: own/exporter:1", "own/exporter:1"),
    ],
)
def test_third_party_images_come_through_the_mirror(more: str, expected: str) -> None:
    found = rendering(
        f"registryMirror: mirror.example.com/hub\nmonitoring: {{exporter: {{{more}}}}}"
    )
    assert found.container("shop-exporter")["image"].startswith(expected)
