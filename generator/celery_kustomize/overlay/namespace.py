"""The namespace of an overlay: which field sets it, and what cannot be moved to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.overlay.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from celery_kustomize.k8s.kustomization import Kustomization
    from celery_kustomize.overlay.pairing import Item, Pair

__all__ = ["check_fit", "namespace_fields"]


def namespace_fields(base: Kustomization, wanted: Kustomization, added: Iterable[Item]) -> Fields:
    """The namespace field that the overlay needs: none while the base's still says it all.

    Raises:
        SpecError: the base has a namespace and the environment has none.
    """
    if base.namespace and not wanted.namespace:
        message = (
            f"the base is in namespace {base.namespace}, which an overlay cannot take away; "
            "give the overlay a namespace"
        )
        raise SpecError([Problem("", 0, "", message)])
    if wanted.namespace == base.namespace:
        if not any(Fields().apply(item.raw) != _moved(item, wanted) for item in added):
            return Fields()
        return Fields(wanted.namespace, wanted.namespace_unset_only)
    return Fields(wanted.namespace, wanted.namespace_unset_only and not base.namespace)


def _moved(item: Item, wanted: Kustomization) -> Any:
    return Fields(wanted.namespace, wanted.namespace_unset_only).apply(item.raw)


def check_fit(
    base: Kustomization,
    wanted: Kustomization,
    fields: Fields,
    pairs: Sequence[Pair],
    added: Sequence[Item],
) -> None:
    """Refuse what the overlay's ``namespace`` would move although it should stay.

    Raises:
        SpecError: with a problem for each such object.
    """
    misfits = [pair.wanted for pair in pairs if not fields.fit(pair)]
    misfits += [item for item in added if not fields.fit_added(item)]
    if base.namespace and base.namespace != wanted.namespace:
        build = [pair.wanted for pair in pairs] + list(added)
        misfits += [item for item in build if _is_bound(item, base.namespace, build)]
    problems = [
        Problem(
            "",
            0,
            "",
            f"{item} names a namespace of its own, and kustomize cannot keep it there while the "
            f"overlay moves the base from {base.namespace} to {fields.namespace}: give this "
            "object to each overlay (extraResources) instead of the application, or deploy it "
            "from a folder of its own",
        )
        for item in misfits
    ]
    if problems:
        raise SpecError(problems)


def _is_bound(item: Item, namespace: str, build: Iterable[Item]) -> bool:
    """Whether ``item`` refers to an object of the build by the base's namespace.

    kustomize lets such a reference follow the object to the overlay's namespace, but only when it
    stands in the base.
    """
    names = {
        (other.raw["kind"], other.raw["metadata"]["name"])
        for other in build
        if not other.identity[2]
    }
    return any(
        reference.get("namespace") == namespace
        and isinstance(reference.get("name"), str)
        and (kind, reference["name"]) in names
        for kind, reference in _references(item)
    )


def _references(item: Item) -> list[tuple[str, dict[str, Any]]]:
    raw = item.raw
    if raw["kind"] in ("RoleBinding", "ClusterRoleBinding"):
        return [("ServiceAccount", subject) for subject in _maps(raw.get("subjects"))]
    if raw["kind"] in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        configs = [webhook.get("clientConfig") for webhook in _maps(raw.get("webhooks"))]
        services = [config.get("service") for config in _maps(configs)]
        return [("Service", service) for service in _maps(services)]
    return []


def _maps(values: Any) -> list[dict[str, Any]]:
    if not isinstance(values, list):
        return []
    return [value for value in values if isinstance(value, dict)]
