"""What a whole application keeps to, so that any overlay over any other one is valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.specs.choose import Choose

__all__ = ["Shape", "shape"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The decisions that rules tie to each other, made once for the base and its overlays.

    Attributes:
        run: "composed" command lines (there is an ``app``), else each worker set's "own" command,
            or the "image"'s.
        brokers: the family that overlays choose from. "redis"; "typed": any, with credentials;
            "cloud": by pod identity; "untyped": a URL, so scalers cannot ask it; "none".
        deliveries: of the settings.
        managed: there is always a managed Redis.
        volumes: the shared volumes are there, and never taken away.
        flower: Flower is always there, and may be asked by scalers.
        presync: the migration may run before all else, so it uses nothing that is generated.
        foreign: objects of another namespace, which forbid that an overlay moves the application.
        namespace: the application's.
    """

    run: str
    brokers: str
    deliveries: tuple[str, ...]
    managed: bool
    volumes: bool
    flower: bool
    presync: bool
    foreign: bool
    namespace: str | None

    @property
    def composed(self) -> bool:
        """Whether options have a command line to go to."""
        return self.run == "composed"

    @property
    def command_line(self) -> bool:
        """Whether settings go to the command line, which takes fewer of them."""
        return self.deliveries == ("CommandLine",)

    @property
    def loader(self) -> bool:
        """Whether settings always come by the loader, which can hold passwords."""
        return self.deliveries == ("Loader",)

    @property
    def ping(self) -> bool:
        """Whether workers can be pinged: SQS has no remote control."""
        return self.brokers in ("redis", "untyped")

    @property
    def local(self) -> bool:
        """Whether every environment has a namespace, so that short host names can be resolved."""
        return self.namespace is not None


_DELIVERIES: dict[str, list[tuple[str, ...]]] = {
    "composed": [("Loader", "File"), ("Loader",), ("CommandLine",)],
    "own": [("Loader", "File"), ("Loader",)],
    "image": [("File",)],
}


def shape(choose: Choose) -> Shape:
    run = choose.one(["composed"] * 7 + ["own", "own", "image"])
    brokers = choose.one(["typed", "redis", "typed", "redis", "cloud", "untyped", "none"])
    deliveries = choose.one(_DELIVERIES[run])
    managed = brokers != "none" and choose.chance(30)
    flower = brokers != "none" and choose.chance(15)
    foreign = choose.chance(10)
    without_namespace = not (managed or flower or foreign) and choose.chance(20)
    return Shape(
        run=run,
        brokers=brokers,
        deliveries=deliveries,
        managed=managed,
        volumes=choose.chance(40),
        flower=flower,
        presync=deliveries == ("CommandLine",) and choose.chance(40),
        foreign=foreign,
        namespace=None if without_namespace else "shop",
    )
