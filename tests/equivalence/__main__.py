"""``python -m tests.equivalence --minutes 60``: the laws, on new cases as long as time allows.

Prints how many cases there were. A law that fails is shown with the smallest case found and not
tried again; the exit code is then 1.
"""

from __future__ import annotations

import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import UnsatisfiedAssumption

from tests.equivalence.applications import older_specs, specs
from tests.equivalence.generated import pairs_of_folders
from tests.equivalence.kustomize_client import Server, find_program, server_binary
from tests.equivalence.laws import (
    check_application,
    check_folders,
    check_merged,
    check_program,
    rendered,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hypothesis.strategies import SearchStrategy

    from tests.equivalence.applications import Specs
    from tests.equivalence.kustomize_client import Builder


@dataclass
class Law:
    """A law, how many cases a round tries, and what came of it."""

    name: str
    round: int
    cases: SearchStrategy[Any]
    check: Callable[[Any], None]
    seen: Counter[str] = field(default_factory=Counter)

    def holds(self) -> bool:
        """Try one round of new cases; a failure is printed."""

        @settings(
            max_examples=self.round,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(self.cases)
        def law(case: Any) -> None:
            try:
                self.check(case)
            except UnsatisfiedAssumption:
                self.seen["refused"] += 1
                raise
            self.seen["cases"] += 1

        try:
            law()
        except Exception:  # noqa: BLE001 whatever goes wrong breaks the law
            traceback.print_exc()
            return False
        return True

    def summary(self) -> str:
        return f"{self.seen['cases']:7,} {self.name} ({self.seen['refused']:,} more refused)"


def laws(kustomize: Builder, command: list[str]) -> list[Law]:
    def whole(case: Specs) -> None:
        check_application(kustomize, rendered(case))

    def merged(case: Specs) -> None:
        check_merged(kustomize, case)

    def folders(pair: tuple[Any, Any]) -> None:
        check_folders(kustomize, *pair)

    def program(case: Specs) -> None:
        check_program(command, case)

    return [
        Law("applications with overlays", 200, specs(), whole),
        Law("merged specs written without overlays", 30, specs(), merged),
        Law("applications with patches of their own", 10, specs(own_patches=True), whole),
        Law("applications of the older kinds", 30, older_specs(), whole),
        Law("applications through the kustomize program", 5, specs(), program),
        Law("pairs of folders", 100, pairs_of_folders(), folders),
    ]


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long.")
def main(minutes: float) -> None:
    """Try the laws of overlays on generated cases, new ones each time."""
    binary, command = server_binary(), find_program()
    if binary is None or command is None:
        raise click.ClickException("go and kustomize are needed: run `make law`")
    every = laws(Server(binary), command)
    start = time.monotonic()
    left = list(every)
    while left and time.monotonic() - start < minutes * 60:
        left = [law for law in left if law.holds()]
        click.echo(f"{_minutes_since(start):5.1f} min: {_cases(every):,} cases")
    click.echo("\n".join(law.summary() for law in every))
    broken = len(every) - len(left)
    click.echo(f"{_cases(every):,} cases in {_minutes_since(start):.0f} minutes, {broken} failures")
    if broken:
        raise SystemExit(1)


def _minutes_since(start: float) -> float:
    return (time.monotonic() - start) / 60


def _cases(every: Iterable[Law]) -> int:
    return sum(law.seen["cases"] for law in every)


if __name__ == "__main__":
    main()
