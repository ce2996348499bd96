"""Rules about Pod Security Standards and pod templates."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "root": (
        """
        security: {runAsUser: 0}
        workers: [{name: a}]
        beat: {security: {runAsUser: 0}}
        """,
        "[]",
        [
            "spec.security.runAsUser: 0 is root, which the Pod Security Standard Restricted "
            "forbids: write another number, or profile: Baseline",
            "spec.beat.security.runAsUser: 0 is root, which the Pod Security Standard Restricted "
            "forbids: write another number, or profile: Baseline",
        ],
    ),
    "volumes": (
        """
        volumes: [{name: h, hostPath: {path: /}}]
        workers: [{name: a, volumes: [{name: n, nfs: {server: s, path: /}}]}]
        """,
        "[]",
        [
            "spec.volumes.0.hostPath: reaches into the node, and the Pod Security Standards "
            "Baseline and Restricted forbid it: remove it",
            "spec.workers.0.volumes.0.nfs: mounts it directly, and the Pod Security Standard "
            "Restricted forbids it: remove it, or write security: {profile: Baseline}",
        ],
    ),
    "volumes of the pod template": (
        """
        web: {podTemplate: {spec: {volumes: [{name: h, hostPath: {path: /}}]}}}
        """,
        "[]",
        [
            "spec.web.podTemplate.spec.volumes.0.hostPath: reaches into the node, and the Pod "
            "Security Standards Baseline and Restricted forbid it: remove it",
        ],
    ),
    "the node's namespaces": (
        """
        workers:
        - name: a
          security: {profile: Baseline}
          podTemplate:
            spec: {hostNetwork: true, hostPID: true}
        """,
        "[]",
        [
            "spec.workers.0.podTemplate.spec.hostNetwork: opens the node to the pod, and the Pod "
            "Security Standards Baseline and Restricted forbid it: remove it",
            "spec.workers.0.podTemplate.spec.hostPID: opens the node to the pod, and the Pod "
            "Security Standards Baseline and Restricted forbid it: remove it",
        ],
    ),
    "the security contexts of pod and container": (
        """
        workers:
        - name: a
          podTemplate:
            spec:
              securityContext:
                runAsNonRoot: false
                runAsUser: 0
                seccompProfile: {type: Unconfined}
              containers:
              - name: worker
                ports:
                - {containerPort: 80, hostPort: 80}
                securityContext:
                  privileged: true
                  allowPrivilegeEscalation: true
                  capabilities:
                    add: [SYS_ADMIN, CHOWN, NET_BIND_SERVICE]
        """,
        "[]",
        [
            "spec.workers.0.podTemplate.spec.securityContext.seccompProfile: Unconfined takes "
            "all system calls, and the Pod Security Standards Baseline and Restricted forbid it: "
            "remove it",
            "spec.workers.0.podTemplate.spec.securityContext.runAsNonRoot: false allows root, "
            "and the Pod Security Standard Restricted forbids it: remove it, or write security: "
            "{profile: Baseline}",
            "spec.workers.0.podTemplate.spec.securityContext.runAsUser: 0 is root, and the Pod "
            "Security Standard Restricted forbids it: remove it, or write security: {profile: "
            "Baseline}",
            "spec.workers.0.podTemplate.spec.containers.0.securityContext.privileged: gives the "
            "container the node, and the Pod Security Standards Baseline and Restricted forbid "
            "it: remove it",
            "spec.workers.0.podTemplate.spec.containers.0.securityContext."
            "allowPrivilegeEscalation: lets a process gain rights, and the Pod Security "
            "Standard Restricted forbids it: "
            "remove it, or write security: {profile: Baseline}",
            "spec.workers.0.podTemplate.spec.containers.0.securityContext.capabilities.add.0: "
            "SYS_ADMIN is a right over the node, and the Pod Security Standards Baseline and "
            "Restricted forbid it: remove it",
            "spec.workers.0.podTemplate.spec.containers.0.securityContext.capabilities.add.1: "
            "CHOWN is more than a container needs, and the Pod Security Standard Restricted "
            "forbids it: remove it, or write security: {profile: Baseline}",
            "spec.workers.0.podTemplate.spec.containers.0.ports.0.hostPort: opens a port of the "
            "node, and the Pod Security Standards Baseline and Restricted forbid it: remove it",
        ],
    ),
    "containers without a name or an image": (
        """
        workers:
        - name: a
          podTemplate:
            spec:
              containers:
              - {name: workr, tty: true}
              initContainers:
              - {name: wait}
        """,
        "[]",
        [
            'spec.workers.0.podTemplate.spec.containers.0: the container "workr" has no image: '
            'write one; the main container is called "worker"',
            'spec.workers.0.podTemplate.spec.initContainers.0: the container "wait" has no '
            "image: write one",
        ],
    ),
    "the main container removed": (
        """
        workers:
        - {name: a, podTemplate: {spec: {containers: null}}}
        - {name: b, podTemplate: {spec: null}}
        - name: c
          podTemplate:
            spec:
              containers:
              - {name: proxy, image: "proxy:1"}
              - {name: worker, $patch: delete}
        - {name: d, podTemplate: {spec: {containers: [{$patch: replace}]}}}
        - name: e
          podTemplate: {spec: {$patch: replace, containers: [{name: proxy, image: "proxy:1"}]}}
        beat: {podTemplate: {spec: {containers: [{name: beat, $patch: delete}]}}}
        """,
        "[]",
        [
            f"spec.{place}: removes the container {name}, which runs the component: write only "
            "what changes in it, and other containers beside it"
            for place, name in (
                ("workers.0.podTemplate.spec.containers", '"worker"'),
                ("workers.1.podTemplate.spec.containers", '"worker"'),
                ("workers.2.podTemplate.spec.containers.1", '"worker"'),
                ("workers.3.podTemplate.spec.containers.0", '"worker"'),
                ("workers.4.podTemplate.spec.containers", '"worker"'),
                ("beat.podTemplate.spec.containers.0", '"beat"'),
            )
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "the main container replaced": (
        """
        workers:
        - name: a
          podTemplate: {spec: {containers: [{$patch: replace}, {name: worker, image: "own:1"}]}}
        - name: b
          podTemplate: {spec: {containers: [{name: worker, image: "own:1", $patch: replace}]}}
        - {name: c, podTemplate: {spec: {initContainers: null, containers: []}}}
        """,
        "[]",
    ),
    "a pod template": (
        """
        workers:
        - name: a
          podTemplate:
            spec:
              containers:
              - {name: worker, tty: true}
              - {name: proxy, image: "proxy:1", securityContext: {runAsUser: 1000}}
              initContainers: [{name: wait, image: "busybox:1"}]
        """,
        "[]",
    ),
    "the standard Baseline": (
        """
        security: {profile: Baseline, runAsUser: 0}
        workers:
        - name: a
          volumes:
          - name: n
            nfs: {server: s, path: /}
          podTemplate:
            spec:
              containers:
              - name: worker
                securityContext:
                  runAsUser: 0
                  capabilities:
                    add: [CHOWN]
        """,
        "[]",
    ),
    "OpenShift": (
        """
        security: {runAsUser: null}
        workers: [{name: a}]
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
