"""ServiceAccounts that several components share, or that stand in the spec's file as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, part, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.component import ServiceAccount

__all__ = ["RULES"]


@dataclass(frozen=True)
class _Made:
    """A ServiceAccount to be created, and who wants it."""

    loc: Loc
    label: str
    name: str
    account: ServiceAccount


def _made(subject: Subject) -> Iterator[_Made]:
    account = subject.spec.service_account
    if account.create:
        loc = ("spec", "serviceAccount")
        yield _Made(loc, "the application", account.name or subject.name, account)
    for place in subject.places:
        own = place.component.service_account
        if own is not None and own.create:
            name = own.name or subject.object_name(place)
            yield _Made((*place.loc, "serviceAccount"), place.label, name, own)


def differing(subject: Subject) -> Iterator[Finding]:
    """One object serves all who name it, so they have to say the same of it."""
    first: dict[str, _Made] = {}
    for made in _made(subject):
        other = first.setdefault(made.name, made)
        if _content(made.account) != _content(other.account):
            for one, another in ((other, made), (made, other)):
                yield Finding(
                    one.loc,
                    f"ServiceAccount {one.name} is also that of {another.label}, with other "
                    "annotations or another automountToken: write the same in both, or another "
                    "name, or create: false in one",
                )


def _content(account: ServiceAccount) -> tuple[dict[str, str], bool]:
    return account.annotations, account.automount_token


def given(subject: Subject) -> Iterator[Finding]:
    """Two objects cannot share a name; the application's own account is told by ``names``."""
    there = {
        part(item, "metadata", "name")
        for item in subject.objects
        if (item.get("apiVersion"), item.get("kind")) == ("v1", "ServiceAccount")
        and part(item, "metadata", "namespace") in (None, subject.application.metadata.namespace)
    }
    for made in _made(subject):
        if made.name in there and made.loc != ("spec", "serviceAccount"):
            yield Finding(
                made.loc,
                f"ServiceAccount {made.name} also stands in the spec's file or its "
                "extraResources: write create: false to use that one, or another name",
            )


def elsewhere(subject: Subject) -> Iterator[Finding]:
    """A role that is bound to the application's account of another environment."""
    namespace = subject.application.metadata.namespace
    names = {made.name for made in _made(subject)}
    for item in subject.objects:
        subjects = part(item, "subjects")
        if namespace is None or not isinstance(subjects, list):
            continue
        for bound in subjects:
            name, other = part(bound, "name"), part(bound, "namespace")
            if part(bound, "kind") != "ServiceAccount" or name not in names:
                continue
            if other not in (None, namespace):
                yield warning(
                    ("spec",),
                    f"{item.get('kind')} {part(item, 'metadata', 'name')} is for ServiceAccount "
                    f"{name} in namespace {other}, but the one of the application is in "
                    f"{namespace}: leave namespace out there, kustomize writes it",
                )


RULES = (differing, given, elsewhere)
