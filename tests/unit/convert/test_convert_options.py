"""args: which options become fields, and that what stays and what moves is all there was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.convert.options import (
    flower_options,
    log_level,
    worker_options,
)
from celery_kustomize.convert.reading import Given
from celery_kustomize.located import Mark


def args(*texts: str) -> list[Given[str]]:
    return [Given(text, Mark("a.yaml", index + 1)) for index, text in enumerate(texts)]


def moved(*texts: str) -> tuple[dict[str, Any], list[str]]:
    divided = worker_options(args(*texts))
    fields = {name: field.value for name, field in divided.fields.items()}
    return fields, [item.value for item in divided.rest]


@pytest.mark.parametrize(
    ("texts", "fields"),
    [
        (["-Q", "a,b"], {"queues": ["a", "b"]}),
        (["--queues=a"], {"queues": ["a"]}),
        (["--queues", "a"], {"queues": ["a"]}),
        (["-c4"], {"concurrency": 4}),
        (["-P", "processes"], {"pool": "prefork"}),
        (["-linfo"], {"logLevel": "INFO"}),
        (["--loglevel=WARN"], {"logLevel": "WARNING"}),
        (["-O", "fair"], {}),
        (["--events"], {"taskEvents": True}),
        (["--prefetch-multiplier=0"], {"prefetchMultiplier": 0}),
        (["--disable-prefetch"], {"disablePrefetch": True}),
        (
            ["--time-limit=60.0", "--soft-time-limit", "50"],
            {"taskTimeLimit": 60, "taskSoftTimeLimit": 50},
        ),
        (["--maxtasksperchild=7"], {"maxTasksPerChild": 7}),
        (["--max-memory-per-child=1024"], {"maxMemoryPerChild": "1024Ki"}),
        (
            ["--without-gossip", "--without-mingle", "--without-heartbeat"],
            {"gossip": False, "mingle": False, "heartbeat": False},
        ),
        (["-c", "1", "-c", "2"], {"concurrency": 2}),
    ],
)
def test_options_with_fields(texts: list[str], fields: dict[str, Any]) -> None:
    assert moved(*texts) == (fields, [])


@pytest.mark.parametrize(
    "texts",
    [
        ["-c", "auto"],
        ["-c"],
        ["-c", "0"],
        ["-c", "99999999999"],
        ["--concurrency="],
        ["-P", "custom"],
        ["-l", "loud"],
        ["-Odefault"],
        ["-Ec4"],
        ["--events=yes"],
        ["--time-limit=1.5"],
        ["-Q", ","],
        ["--autoscale=10,2"],
        ["-n"],
        ["--include", "a.b"],
        ["--", "-c", "4"],
        ["plain"],
        [""],
        ["-"],
    ],
)
def test_what_stays_an_argument(texts: list[str]) -> None:
    assert moved(*texts) == ({}, texts)


def test_a_field_has_the_place_of_its_value() -> None:
    fields = worker_options(args("-c", "4", "-E")).fields
    assert [field.mark.line for field in fields.values()] == [2, 3]


def test_what_would_do_harm_goes_with_a_reason() -> None:
    divided = worker_options(args("-n", "w@%h", "--logfile=x", "-f", "y", "--pidfile", "z", "-E"))
    assert [(item.mark.line, item.value) for item in divided.gone] == [
        (1, "each pod's worker is called celery@<pod>"),
        (3, "Celery logs to the container's output"),
        (4, "Celery logs to the container's output"),
        (6, "a file left behind would stop the next start"),
    ]
    assert (list(divided.fields), divided.rest) == (["taskEvents"], [])


TOKENS = st.sampled_from(
    ["-c", "4", "-Q", "a,b", "--pool=solo", "-E", "--", "-X", "x", "-Ofair", "-O", "fair", "-l"]
)


@given(st.lists(TOKENS))
def test_what_stays_keeps_its_order(texts: list[str]) -> None:
    rest = iter(texts)
    assert all(text in rest for text in moved(*texts)[1])


@given(st.lists(st.text() | TOKENS))
def test_nothing_that_has_a_field_stays(texts: list[str]) -> None:
    rest = moved(*texts)[1]
    assert moved(*rest) == ({}, rest)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("--port=80", "port", 80),
        ("--url-prefix=flower", "url_prefix", "flower"),
        ("--basic_auth=a:b,c:d", "basic_auth", "a:b,c:d"),
        ("--auth=.*@example.com", "auth", ".*@example.com"),
        ("--persistent", "persistent", True),
        ("--enable-events=False", "enable_events", False),
        ("--max_tasks=007", "max_tasks", "007"),
        ("--tasks_columns=", "tasks_columns", ""),
    ],
)
def test_flower_options(text: str, name: str, value: object) -> None:
    divided = flower_options(args(text))
    assert {key: field.value for key, field in divided.fields.items()} == {name: value}
    assert divided.gone == []


@pytest.mark.parametrize("text", ["port=80", "--loglevel", "--broker=redis://", "INFO", "", "-p"])
def test_what_flower_ignores(text: str) -> None:
    divided = flower_options(args(text))
    assert (divided.fields, divided.rest) == ({}, [])
    assert [item.value for item in divided.gone] == ["it is no option of Flower, which ignores it"]


@pytest.mark.parametrize(
    ("text", "level"), [("debug", "DEBUG"), ("Warn", "WARNING"), ("loud", None), ("", None)]
)
def test_log_levels(text: str, level: str | None) -> None:
    assert log_level(text) == level
