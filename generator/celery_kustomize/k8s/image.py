"""Container image references: ``jp.icr.io/shop/app:1.4.2``.

The grammar is github.com/distribution/reference v0.6.0 (regexp.go, normalize.go), which the
kubelet's container runtimes use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from celery_kustomize.k8s.suggest import quote

__all__ = ["Image", "check_image", "mirrored", "parse", "with_override"]

_DOCKER_HUB = "docker.io"
_DOCKER_HUB_NAMES = ("", _DOCKER_HUB, "index.docker.io", "registry-1.docker.io")
_NAME_MAX = 255
_REFERENCE_MAX = 1024

_HOST_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_REGISTRY = re.compile(rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})")
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*://|docker:)")


@dataclass(frozen=True, slots=True)
class Image:
    """One image reference in its parts; ``str()`` gives back what was written.

    ``registry`` is the host with its port, empty when none was written (Docker Hub). ``path`` is
    the repository without it, as written. ``tag`` and ``digest`` (``sha256:...``) may be absent.
    """

    registry: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Registry and path as written: what Kustomize's ``images`` entries match."""
        return f"{self.registry}/{self.path}" if self.registry else self.path

    @property
    def full_path(self) -> str:
        """The path that the registry knows: Docker Hub's official images are in ``library/``."""
        official = self.registry in _DOCKER_HUB_NAMES and "/" not in self.path
        return f"library/{self.path}" if official else self.path

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return f"{self.name}{tag}{digest}"


def parse(text: str) -> Image:
    """The parts of an image reference.

    Raises:
        ValueError: it is not one; the message is for users and says what to write.
    """
    if problem := _obvious_problem(text):
        raise ValueError(problem)
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise ValueError(
            f'{quote(text)} has no valid digest after "@": write sha256: and 64 hexadecimal digits'
        )
    name, colon, tag = _split_tag(rest)
    if colon and not _TAG.fullmatch(tag):
        raise ValueError(_tag_problem(text, tag))
    registry, path = _split_registry(name)
    if problem := _name_problem(text, registry, path):
        raise ValueError(problem)
    return Image(registry, path, tag if colon else None, digest if at else None)


def check_image(text: str) -> str | None:
    """What is wrong with an image reference, and what to write; None when it is one."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


def mirrored(image: Image | str, mirror: str) -> str:
    """A third-party image as it is pulled through ``registryMirror``.

    The rule is ``<mirror>/<full path>``: the registry is replaced and the path kept, with the
    ``library/`` that Docker Hub's official images have there. So
    ``redis:7.4`` and ``docker.io/library/redis:7.4`` come from ``jp.icr.io/mirror/library/redis``,
    ``quay.io/org/exporter:1`` from ``jp.icr.io/mirror/org/exporter``. Pull-through caches (Harbor's
    proxy projects, Amazon ECR's pull-through rules, Artifactory) need ``library/`` and take any
    other path as it is; a mirror that is filled by hand can follow the same rule, or the
    component's own ``image`` names the copy. An image that is on the mirror already is kept.

    Args:
        image: the reference; not checked again when it is an Image.
        mirror: a registry, with a path or not: ``jp.icr.io/mirror``, ``mirror.example.com:5000``.
    """
    parsed = parse(image) if isinstance(image, str) else image
    mirror = mirror.rstrip("/")
    if parsed.name.startswith(f"{mirror}/"):
        return str(parsed)
    return str(replace(parsed, registry=mirror, path=parsed.full_path))


def with_override(image: str | None, override: str) -> str:
    """``image`` at another version: what a deployment tool passes.

    Args:
        image: the reference in the specification, when it has one.
        override: a tag (``1.4.2``), a digest (``sha256:...``), or a whole reference (anything with
            ``/``, or ``name:tag``). A tag or digest replaces the tag and the digest of ``image``.

    Raises:
        ValueError: ``image`` or ``override`` is none of these.
    """
    is_digest = _DIGEST.fullmatch(override)
    if is_digest or _TAG.fullmatch(override):
        if image is None:
            raise ValueError(
                f"there is no image that {quote(override)} could be a version of: write a whole "
                "reference, such as jp.icr.io/shop/app:1.4.2"
            )
        tag, digest = (None, override) if is_digest else (override, None)
        return str(replace(parse(image), tag=tag, digest=digest))
    if override.startswith(("sha256:", "sha512:")):
        raise ValueError(
            f"{quote(override)} is not a digest: write sha256: and 64 hexadecimal digits"
        )
    return str(parse(override))


def _obvious_problem(text: str) -> str | None:
    if not text:
        return "must not be empty: write an image such as jp.icr.io/shop/app:1.4.2"
    if len(text) > _REFERENCE_MAX:
        return f"is too long: an image reference has at most {_REFERENCE_MAX} characters"
    if any(character.isspace() for character in text):
        return f"{quote(text)} must not have spaces"
    if scheme := _SCHEME.match(text):
        bare = text[scheme.end() :].lstrip("/")
        if "://" in scheme[0]:
            return f"{quote(text)} must not be a URL: write {bare}"
    return None


def _split_tag(text: str) -> tuple[str, str, str]:
    """Name, ``:`` and tag; a colon before the last ``/`` belongs to the registry's port."""
    slash = text.rfind("/")
    tail, colon, tag = text[slash + 1 :].partition(":")
    return text[: slash + 1] + tail, colon, tag


def _split_registry(name: str) -> tuple[str, str]:
    """Registry and path, by the rule that Docker made: a host has a dot, a port or capitals."""
    first, slash, rest = name.partition("/")
    is_registry = slash and (
        first == "localhost" or "." in first or ":" in first or first != first.lower()
    )
    return (first, rest) if is_registry else ("", name)


def _tag_problem(text: str, tag: str) -> str:
    if not tag:
        return f'{quote(text)} has nothing after ":": write a tag, or leave ":" out'
    return (
        f"{quote(text)} has no valid tag: {quote(tag)} must have at most 128 letters, digits, "
        '"_", "." and "-", and not start with "." or "-"'
    )


def _name_problem(text: str, registry: str, path: str) -> str | None:
    """What is wrong with the registry or the path."""
    if registry and not _REGISTRY.fullmatch(registry):
        return f"{quote(text)} has no valid registry: {quote(registry)} is not a host name"
    if path and all(_PATH_PART.fullmatch(part) for part in path.split("/")):
        too_long = len(registry) + len(path) + 1 > _NAME_MAX
        return f"the name must have at most {_NAME_MAX} characters" if too_long else None
    if path != path.lower():
        return f"{quote(text)} must be in lower case: write {text.replace(path, path.lower(), 1)}"
    if not path or "" in path.split("/"):
        return f"{quote(text)} has an empty part: write an image such as jp.icr.io/shop/app:1.4.2"
    return (
        f"{quote(text)} is not an image: each part of its path must have lower-case letters and "
        'digits, with single ".", "_" or "-" between them'
    )
