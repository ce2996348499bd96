"""celeryproject.org/v1alpha1 Celery: each field, what is said about it, and every mistake."""

from __future__ import annotations

import pytest

from celery_kustomize.convert import convert
from celery_kustomize.errors import Severity
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, mark_at, plain
from celery_kustomize.model.application import CeleryApplication

HEAD = """\
apiVersion: celeryproject.org/v1alpha1
kind: Celery
metadata: {name: shop}
spec:
  common: {appName: shop, celeryApp: shop.celery, image: "shop:1"}
"""


def read(text: str) -> Map:
    documents, problems = parse(text.encode(), "shop.yaml")
    assert problems == []
    return documents[0]


def converted(text: str) -> tuple[Map, list[str]]:
    """The native document of HEAD and ``text``, and what is said beside the general warning."""
    native, problems = convert(read(HEAD + text))
    return native, [str(problem) for problem in problems[1:]]


def worker(text: str) -> dict[str, object]:
    native, told = converted(f"  workerSpec: {text}\n  flowerSpec: {{serviceType: ClusterIP}}\n")
    assert told == []
    CeleryApplication.model_validate(native)
    found = plain(native["spec"]["workers"][0])
    assert isinstance(found, dict)
    return found


def errors(text: str) -> list[str]:
    told = converted(f"{text}  flowerSpec: {{serviceType: ClusterIP}}\n")[1]
    return [line for line in told if not line.startswith("warning")]


class TestQueues:
    def test_a_text_with_commas(self) -> None:
        assert worker("{queues: ' a, b,,c '}")["queues"] == ["a", "b", "c"]

    def test_a_list(self) -> None:
        assert worker("{queues: [a, 'b,c']}")["queues"] == ["a", "b", "c"]

    def test_a_queue_named_twice_counts_once(self) -> None:
        assert worker("{queues: 'a,b,a'}")["queues"] == ["a", "b"]

    def test_no_queue_is_the_applications_own(self) -> None:
        assert "queues" not in worker("{queues: ' , '}")

    def test_something_else(self) -> None:
        assert errors("  workerSpec: {queues: 5}\n") == [
            "shop.yaml:6: spec.workerSpec.queues: expected queues with commas between them, as in "
            '"default, emails"'
        ]


class TestRollout:
    def test_the_operators_own(self) -> None:
        rollout = {"maxSurge": "20%", "maxUnavailable": 0, "minReadySeconds": 10}
        assert worker("{numOfWorkers: 1}")["rollout"] == rollout

    def test_a_type(self) -> None:
        rollout = worker("{rolloutStrategy: Recreate}")["rollout"]
        assert rollout == {"type": "Recreate", "minReadySeconds": 10}

    def test_a_deployments_strategy(self) -> None:
        strategy = "{type: RollingUpdate, rollingUpdate: {maxSurge: 2, maxUnavailable: 25%}}"
        assert worker(f"{{rolloutStrategy: {strategy}}}")["rollout"] == {
            "type": "RollingUpdate",
            "maxSurge": 2,
            "maxUnavailable": "25%",
            "minReadySeconds": 10,
        }

    def test_an_unknown_type(self) -> None:
        assert errors("  workerSpec: {rolloutStrategy: Rolling}\n") == [
            'shop.yaml:6: spec.workerSpec.rolloutStrategy: "Rolling" is not a strategy: '
            "write RollingUpdate"
        ]


class TestArguments:
    def test_options_move_to_their_fields_and_others_stay(self) -> None:
        found = worker("{args: [--pool=gevent, -c, 4, -Ofair, -X, slow, -E, --, a.b=1]}")
        assert found["pool"] == "gevent"
        assert found["concurrency"] == 4
        assert found["taskEvents"] is True
        assert found["args"] == ["-X", "slow", "--", "a.b=1"]

    def test_the_option_counts_where_it_differs_from_the_field(self) -> None:
        native, told = converted(
            "  workerSpec: {concurrency: 2, args: [-c, '8']}\n"
            "  flowerSpec: {serviceType: ClusterIP}\n"
        )
        assert native["spec"]["workers"][0]["concurrency"] == 8
        assert told == [
            "warning: shop.yaml:6: spec.workerSpec.args[1]: gives another concurrency than "
            "spec.workerSpec.concurrency: the option counts, as it did"
        ]

    def test_the_same_in_both_is_no_news(self) -> None:
        found = worker("{queues: 'a,b', concurrency: 2, args: ['-Qa,b', --concurrency=2]}")
        assert (found["queues"], found["concurrency"]) == (["a", "b"], 2)
        assert "args" not in found

    def test_what_the_pool_ignores_is_left_out(self) -> None:
        native, told = converted(
            "  workerSpec: {concurrency: 4, args: [--pool=solo, --time-limit=60]}\n"
            "  flowerSpec: {serviceType: ClusterIP}\n"
        )
        assert native["spec"]["workers"][0].keys() == {"name", "pool", "rollout"}
        assert told == [
            "warning: shop.yaml:6: spec.workerSpec.args[1]: is left out: the solo pool ignores it",
            "warning: shop.yaml:6: spec.workerSpec.concurrency: is left out: the solo pool ignores "
            "it",
        ]

    def test_modules_to_include_leave_no_health_check(self) -> None:
        native, told = converted(
            "  workerSpec: {args: [-I, a.b]}\n  flowerSpec: {serviceType: ClusterIP}\n"
        )
        assert native["spec"]["workers"][0]["healthCheck"] == {"type": "None"}
        assert told == [
            "warning: shop.yaml:6: spec.workerSpec.args[0]: leaves no place for the module of the "
            "health check, so there is none: write imports in spec.config.values instead"
        ]
        CeleryApplication.model_validate(native)

    def test_an_argument_that_is_no_text(self) -> None:
        assert errors("  workerSpec: {args: [true, {a: 1}]}\n") == [
            "shop.yaml:6: spec.workerSpec.args[0]: expected a text, got true: write it in quotes",
            "shop.yaml:6: spec.workerSpec.args[1]: expected a text, got a map",
        ]


class TestFlower:
    def test_open_to_the_outside_unless_the_file_says_otherwise(self) -> None:
        native, told = converted("  workerSpec: {}\n")
        assert plain(native["spec"]["flower"]) == {
            "insecure": True,
            "service": {"type": "NodePort"},
        }
        assert told == [
            "warning: shop.yaml:4: spec.flowerSpec: Flower is reachable from outside the cluster "
            "without a log-in (a Service of type NodePort), as it was: flower.insecure is true. To "
            "close it, write flower.basicAuthFrom, or ClusterIP as the type of the Service"
        ]

    @pytest.mark.parametrize(
        "login", ["args: ['--basic_auth=$(LOGIN)']", "env: [{name: FLOWER_BASIC_AUTH, value: x}]"]
    )
    def test_with_a_log_in_it_is_not_insecure(self, login: str) -> None:
        native, told = converted(f"  flowerSpec: {{{login}}}\n")
        assert "insecure" not in native["spec"]["flower"]
        assert told == []

    def test_a_password_in_the_file_is_told(self) -> None:
        native, told = converted("  flowerSpec: {args: ['--basic_auth=admin:secret']}\n")
        assert plain(native["spec"]["flower"]["env"]) == [
            {"name": "FLOWER_BASIC_AUTH", "value": "admin:secret"}
        ]
        assert told == [
            "warning: shop.yaml:6: spec.flowerSpec.args[0]: lies in Git in plain text: put it into "
            "a Secret and write flower.basicAuthFrom"
        ]

    def test_a_variable_without_a_name_is_none_of_a_log_in(self) -> None:
        source = "{secretKeyRef: {name: a, key: b}}"
        native, told = converted(
            f"  flowerSpec: {{args: ['--basic_auth=$(A)'], env: [{{valueFrom: {source}}}]}}\n"
        )
        assert "basicAuthFrom" not in native["spec"]["flower"]
        assert told == []

    def test_options_and_variables_with_fields(self) -> None:
        native, told = converted(
            "  flowerSpec: {serviceType: ClusterIP, args: [--max_tasks=5, --auth=a@b.c, --db=x], "
            "env: [{name: FLOWER_PORT, value: '80'}, {name: FLOWER_URL_PREFIX, value: f}, "
            "{name: FLOWER_DB, value: x}]}\n"
        )
        assert plain(native["spec"]["flower"]) == {
            "port": 80,
            "urlPrefix": "f",
            "options": {"max_tasks": 5},
            "env": [{"name": "FLOWER_AUTH", "value": "a@b.c"}],
            "service": {"type": "ClusterIP"},
        }
        place = "warning: shop.yaml:6: spec.flowerSpec"
        message = "is left out: to keep Flower's state over restarts, write flower.storage"
        assert told == [f"{place}.args[2]: {message}", f"{place}.env[FLOWER_DB]: {message}"]

    def test_default_is_what_kubernetes_does(self) -> None:
        native, told = converted("  flowerSpec: {serviceType: Default, servicePort: 80}\n")
        assert plain(native["spec"]["flower"]) == {"service": {"port": 80}}
        assert told == []

    def test_an_unknown_type(self) -> None:
        assert converted("  flowerSpec: {serviceType: nodeport}\n")[1] == [
            'shop.yaml:6: spec.flowerSpec.serviceType: "nodeport" is not a type of Service; '
            'did you mean "NodePort"?'
        ]

    def test_several_become_one(self) -> None:
        native, told = converted("  flowerSpec: {serviceType: ClusterIP, replicas: 3}\n")
        assert native["spec"]["flower"]["replicas"] == 1
        assert told == [
            "warning: shop.yaml:6: spec.flowerSpec.replicas: is 1 now: every Flower keeps a state "
            "of its own, so that several disagree"
        ]

    def test_none_stays_none(self) -> None:
        native, told = converted("  flowerSpec: {serviceType: ClusterIP, replicas: 0}\n")
        assert native["spec"]["flower"]["replicas"] == 0
        assert told == []


class TestScaling:
    HEAD = "  workerSpec: {numOfWorkers: 3, queues: a}\n  flowerSpec: {serviceType: ClusterIP}\n"
    QUEUE = "metrics: [{name: task_queue_length, target: {averageValue: 5}}]"

    def scaled(self, text: str) -> tuple[dict[str, object], list[str]]:
        native, told = converted(f"{self.HEAD}  scaleTargetRef: [{{kind: worker, {text}}}]\n")
        found = plain(native["spec"]["workers"][0].get("autoscaling"))
        assert isinstance(found, dict)
        return found, told

    def test_min_replicas_is_the_number_of_workers(self) -> None:
        found, told = self.scaled(
            "maxReplicas: 9, metrics: [{name: cpu, target: {type: "
            "Utilization, averageUtilization: 70}}]"
        )
        assert found == {"minReplicas": 3, "maxReplicas": 9, "cpu": {"averageUtilization": 70}}
        assert told == []

    def test_the_type_says_what_a_number_is(self) -> None:
        target = "{type: Utilization, averageValue: 70}"
        found, told = self.scaled(f"maxReplicas: 9, metrics: [{{name: memory, target: {target}}}]")
        assert found["memory"] == {"averageUtilization": 70}
        assert told == []

    def test_a_number_without_a_type_is_what_its_field_says(self) -> None:
        target = "{averageValue: 400Mi}"
        found, _ = self.scaled(f"maxReplicas: 9, metrics: [{{name: memory, target: {target}}}]")
        assert found["memory"] == {"averageValue": "400Mi"}

    def test_the_queue_length_comes_from_flower_which_is_opened_for_it(self) -> None:
        native, told = converted(
            f"{self.HEAD}  scaleTargetRef: [{{kind: worker, maxReplicas: 9, {self.QUEUE}}}]\n"
        )
        spec = plain(native["spec"])
        assert spec["workers"][0]["autoscaling"]["queueLength"] == {"target": 5, "source": "Flower"}
        assert spec["flower"]["env"] == [{"name": "FLOWER_UNAUTHENTICATED_API", "value": "true"}]
        assert told == [
            "warning: shop.yaml:8: spec.scaleTargetRef: the queue length comes from Flower's API, "
            "which is open to the scaler and to whoever reaches Flower "
            "(FLOWER_UNAUTHENTICATED_API): they can stop workers and run tasks. To close it, write "
            "flower.basicAuthFrom and flower.apiAuthFrom and remove the variable; or write "
            "spec.broker and remove source: Flower"
        ]
        CeleryApplication.model_validate(native)

    def test_the_variable_follows_the_files_own(self) -> None:
        native, _ = converted(
            "  workerSpec: {queues: a}\n"
            "  flowerSpec: {serviceType: ClusterIP, env: [{name: A, value: b}]}\n"
            f"  scaleTargetRef: [{{kind: worker, maxReplicas: 9, {self.QUEUE}}}]\n"
        )
        names = [item["name"] for item in native["spec"]["flower"]["env"]]
        assert names == ["A", "FLOWER_UNAUTHENTICATED_API"]

    def test_a_flower_that_is_open_already_stays_so(self) -> None:
        native, told = converted(
            "  workerSpec: {queues: a}\n  flowerSpec: {serviceType: ClusterIP, "
            "env: [{name: FLOWER_UNAUTHENTICATED_API, value: 'yes'}]}\n"
            f"  scaleTargetRef: [{{kind: worker, maxReplicas: 9, {self.QUEUE}}}]\n"
        )
        assert len(native["spec"]["flower"]["env"]) == 1
        assert told == []

    def test_a_flower_with_a_log_in_wants_one_for_the_scaler(self) -> None:
        native, told = converted(
            "  workerSpec: {queues: a}\n  flowerSpec: {args: ['--basic_auth=$(A):$(B)']}\n"
            f"  scaleTargetRef: [{{kind: worker, maxReplicas: 9, {self.QUEUE}}}]\n"
        )
        assert plain(native["spec"]["flower"]["env"]) == [
            {"name": "FLOWER_BASIC_AUTH", "value": "$(A):$(B)"}
        ]
        assert told == [
            "warning: shop.yaml:8: spec.scaleTargetRef: the queue length comes from Flower, which "
            "asks for a log-in: put user:password into a Secret and name it in flower.apiAuthFrom"
        ]

    def test_the_scaler_logs_in_by_the_same_secret(self) -> None:
        native, told = converted(
            "  workerSpec: {queues: a}\n"
            "  flowerSpec: {args: [--basic_auth=$(LOGIN)], env: [{name: LOGIN, valueFrom: "
            "{secretKeyRef: {name: flower, key: login}}}]}\n"
            f"  scaleTargetRef: [{{kind: worker, maxReplicas: 9, {self.QUEUE}}}]\n"
        )
        flower = plain(native["spec"]["flower"])
        secret = {"secretKeyRef": {"name": "flower", "key": "login"}}
        assert (flower["basicAuthFrom"], flower["apiAuthFrom"]) == (secret, secret)
        assert told == [
            "warning: shop.yaml:8: spec.scaleTargetRef: the queue length comes from Flower, where "
            "the scaler logs in by the Secret of flower.basicAuthFrom: if it holds several users, "
            "name a Secret with one of them in flower.apiAuthFrom"
        ]
        CeleryApplication.model_validate(native)

    def test_none_running_becomes_one(self) -> None:
        metrics = "metrics: [{name: cpu, target: {averageUtilization: 70}}]"
        found, told = self.scaled(f"minReplicas: 0, maxReplicas: 9, {metrics}")
        assert found["minReplicas"] == 1
        assert told == [
            "warning: shop.yaml:8: spec.scaleTargetRef[0].minReplicas: is 1 now: what is measured "
            "here cannot start the first worker"
        ]

    def test_the_lower_maximum_decides(self) -> None:
        metrics = "metrics: [{name: cpu, target: {averageUtilization: 70}}]"
        found, told = self.scaled(f"maxReplicas: 2, {metrics}")
        assert (found["minReplicas"], found["maxReplicas"]) == (2, 2)
        assert told == [
            "warning: shop.yaml:6: spec.workerSpec.numOfWorkers: is 2 now: maxReplicas is lower, "
            "and it decided"
        ]

    def test_every_mistake_at_once(self) -> None:
        text = f"""{self.HEAD}  scaleTargetRef:
  - kind: workers
  - {{}}
  - kind: worker
    metrics:
    - name: queue_length
      target: {{averageValue: 3}}
    - name: cpu
      target: {{type: Utilisation, averageUtilization: "70"}}
    - name: cpu
      target: {{averageValue: 100m}}
    - name: message_queue
      target: {{type: length}}
    - name: memory
      target: {{}}
    - 5
"""
        path = "spec.scaleTargetRef[2]"
        told = converted(text)[1]
        assert [line for line in told if not line.startswith("warning")] == [
            'shop.yaml:9: spec.scaleTargetRef[0].kind: "workers" is not scaled; '
            'did you mean "worker"?',
            "shop.yaml:10: spec.scaleTargetRef[1].kind: is missing: write kind: worker",
            f"shop.yaml:11: {path}.maxReplicas: is missing: write the most workers to run",
            f'shop.yaml:13: {path}.metrics[queue_length].name: "queue_length" is not a metric: '
            "write cpu, memory or task_queue_length",
            f"shop.yaml:16: {path}.metrics[cpu].target.averageUtilization: expected a whole number "
            'of at least 1, got the text "70": write 70 without quotes',
            f'shop.yaml:16: {path}.metrics[cpu].target.type: "Utilisation" is not a type of this '
            'metric; did you mean "Utilization"?',
            f"shop.yaml:17: {path}.metrics[cpu].name: is given twice: remove one",
            f"shop.yaml:20: {path}.metrics[message_queue].target.averageValue: is missing: write "
            "the tasks per worker",
            f"shop.yaml:22: {path}.metrics[memory].target.averageUtilization: is missing: write a "
            "percentage of the request, for example 70",
            f"shop.yaml:23: {path}.metrics[5]: expected a map, got the number 5",
        ]

    def test_no_metrics(self) -> None:
        assert self.scaled("maxReplicas: 3")[1] == [
            "shop.yaml:8: spec.scaleTargetRef[0].metrics: is missing: write cpu, memory or "
            "task_queue_length with a target"
        ]

    def test_the_last_of_several_counts_as_it_did(self) -> None:
        metrics = "metrics: [{name: cpu, target: {averageUtilization: 70}}]"
        native, told = converted(
            f"{self.HEAD}  scaleTargetRef:\n  - {{kind: worker, maxReplicas: 5, {metrics}}}\n"
            f"  - {{kind: worker, maxReplicas: 7, {metrics}}}\n"
        )
        assert native["spec"]["workers"][0]["autoscaling"]["maxReplicas"] == 7
        assert told == [
            "warning: shop.yaml:9: spec.scaleTargetRef[0]: is left out: a later one scales the "
            "workers, too"
        ]


class TestTheLaterShape:
    """Everything of ``common`` in ``spec`` itself."""

    def test_replicas_and_probes(self) -> None:
        native, _ = convert(
            read(
                "apiVersion: celeryproject.org/v1alpha1\nkind: Celery\nmetadata: {name: a}\n"
                "spec: {appName: a, celeryApp: a.b, image: i, workerReplicas: 4, "
                "flowerReplicas: 0, livenessProbe: {tcpSocket: {port: 1}}}\n"
            )
        )
        spec = plain(native["spec"])
        assert spec["workers"][0]["replicas"] == 4
        assert spec["flower"]["replicas"] == 0
        probe = {"tcpSocket": {"port": 1}}
        assert [part["livenessProbe"] for part in (spec["workers"][0], spec["flower"])] == [
            probe
        ] * 2

    def test_both_shapes_at_once(self) -> None:
        assert errors("  image: other\n") == ["shop.yaml:6: spec.image: unknown field"]


class TestMistakes:
    def test_all_at_once_each_with_its_line(self) -> None:
        native, problems = convert(
            read(
                """\
apiVersion: celeryproject.org/v1alpha1
kind: Celery
metadata:
  name: [shop]
spec:
  common:
    appName: 5
    image: ""
    imagePulPolicy: Always
  workerSpec:
    numOfWorkers: "two"
    concurrency: 0
    maxTasksPerChild: "100"
    logLevel: loud
    queue: a
    resources: none
    env: {A: b}
  flowerSpec:
    replicas: true
  scaleTargetRef: {}
"""
            )
        )
        told = [str(problem) for problem in problems if "warning" not in str(problem)]
        assert told == [
            "shop.yaml:4: metadata.name: expected a text, got a list",
            "shop.yaml:6: spec.common.celeryApp: is missing: write the Celery application, as for "
            "celery --app",
            "shop.yaml:7: spec.common.appName: expected a text, got the number 5: write it in "
            "quotes",
            "shop.yaml:8: spec.common.image: expected a text, got an empty text",
            "shop.yaml:9: spec.common.imagePulPolicy: unknown field; did you mean "
            '"imagePullPolicy"?',
            "shop.yaml:11: spec.workerSpec.numOfWorkers: expected a whole number of at least 0, "
            'got the text "two"',
            "shop.yaml:12: spec.workerSpec.concurrency: expected a whole number of at least 1, got "
            "the number 0",
            "shop.yaml:13: spec.workerSpec.maxTasksPerChild: expected a whole number of at least "
            '1, got the text "100": write 100 without quotes',
            'shop.yaml:14: spec.workerSpec.logLevel: "loud" is not a log level: write DEBUG, INFO, '
            "WARNING, ERROR, CRITICAL or FATAL",
            'shop.yaml:15: spec.workerSpec.queue: unknown field; did you mean "queues"?',
            'shop.yaml:16: spec.workerSpec.resources: expected a map, got the text "none"',
            "shop.yaml:17: spec.workerSpec.env: expected a list, got a map",
            "shop.yaml:19: spec.flowerSpec.replicas: expected a whole number of at least 0, got "
            "true",
            "shop.yaml:20: spec.scaleTargetRef: expected a list, got a map",
        ]
        assert "spec" in native

    @pytest.mark.parametrize(
        ("spec", "line", "message"),
        [
            ("", 3, "is missing: write the specification of the application"),
            ("spec: []\n", 4, "expected a map, got a list"),
        ],
    )
    def test_no_spec(self, spec: str, line: int, message: str) -> None:
        text = (
            f"apiVersion: celeryproject.org/v1alpha1\nkind: Celery\nmetadata: {{name: a}}\n{spec}"
        )
        _, problems = convert(read(text))
        assert [(p.path, p.message) for p in problems[1:]] == [("spec", message)]
        assert problems[1].line in (line, 1)

    def test_a_flood_is_cut(self) -> None:
        fields = ", ".join(f"workerSpeck{number}: 1" for number in range(150))
        items = ", ".join(["{kind: worker}"] * 150)
        native, problems = convert(
            read(
                "apiVersion: celeryproject.org/v1alpha1\nkind: Celery\nmetadata: {name: a}\n"
                f"spec: {{appName: a, celeryApp: a, image: a, {fields}, "
                f"scaleTargetRef: [{items}]}}\n"
            )
        )
        told = [p for p in problems if p.severity is Severity.ERROR]
        assert len(told) == 102
        assert "spec" in native
        assert {(p.path, p.message) for p in told} >= {
            ("spec", "has 50 more unknown fields"),
            ("spec.scaleTargetRef", "has more than 100 items"),
        }

    def test_an_unknown_section(self) -> None:
        assert errors("  wokerSpec: {}\n") == [
            'shop.yaml:6: spec.wokerSpec: unknown field; did you mean "workerSpec"?'
        ]


def test_errors_of_the_model_point_into_the_older_file() -> None:
    native, _ = converted(
        "  workerSpec:\n    resources: {limits: {cpu: lots}}\n    numOfWorkers: 1\n"
    )
    place = mark_at(native, ("spec", "workers", 0, "resources", "limits", "cpu"))
    assert (place.line, place.path) == (7, "spec.workerSpec.resources.limits.cpu")
    generated = mark_at(native, ("spec", "security", "profile"))
    assert (generated.line, generated.path) == (4, "spec.security.profile")


def test_the_notice_tells_how_to_convert_the_file() -> None:
    documents, _ = parse(HEAD.encode(), "my shop/shop.yaml")
    assert str(convert(documents[0])[1][0]) == (
        "warning: my shop/shop.yaml:1: apiVersion: Celery of celeryproject.org/v1alpha1 is an "
        "older kind, read as CeleryApplication of celeryproject.org/v1beta1: "
        "`celery-kustomize convert 'my shop/shop.yaml' -w` rewrites the file"
    )
