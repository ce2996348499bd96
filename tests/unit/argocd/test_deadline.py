"""An end before Argo CD's own."""

from __future__ import annotations

import signal
import time

import pytest

from celery_kustomize.argocd.deadline import StoppedError, bounded, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, 45),
        ("", 45),
        ("90s", 67.5),
        ("2m", 90),
        ("1m30s", 67.5),
        ("1h", 2700),
        ("1.5m", 67.5),
        ("500ms", 0.375),
        ("1s500000us", 1.125),
        # Argo CD takes these for its default as well.
        ("90", 45),
        ("-90s", 45),
        ("0s", 45),
        ("soon", 45),
        ("90s ", 45),
        ("9" * 400 + "h", 64800),
    ],
)
def test_three_quarters_of_what_argo_cd_waits(text: str | None, expected: float) -> None:
    environment = {} if text is None else {"ARGOCD_EXEC_TIMEOUT": text}
    assert seconds(environment) == pytest.approx(expected)


def test_the_time_is_over() -> None:
    with pytest.raises(StoppedError) as caught, bounded(0.05):
        time.sleep(60)
    assert str(caught.value) == (
        "not done after 0.05 s and stopped: make several folders of it, or let Argo CD wait longer"
        " (its timeouts, and ARGOCD_EXEC_TIMEOUT of the sidecar)"
    )


def test_a_signal() -> None:
    with pytest.raises(StoppedError) as caught, bounded(60):
        signal.raise_signal(signal.SIGTERM)
    assert str(caught.value) == "stopped by SIGTERM before the end"


def test_nothing_is_left_afterwards() -> None:
    before = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGTERM)
    with bounded(60):
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert (signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGTERM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
