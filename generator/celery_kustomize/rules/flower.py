"""Flower: who may reach it, and its options (Flower 2.2.0, flower/options.py)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.model import defaults
from celery_kustomize.model.flower import FLOWER_OPTIONS, Flower
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Place, Subject, several, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]

_OWNED_OPTIONS = {
    "port": "port",
    "address": "port",
    "unix_socket": "port",
    "url_prefix": "urlPrefix",
    "basic_auth": "basicAuthFrom",
    "auth": "oauth",
    "auth_provider": "oauth",
    "oauth2_key": "oauth",
    "oauth2_secret": "oauth",
    "oauth2_redirect_uri": "oauth",
    "cookie_secret": "oauth.cookieSecretFrom",
    "db": "storage",
    "persistent": "storage",
}

_OTHER_VARIABLES = (
    "FLOWER_GITLAB_AUTH_ALLOWED_GROUPS",
    "FLOWER_GITLAB_MIN_ACCESS_LEVEL",
    "FLOWER_OAUTH2_OKTA_BASE_URL",
    "FLOWER_UNAUTHENTICATED_API",
)


def _flower(subject: Subject) -> Iterator[tuple[Place, Flower]]:
    for place in subject.places:
        if isinstance(place.component, Flower):
            yield place, place.component


def exposure(subject: Subject) -> Iterator[Finding]:
    """Flower can revoke tasks and shut workers down: nobody else may reach it."""
    for place, flower in _flower(subject):
        ways = flower.exposed()
        if not ways or flower.insecure or flower.authenticated(subject.env(place)):
            continue
        make = "makes" if len(ways) == 1 else "make"
        yield Finding(
            place.loc,
            f"{several(ways)} {make} Flower reachable without any log-in, and it can stop workers: "
            "write basicAuthFrom or oauth, or insecure: true",
        )


def api_login(subject: Subject) -> Iterator[Finding]:
    """``apiAuthFrom`` repeats one of the log-ins that Flower knows."""
    for place, flower in _flower(subject):
        names = {item.get("name") for item in subject.env(place)}
        known = flower.basic_auth_from is not None or "FLOWER_BASIC_AUTH" in names
        if flower.api_auth_from is not None and not known:
            yield Finding(
                (*place.loc, "apiAuthFrom"),
                "is one of Flower's own log-ins, but there are none: write basicAuthFrom",
            )


def oauth_pattern(subject: Subject) -> Iterator[Finding]:
    """Flower escapes the pattern itself (flower/utils/authentication.py, Flower 2.2.0)."""
    for place, flower in _flower(subject):
        if flower.oauth is None:
            continue
        pattern = flower.oauth.auth_regex
        loc = (*place.loc, "oauth", "authRegex")
        if "\\" in pattern:
            yield Finding(
                loc,
                "has a backslash, but Flower escapes the text itself and would then match nobody: "
                f"write {quote(pattern.replace(chr(92), ''))}",
            )
        elif pattern.count("*") > 1 or ("*" in pattern and "|" in pattern):
            yield Finding(
                loc,
                "is refused by Flower, which takes one `.*` before the @, or addresses joined by "
                "|: write .*@example.com",
            )
        elif "*" in pattern.rsplit("@", 1)[-1]:
            yield Finding(
                loc, "is refused by Flower, which takes `.*` before the @ only: write the domain"
            )


def options(subject: Subject) -> Iterator[Finding]:
    """Flower ignores unknown options silently (flower/command.py)."""
    for place, flower in _flower(subject):
        if flower.options and flower.command is not None:
            yield Finding(
                (*place.loc, "options"),
                "have no command line to go to, since Flower runs a command of its own: write them "
                "in the command",
            )
            continue
        for name, value in flower.options.items():
            loc = (*place.loc, "options", name)
            plain = name.lstrip("-").replace("-", "_")
            if plain in _OWNED_OPTIONS:
                yield Finding(loc, f"is written by the generator: use {_OWNED_OPTIONS[plain]}")
            elif name not in FLOWER_OPTIONS:
                guess = did_you_mean(name, FLOWER_OPTIONS)
                yield Finding(loc, f"is no option of Flower, which would ignore it{guess}")
            elif isinstance(value, dict):
                yield Finding(loc, "expected a text, a number, true or false, or a list of them")


def arguments(subject: Subject) -> Iterator[Finding]:
    """The same for ``args``, which end up on the same command line."""
    for place, flower in _flower(subject):
        if flower.command is not None:
            continue
        for index, word in enumerate(flower.args):
            loc = (*place.loc, "args", index)
            name = re.sub(r"^-+", "", word).partition("=")[0].replace("-", "_")
            if not word.startswith("--"):
                yield Finding(
                    loc, "is ignored by Flower, which takes --option=value: use the field options"
                )
            elif name in _OWNED_OPTIONS:
                yield Finding(loc, f"is written by the generator: use {_OWNED_OPTIONS[name]}")
            elif name not in FLOWER_OPTIONS:
                guess = did_you_mean(name, FLOWER_OPTIONS)
                yield Finding(loc, f"is no option of Flower, which would ignore it{guess}")


def variables(subject: Subject) -> Iterator[Finding]:
    """``FLOWER_<OPTION>`` sets an option; the generator's own options stand on the command line."""
    owned = {"FLOWER_PORT": "port", "FLOWER_URL_PREFIX": "urlPrefix", "FLOWER_DB": "storage"}
    for place, flower in _flower(subject):
        if flower.basic_auth_from is not None:
            owned["FLOWER_BASIC_AUTH"] = "basicAuthFrom"
        for item in subject.env(place):
            name = str(item.get("name"))
            if not name.startswith("FLOWER_") or name in _OTHER_VARIABLES:
                continue
            loc = subject.env_loc(place, name)
            known = [f"FLOWER_{option.upper()}" for option in FLOWER_OPTIONS]
            if name in owned:
                yield Finding(loc, f"{name} is written by the generator: use {owned[name]}")
            elif name not in known:
                guess = did_you_mean(name, [*known, *_OTHER_VARIABLES])
                yield warning(loc, f"{name} is no option of Flower, which ignores it{guess}")


def broker_known(subject: Subject) -> Iterator[Finding]:
    """Without ``-A`` Flower knows the broker only from the environment."""
    for place, flower in _flower(subject):
        if flower.command is not None or subject.spec.broker is not None:
            continue
        if subject.spec.app is not None and flower.image is None:
            continue
        names = {item.get("name") for item in subject.env(place)}
        sources = {"CELERY_BROKER_URL", "BROKER_URL", "CELERY_BROKER"}
        if subject.env_from(place) or names & sources:
            continue
        delivery = subject.spec.config.delivery
        if delivery == "File" or subject.spec.config.values or "conf" in flower.options:
            continue
        yield Finding(
            place.loc,
            "runs without the application and so does not know the broker: write spec.broker",
        )


def sees_nothing(subject: Subject) -> Iterator[Finding]:
    """Flower asks workers by remote control and listens to their events."""
    for place, _ in _flower(subject):
        broker = subject.spec.broker
        if broker is not None and broker.sqs is not None:
            yield warning(
                place.loc, "shows no workers, since SQS has no remote control and no events"
            )
        workers = subject.spec.workers
        if workers and not any(defaults.task_events(subject.spec, w) for w in workers):
            yield warning(
                place.loc,
                "shows no tasks, since no worker set sends events: remove taskEvents: false",
            )


def service_name(subject: Subject) -> Iterator[Finding]:
    """A Service ``flower`` makes Kubernetes set FLOWER_PORT=tcp://... in the namespace's pods."""
    for place, flower in _flower(subject):
        if flower.name == "flower":
            yield warning(
                (*place.loc, "name"),
                'a Service called "flower" puts FLOWER_PORT=tcp://... into other pods of the '
                "namespace, where Flower reads it as its port: write another name",
            )


def prefix_and_path(subject: Subject) -> Iterator[Finding]:
    """With a prefix Flower answers under it only (observed): nothing may strip it on the way."""
    for place, flower in _flower(subject):
        if not flower.url_prefix:
            continue
        prefix = "/" + flower.url_prefix.strip("/")
        routes: list[tuple[Loc, str | None]] = [
            ((*place.loc, "ingress", "path"), flower.ingress.path if flower.ingress else None),
            (
                (*place.loc, "httpRoute", "path"),
                flower.http_route.path if flower.http_route else None,
            ),
        ]
        for loc, path in routes:
            if path is not None and path.rstrip("/") != prefix and not prefix.startswith(path):
                yield Finding(
                    loc,
                    f"{quote(path)} never reaches Flower, which answers under {prefix}: write "
                    f"{prefix}",
                )


RULES = (
    exposure,
    api_login,
    oauth_pattern,
    options,
    arguments,
    variables,
    broker_known,
    sees_nothing,
    service_name,
    prefix_and_path,
)
