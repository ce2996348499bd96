"""Environment variables: those that Celery's command line reads, and references between them.

``celery`` gives Click the prefix CELERY, so every option is also a variable, and seven have names
without a prefix (celery/bin/celery.py, Celery 5.7.0; all observed on a real command line).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.names import check_env_name
from celery_kustomize.k8s.suggest import quote
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Place, Subject, duplicates, several, warning

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["RULES", "references"]

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z0-9_.-]{1,256})\)")
_BOOLEANS = frozenset({"", "0", "1", "f", "false", "n", "no", "off", "on", "t", "true", "y", "yes"})

_RUN_CELERY = ("worker", "beat", "flower")

_ALWAYS: dict[str, str] = {
    "CELERY_VERSION": (
        "is read by the `celery` command as --version, and it prints a version or fails instead "
        "of starting: give it another name"
    ),
    "REMAP_SIGTERM": (
        "changes what SIGTERM does to a worker, against the grace period: write shutdown: "
        "{mode: Soft}"
    ),
    "LOADER": (
        "is read by the `celery` command as --loader, in place of the application's own loader: "
        "give it another name"
    ),
    "CELERY_WORKER_POOL": (
        "selects gevent or eventlet without patching the standard library, and the generated -P "
        "beats it: write the field pool"
    ),
    "CELERY_WORKER_BEAT": (
        "runs a scheduler in every replica, so tasks are sent several times: use spec.beat"
    ),
    "CELERY_WORKER_PURGE": "deletes all waiting tasks whenever a pod starts: remove it",
    "CELERY_WORKER_DETACH": (
        "takes the process away from the container, which then ends: remove it"
    ),
    "CELERY_BEAT_DETACH": "takes the process away from the container, which then ends: remove it",
    "CELERY_WORKER_LOGFILE": "hides the logs from `kubectl logs`: remove it",
    "CELERY_WORKER_PIDFILE": "leaves a stale file behind that stops the next start: remove it",
    "CELERY_WORKER_HOSTNAME": (
        "gives every pod the same node name, and probes ask for celery@<pod>: remove it"
    ),
}

_MODULE = (
    "is read by the `celery` command as --config, a Python module, and an application without "
    "config_from_object then fails to start: give it another name"
)
_BROKER_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_BROKER",
    "BROKER_URL",
)
_COMMAND_LINE_ONLY = ("CELERY_BROKER", "BROKER_URL", "RESULT_BACKEND")
_FLAGS = ("NO_COLOR", "SKIP_CHECKS", "CELERY_NO_COLOR", "CELERY_SKIP_CHECKS", "CELERY_QUIET")


def unique_names(subject: Subject) -> Iterator[Finding]:
    """Kubernetes takes the last of two variables; server-side apply refuses them."""
    lists: list[tuple[Loc, list[str]]] = [
        (("spec", "env"), [str(item.get("name")) for item in subject.spec.env])
    ]
    lists += [
        ((*place.loc, "env"), [str(item.get("name")) for item in place.component.env])
        for place in subject.places
    ]
    for loc, names in lists:
        for index, name in duplicates(names):
            yield Finding(
                (*loc, index),
                f"{quote(name)} is given twice, and the last one would win: remove one",
            )


def valid_names(subject: Subject) -> Iterator[Finding]:
    """Kubernetes' own rule (apimachinery, IsRelaxedEnvVarName)."""
    shared: list[tuple[Loc, list[dict[str, Any]]]] = [(("spec",), subject.spec.env)]
    for loc, items in shared + [(place.loc, place.component.env) for place in subject.places]:
        for index, item in enumerate(items):
            if problem := check_env_name(str(item.get("name"))):
                yield Finding((*loc, "env", index, "name"), problem)


def command_line(subject: Subject) -> Iterator[Finding]:
    """Variables that change or break what ``celery`` does."""
    for place in subject.application_places:
        if place.role not in _RUN_CELERY:
            continue
        for item in subject.env(place):
            name = str(item.get("name"))
            message = _ALWAYS.get(name) or _flag_problem(name, item.get("value"))
            if message:
                yield Finding(subject.env_loc(place, name), f"{name} {message}")


def _flag_problem(name: str, value: object) -> str | None:
    if name not in _FLAGS or not isinstance(value, str):
        return None
    if value.strip().lower() in _BOOLEANS:
        return None
    return 'is a flag of the `celery` command, which then fails to start: write "1" or remove it'


def app_variable(subject: Subject) -> Iterator[Finding]:
    """``APP`` is ``--app`` for every ``celery`` command without ``-A``: it is imported."""
    for place in subject.application_places:
        if place.role not in _RUN_CELERY:
            continue
        for name in ("APP", "CELERY_APP"):
            if all(item.get("name") != name for item in subject.env(place)):
                continue
            if _without_app(subject, place):
                yield Finding(
                    subject.env_loc(place, name),
                    f"{name} is read by the `celery` command as --app, and {place.label} runs it "
                    "without -A, so it would import this value: give it another name",
                )
            else:
                yield warning(
                    subject.env_loc(place, name),
                    f"{name} is read by the `celery` command as --app wherever -A is not written, "
                    "as in a shell in the pod: give it another name",
                )


def _without_app(subject: Subject, place: Place) -> bool:
    """Whether the generator runs ``celery`` in this container without ``-A``."""
    spec, component = subject.spec, place.component
    if place.role == "flower":
        return component.command is None and (spec.app is None or component.image is not None)
    return not defaults.composed(spec, component)


def config_variables(subject: Subject) -> Iterator[Finding]:
    """``CONFIG_MODULE`` and ``CELERY_CONFIG`` are ``--config``."""
    for place in subject.application_places:
        if place.role not in _RUN_CELERY:
            continue
        for item in subject.env(place):
            name = item.get("name")
            if name == "CONFIG_MODULE":
                yield Finding(subject.env_loc(place, name), f"{name} {_MODULE}")
            elif name == "CELERY_CONFIG" and subject.spec.config.delivery == "File":
                yield Finding(
                    subject.env_loc(place, name),
                    f"{name} is written by the generator (config.delivery: File): remove it",
                )
            elif name == "CELERY_CONFIG":
                yield warning(subject.env_loc(place, name), f"{name} {_MODULE}")


def owned_variables(subject: Subject) -> Iterator[Finding]:
    """Variables by which the generator delivers broker, result backend and settings."""
    spec = subject.spec
    owned: dict[str, str] = {}
    if spec.broker is not None:
        owned |= dict.fromkeys(_BROKER_VARIABLES, "spec.broker")
    if spec.result_backend is not None:
        owned |= dict.fromkeys(("CELERY_RESULT_BACKEND", "RESULT_BACKEND"), "spec.resultBackend")
    if subject.uses_loader():
        owned["CELERY_LOADER"] = "spec.config (its delivery is Loader)"
    for place in subject.application_places:
        for item in subject.env(place):
            name = str(item.get("name"))
            read = name not in _COMMAND_LINE_ONLY or place.role in _RUN_CELERY
            if name in owned and read:
                yield Finding(
                    subject.env_loc(place, name),
                    f"{name} beats what {owned[name]} says: remove one of the two",
                )


def concurrency_variable(subject: Subject) -> Iterator[Finding]:
    """``-c`` beats ``CELERY_WORKER_CONCURRENCY`` (Celery 5.7, observed)."""
    name = "CELERY_WORKER_CONCURRENCY"
    for place in subject.application_places:
        given = getattr(place.component, "concurrency", None)
        if given is not None and any(i.get("name") == name for i in subject.env(place)):
            yield warning(
                subject.env_loc(place, name),
                f"{name} has no effect, since {place.label} has concurrency: {given}: remove one "
                "of the two",
            )


def references(text: str) -> list[str]:
    """Names that ``text`` refers to by ``$(NAME)``; ``$$(NAME)`` is no reference.

    >>> references("redis://:$(PW)@$(HOST)/0 $$(NOT)")
    ['PW', 'HOST']
    """
    return [match[1] for match in _REFERENCE.finditer(text) if match[1]]


def reference_order(subject: Subject) -> Iterator[Finding]:
    """Kubernetes expands ``$(VAR)`` from variables declared earlier in the list only."""
    for place in subject.places:
        items = subject.env(place)
        order = {str(item.get("name")): index for index, item in reversed(list(enumerate(items)))}
        for position, item in enumerate(items):
            name = str(item.get("name"))
            for wanted in references(str(item.get("value") or "")):
                if order.get(wanted, -1) > position:
                    yield Finding(
                        subject.env_loc(place, name),
                        f"$({wanted}) is declared later in the list, so Kubernetes leaves it as "
                        f"text: move {wanted} before {quote(name)}",
                    )


def url_references(subject: Subject) -> Iterator[Finding]:
    """``$(VAR)`` in a URL is expanded from the container's variables."""
    for key, connection in (
        ("broker", subject.spec.broker),
        ("resultBackend", subject.spec.result_backend),
    ):
        if connection is None or connection.url is None:
            continue
        for wanted in dict.fromkeys(references(connection.url)):
            missing = _places_without(subject, wanted)
            if missing:
                yield Finding(
                    ("spec", key, "url"),
                    f"$({wanted}) is not declared for {several(missing)}, where it would stay as "
                    f"text: declare {wanted} in spec.env",
                )


def _places_without(subject: Subject, name: str) -> list[str]:
    """Labels of the components that neither declare ``name`` nor may get it by ``envFrom``."""
    return [
        place.label
        for place in subject.application_places
        if not subject.env_from(place)
        and all(item.get("name") != name for item in subject.env(place))
    ]


RULES = (
    valid_names,
    unique_names,
    command_line,
    app_variable,
    config_variables,
    owned_variables,
    concurrency_variable,
    reference_order,
    url_references,
)
