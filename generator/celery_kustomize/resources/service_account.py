"""ServiceAccounts: the application's, and those that components have of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.resources.metadata import metadata, needed_first

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.component import Component, ServiceAccount
    from celery_kustomize.resources.context import Context

__all__ = [
    "application_service_account",
    "component_service_account",
    "service_account_name",
    "shared_once",
]


def _object(context: Context, name: str, account: ServiceAccount) -> Object:
    identity = {"app.kubernetes.io/name": context.name}
    annotations = {**account.annotations, **needed_first(context)}
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(context, name, identity, annotations=annotations),
        "automountServiceAccountToken": account.automount_token,
    }


def application_service_account(context: Context) -> list[Object]:
    """The ServiceAccount of everything that runs the application; none when not to be created."""
    account = context.spec.service_account
    if not account.create:
        return []
    return [_object(context, account.name or context.name, account)]


def component_service_account(context: Context, name: str, model: Component) -> list[Object]:
    """A component's own ServiceAccount; ``name`` is the name of the component's objects."""
    account = model.service_account
    if account is None or not account.create:
        return []
    return [_object(context, account.name or name, account)]


def service_account_name(context: Context, name: str, model: Component) -> str | None:
    """What a component's pods run under; None: the namespace's default."""
    account = model.service_account
    if account is not None:
        return account.name or (name if account.create else None)
    account = context.spec.service_account
    return account.name or (context.name if account.create else None)


def shared_once(files: Mapping[str, Sequence[Object]]) -> dict[str, list[Object]]:
    """``files`` with each ServiceAccount in the first of them alone: components may share one.

    They say the same of it (``rules.service_accounts``).
    """
    seen: set[str] = set()
    found: dict[str, list[Object]] = {}
    for file, objects in files.items():
        accounts = [item["metadata"]["name"] for item in objects if _is_account(item)]
        found[file] = [
            item for item in objects if not (_is_account(item) and item["metadata"]["name"] in seen)
        ]
        seen.update(accounts)
    return found


def _is_account(item: Object) -> bool:
    return bool(item["kind"] == "ServiceAccount")
