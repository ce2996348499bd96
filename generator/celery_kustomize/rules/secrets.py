"""Passwords in plain text: a spec lies in Git. No message ever repeats what it found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import part, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.rules.subject import Subject

__all__ = ["RULES", "has_password"]

_MARKS = re.compile(r"://|@")
_PORT = re.compile(r"[0-9]{1,5}/")
_PARAMETER = re.compile(r"[?&]pass(?:word|wd)?=([^&#\s]{1,256})")
_REFERENCES = re.compile(r"(?:\$\([A-Za-z0-9_.-]+\)|\$\{[A-Za-z0-9_]+\}|\$[A-Za-z0-9_]+)+")

_SECRET_SETTINGS = (
    "broker_password",
    "redis_password",
    "s3_secret_access_key",
    "security_key_password",
)
_SECRET_KEYS = ("password", "sasl.password", "secret_access_key", "aws_secret_access_key")


def has_password(text: str) -> bool:
    """Whether a URL in ``text`` holds a literal password, rather than a reference to a variable.

    >>> has_password("redis://:hunter2@redis:6379/0"), has_password("redis://:$(PW)@redis:6379/0")
    (True, False)
    """
    if "://" not in text:
        return False
    found = [*_user_passwords(text), *(match[1] for match in _PARAMETER.finditer(text))]
    return any(not _REFERENCES.fullmatch(password) for password in found)


def _user_passwords(text: str) -> Iterator[str]:
    """What stands between ``user:`` and ``@``. In linear time: the input is hostile."""
    start: int | None = None
    for match in _MARKS.finditer(text):
        if match[0] == "://":
            start = match.end()
        elif start is not None:
            user, _, password = text[start : match.start()].partition(":")
            # A number and a slash after the colon are a port and a path.
            if "/" not in user and len(password.split()) == 1 and not _PORT.match(password):
                yield password
            start = None


def _strings(value: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*loc, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*loc, index))


def _advice(loc: Loc) -> str:
    if loc[1] == "broker" or loc[-1] in ("broker_url", "CELERY_BROKER_URL"):
        return "write broker.urlFrom with a secretKeyRef, or a typed member with passwordFrom"
    if loc[1] == "resultBackend" or loc[-1] == "result_backend":
        return "write resultBackend.urlFrom with a secretKeyRef, or redis with passwordFrom"
    if "env" in loc:
        return (
            "write valueFrom with a secretKeyRef, or broker.urlFrom or passwordFrom where it is "
            "the broker's"
        )
    return "keep it in a Secret, and refer to it with urlFrom, passwordFrom or valueFrom"


def passwords_in_urls(subject: Subject) -> Iterator[Finding]:
    """Any text of the spec may hold a URL. Overlays are looked at when they are merged."""
    document = subject.application.model_dump(
        by_alias=True, exclude_unset=True, exclude={"spec": {"overlays", "worker_defaults"}}
    )
    for loc, text in _strings(document, ()):
        if has_password(text):
            yield Finding(loc, f"holds a password, which would lie in Git: {_advice(loc)}")


def secret_settings(subject: Subject) -> Iterator[Finding]:
    """Settings and transport options whose value is a secret by their name."""
    values = subject.spec.config.values
    for name in _SECRET_SETTINGS:
        if values.get(name):
            yield Finding(
                ("spec", "config", "values", name),
                "holds a secret, which would lie in Git: let the application read it from an "
                "environment variable with a secretKeyRef",
            )
    maps: list[tuple[Loc, Any]] = [
        (("spec", "config", "values", name), values.get(name))
        for name in ("broker_transport_options", "result_backend_transport_options")
    ]
    for key, connection in (
        ("broker", subject.spec.broker),
        ("resultBackend", subject.spec.result_backend),
    ):
        if connection is not None:
            maps.append((("spec", key, "transportOptions"), connection.transport_options))
    maps += [((*loc, "transportOptions"), w.transport_options) for loc, w in subject.workers]
    for place, options in maps:
        for loc, text in _strings(options, place):
            if loc[-1] in _SECRET_KEYS and text and not _REFERENCES.fullmatch(text):
                yield Finding(
                    loc,
                    "holds a secret, which would lie in Git: use a typed member with its "
                    "passwordFrom",
                )


def secret_objects(subject: Subject) -> Iterator[Finding]:
    """A Secret's ``data`` is only encoded: whoever reads the repository reads it."""
    for item in subject.objects:
        if item.get("kind") == "Secret" and (item.get("data") or item.get("stringData")):
            name = part(item, "metadata", "name")
            yield warning(
                ("spec",),
                f"Secret {name} stands in Git with its values: let a SealedSecret, an "
                "ExternalSecret or SOPS make it",
            )


RULES = (passwords_in_urls, secret_settings, secret_objects)
