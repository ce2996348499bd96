"""What Kubernetes accepts as names, labels and keys.

Each ``check_*`` returns None, or the problem as the end of a sentence that says what to write. The
rules are k8s.io/apimachinery v0.34.4, pkg/util/validation and pkg/api/validation.
"""

from __future__ import annotations

import re

from celery_kustomize.k8s.suggest import quote

__all__ = [
    "ANNOTATIONS_MAX_BYTES",
    "CONFIG_MAP_KEY_MAX",
    "DNS_LABEL_MAX",
    "DNS_SUBDOMAIN_MAX",
    "LABEL_VALUE_MAX",
    "PORT_NAME_MAX",
    "check_annotation_key",
    "check_config_map_key",
    "check_dns_label",
    "check_dns_subdomain",
    "check_env_name",
    "check_label_key",
    "check_label_value",
    "check_port_name",
    "check_service_name",
]

DNS_LABEL_MAX = 63
"""Namespaces, Services, containers, volumes, ports of a pod by name."""
DNS_SUBDOMAIN_MAX = 253
"""Most objects' names."""
LABEL_VALUE_MAX = 63
PORT_NAME_MAX = 15
CONFIG_MAP_KEY_MAX = 253
ANNOTATIONS_MAX_BYTES = 256 * 1024
"""All annotations of an object together, keys and values."""

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_DNS_SUBDOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SERVICE_NAME = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_ENV_NAME = re.compile(r"[ -<>-~]+")
_CONFIG_MAP_KEY = re.compile(r"[-._a-zA-Z0-9]+")


def check_dns_label(text: str) -> str | None:
    """A DNS label (RFC 1123), at most 63 characters: ``worker-1``."""
    if problem := _length(text, DNS_LABEL_MAX):
        return problem
    if _DNS_LABEL.fullmatch(text):
        return None
    return (
        f'{quote(text)} must have only lower-case letters, digits and "-", and start and end '
        f"with a letter or digit{_instead(text, _dns_label_like(text), _DNS_LABEL)}"
    )


def check_dns_subdomain(text: str) -> str | None:
    """DNS labels joined by dots (RFC 1123), at most 253 characters: ``all-icr-io``, ``a.b``."""
    if problem := _length(text, DNS_SUBDOMAIN_MAX):
        return problem
    if _DNS_SUBDOMAIN.fullmatch(text):
        return None
    like = ".".join(filter(None, map(_dns_label_like, text.split("."))))
    return (
        f'{quote(text)} must have only lower-case letters, digits, "-" and ".", and each part '
        f"start and end with a letter or digit{_instead(text, like, _DNS_SUBDOMAIN)}"
    )


def check_service_name(text: str) -> str | None:
    """A Service's name (RFC 1035): a DNS label that starts with a letter."""
    if problem := _length(text, DNS_LABEL_MAX):
        return problem
    if _SERVICE_NAME.fullmatch(text):
        return None
    like = _dns_label_like(text).lstrip("0123456789-")
    return (
        f'{quote(text)} must have only lower-case letters, digits and "-", start with a letter '
        f"and end with a letter or digit{_instead(text, like, _SERVICE_NAME)}"
    )


def check_label_key(text: str) -> str | None:
    """A label's key: a name of at most 63 characters, after an optional DNS prefix and ``/``."""
    prefix, slash, name = text.rpartition("/")
    if slash:
        if "/" in prefix:
            return f'{quote(text)} must have at most one "/", between a DNS prefix and a name'
        if problem := check_dns_subdomain(prefix):
            return f'the part before "/" is wrong: {problem}'
    if problem := _length(name, LABEL_VALUE_MAX):
        return f'the part after "/" {problem}' if slash else problem
    if _QUALIFIED.fullmatch(name):
        return None
    return (
        f'{quote(name)} must have only letters, digits, "-", "_" and ".", and start and end '
        f"with a letter or digit{_instead(name, _qualified_like(name), _QUALIFIED)}"
    )


def check_annotation_key(text: str) -> str | None:
    """An annotation's key: as a label's, but capital letters do not matter in its prefix."""
    prefix, slash, name = text.rpartition("/")
    return check_label_key(prefix.lower() + slash + name)


def check_label_value(text: str) -> str | None:
    """A label's value: empty or at most 63 letters, digits, ``-``, ``_``, ``.``."""
    if not text:
        return None
    if problem := _length(text, LABEL_VALUE_MAX):
        return problem
    if _QUALIFIED.fullmatch(text):
        return None
    return (
        f'{quote(text)} must have only letters, digits, "-", "_" and ".", and start and end '
        f"with a letter or digit{_instead(text, _qualified_like(text), _QUALIFIED)}"
        "; text of any form belongs in an annotation"
    )


def check_env_name(text: str) -> str | None:
    """An environment variable's name: printable ASCII without ``=`` (the rule of Kubernetes 1.34).

    Older servers take only letters, digits, ``-``, ``_`` and ``.``, with no digit first.
    """
    if not text:
        return "must not be empty"
    if _ENV_NAME.fullmatch(text):
        return None
    like = re.sub(r"[^A-Za-z0-9_]+", "_", text.partition("=")[0]).strip("_")
    return (
        f'{quote(text)} must have only printable ASCII characters without "="'
        f"{_instead(text, like, _ENV_NAME)}"
    )


def check_port_name(text: str) -> str | None:
    """A port's name (IANA service name): at most 15 lower-case letters, digits, single ``-``."""
    if problem := _length(text, PORT_NAME_MAX):
        return problem
    if not _DNS_LABEL.fullmatch(text):
        return (
            f'{quote(text)} must have only lower-case letters, digits and "-", and start and end '
            f"with a letter or digit{_instead(text, _dns_label_like(text), _DNS_LABEL)}"
        )
    if not any("a" <= character <= "z" for character in text):
        return f"{quote(text)} must have at least one letter; write http-{text} for example"
    if "--" in text:
        return f'{quote(text)} must not have "--"; write {quote(re.sub("-+", "-", text))}'
    return None


def check_config_map_key(text: str) -> str | None:
    """A key of a ConfigMap or Secret: a plain file name of letters, digits, ``-``, ``_``, ``.``."""
    if problem := _length(text, CONFIG_MAP_KEY_MAX):
        return problem
    if text == "." or text.startswith(".."):
        return f'{quote(text)} must not be "." or start with ".."'
    if _CONFIG_MAP_KEY.fullmatch(text):
        return None
    like = re.sub(r"[^-._a-zA-Z0-9]+", "_", text).lstrip(".")
    return (
        f'{quote(text)} must have only letters, digits, "-", "_" and "."'
        f"{_instead(text, like, _CONFIG_MAP_KEY)}"
    )


def _length(text: str, most: int) -> str | None:
    if not text:
        return "must not be empty"
    if len(text) > most:
        return f"must have at most {most} characters, not {len(text)}"
    return None


def _dns_label_like(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _qualified_like(text: str) -> str:
    return re.sub(r"[^-A-Za-z0-9_.]+", "-", text).strip("-_.")


def _instead(text: str, like: str, rule: re.Pattern[str]) -> str:
    """``; write "..."`` when the corrected text is right and another one."""
    good = like != text and len(like) <= DNS_LABEL_MAX and rule.fullmatch(like)
    return f"; write {quote(like)}" if good else ""
