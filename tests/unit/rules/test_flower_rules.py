"""Rules about Flower."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "open to everybody": (
        """
        flower: {ingress: {host: flower.example.com}, service: {type: NodePort}}
        """,
        "[]",
        [
            "spec.flower: an Ingress and a Service of type NodePort make Flower reachable "
            "without any log-in, and it can stop workers: write basicAuthFrom or oauth, or "
            "insecure: true",
        ],
    ),
    "an API log-in alone": (
        """
        flower: {apiAuthFrom: {secretKeyRef: {name: r, key: p}}}
        """,
        "[]",
        [
            "spec.flower.apiAuthFrom: is one of Flower's own log-ins, but there are none: write "
            "basicAuthFrom",
        ],
    ),
    "a regular expression": (
        r"""
        flower:
          oauth:
            provider: google
            authRegex: .*@example\.com
            clientIdFrom:
              secretKeyRef: {name: r, key: p}
            clientSecretFrom:
              secretKeyRef: {name: r, key: p}
            cookieSecretFrom:
              secretKeyRef: {name: r, key: p}
            redirectUri: https://x/login
        """,
        "[]",
        [
            "spec.flower.oauth.authRegex: has a backslash, but Flower escapes the text itself "
            'and would then match nobody: write ".*@example.com"',
        ],
    ),
    "two stars": (
        """
        flower:
          oauth:
            provider: google
            authRegex: .*@.*
            clientIdFrom:
              secretKeyRef: {name: r, key: p}
            clientSecretFrom:
              secretKeyRef: {name: r, key: p}
            cookieSecretFrom:
              secretKeyRef: {name: r, key: p}
            redirectUri: https://x/login
        """,
        "[]",
        [
            "spec.flower.oauth.authRegex: is refused by Flower, which takes one `.*` before the "
            "@, or addresses joined by |: write .*@example.com",
        ],
    ),
    "a star in the domain": (
        """
        flower:
          oauth:
            provider: google
            authRegex: me@.*
            clientIdFrom:
              secretKeyRef: {name: r, key: p}
            clientSecretFrom:
              secretKeyRef: {name: r, key: p}
            cookieSecretFrom:
              secretKeyRef: {name: r, key: p}
            redirectUri: https://x/login
        """,
        "[]",
        [
            "spec.flower.oauth.authRegex: is refused by Flower, which takes `.*` before the @ "
            "only: write the domain",
        ],
    ),
    "unknown and owned options": (
        """
        flower:
          options:
            max_task: 5
            port: 1
            basic-auth: x
            conf: {a: b}
          args: [--purge_offline_worker=5, --persistent, -x]
        """,
        "[]",
        [
            "spec.flower.options.basic-auth: is written by the generator: use basicAuthFrom",
            "spec.flower.options.conf: expected a text, a number, true or false, or a list of them",
            "spec.flower.options.max_task: is no option of Flower, which would ignore it; did "
            'you mean "max_tasks"?',
            "spec.flower.options.port: is written by the generator: use port",
            "spec.flower.args.0: is no option of Flower, which would ignore it; did you mean "
            '"purge_offline_workers"?',
            "spec.flower.args.1: is written by the generator: use storage",
            "spec.flower.args.2: is ignored by Flower, which takes --option=value: use the field "
            "options",
        ],
    ),
    "options of an own command": (
        """
        flower: {command: [flower], options: {max_tasks: 5}}
        """,
        "[]",
        [
            "spec.flower.options: have no command line to go to, since Flower runs a command of "
            "its own: write them in the command",
        ],
    ),
    "variables": (
        """
        env:
        - {name: FLOWER_MAX_TASK, value: '5'}
        flower:
          basicAuthFrom:
            secretKeyRef: {name: r, key: p}
          env:
          - {name: FLOWER_PORT, value: '1'}
          - {name: FLOWER_BASIC_AUTH, value: x}
        """,
        "[]",
        [
            "warning: spec.env.0: FLOWER_MAX_TASK is no option of Flower, which ignores it; did "
            'you mean "FLOWER_MAX_TASKS"?',
            "spec.flower.env.0: FLOWER_PORT is written by the generator: use port",
            "spec.flower.env.1: FLOWER_BASIC_AUTH is written by the generator: use basicAuthFrom",
        ],
    ),
    "no broker": (
        """
        app: null
        flower: {}
        """,
        "[]",
        [
            "spec.flower: runs without the application and so does not know the broker: write "
            "spec.broker",
        ],
    ),
    "SQS": (
        """
        broker: {sqs: {region: eu-west-1}}
        flower: {}
        """,
        "[]",
        [
            "warning: spec.flower: shows no workers, since SQS has no remote control and no events",
        ],
    ),
    "no events": (
        """
        flower: {}
        workers: [{name: a, taskEvents: false}]
        """,
        "[]",
        [
            "warning: spec.flower: shows no tasks, since no worker set sends events: remove "
            "taskEvents: false",
        ],
    ),
    "a Service called flower": (
        """
        flower: {name: flower}
        """,
        "[]",
        [
            'warning: spec.flower.name: a Service called "flower" puts FLOWER_PORT=tcp://... '
            "into other pods of the namespace, where Flower reads it as its port: write another "
            "name",
        ],
    ),
    "a path beside the prefix": (
        """
        flower:
          urlPrefix: flower
          insecure: true
          ingress: {host: x.example.com, path: /monitor}
        """,
        "[]",
        [
            'spec.flower.ingress.path: "/monitor" never reaches Flower, which answers under '
            "/flower: write /flower",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "log-in": (
        """
        flower:
          basicAuthFrom:
            secretKeyRef: {name: r, key: p}
          apiAuthFrom:
            secretKeyRef: {name: r, key: p}
          urlPrefix: flower
          ingress: {host: x.example.com, path: /flower}
          options: {max_tasks: 5, natural_time: true}
          args: [--read-only]
        """,
        "[]",
    ),
    "insecure on purpose": (
        """
        flower: {insecure: true, service: {type: LoadBalancer}}
        """,
        "[]",
    ),
    "inside the cluster": (
        """
        flower:
          env:
          - {name: FLOWER_UNAUTHENTICATED_API, value: 'true'}
          - {name: FLOWER_MAX_TASKS, value: '5'}
        """,
        "[]",
    ),
    "the log-in of a variable": (
        """
        flower:
          ingress: {host: x.example.com}
          env:
          - name: FLOWER_BASIC_AUTH
            valueFrom:
              secretKeyRef: {name: r, key: p}
        """,
        "[]",
    ),
    "OAuth": (
        """
        flower:
          ingress: {host: x.example.com}
          oauth:
            provider: google
            authRegex: .*@example.com
            clientIdFrom:
              secretKeyRef: {name: r, key: p}
            clientSecretFrom:
              secretKeyRef: {name: r, key: p}
            cookieSecretFrom:
              secretKeyRef: {name: r, key: p}
            redirectUri: https://x/login
        """,
        "[]",
    ),
    "an image of its own with the broker": (
        """
        broker: {redis: {host: redis.data.svc}}
        flower: {image: "mher/flower:2"}
        """,
        "[]",
    ),
}


@pytest.mark.parametrize(("text", "objects", "expected"), BAD.values(), ids=BAD)
def test_tells_what_is_wrong(text: str, objects: str, expected: list[str]) -> None:
    assert findings(text, objects) == expected


@pytest.mark.parametrize(("text", "objects"), GOOD.values(), ids=GOOD)
def test_says_nothing_of_what_is_right(text: str, objects: str) -> None:
    assert findings(text, objects) == []
