from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.k8s import names

Check = Callable[[str], str | None]

GOOD: list[tuple[Check, list[str]]] = [
    (names.check_dns_label, ["a", "1", "worker-1", "x" * 63]),
    (names.check_dns_subdomain, ["a", "a.b-c.1", "x" * 253]),
    (names.check_service_name, ["shop-redis", "a" * 63]),
    (names.check_label_key, ["team", "A_b.c", "app.kubernetes.io/name", "x" * 63]),
    (names.check_annotation_key, ["Example.com/Owner", "team"]),
    (names.check_label_value, ["", "A_b.c-1", "x" * 63]),
    (names.check_env_name, ["A", "my.env-name", "1st", "with space", "a/b"]),
    (names.check_port_name, ["http", "a1", "x" * 15]),
    (names.check_config_map_key, ["config.yaml", ".hidden", "A_b", ".a", "x" * 253]),
]


@pytest.mark.parametrize(
    ("check", "text"), [(check, text) for check, texts in GOOD for text in texts]
)
def test_accepted(check: Check, text: str) -> None:
    assert check(text) is None


@pytest.mark.parametrize(
    ("check", "text", "problem"),
    [
        (
            names.check_dns_label,
            "My_App",
            '"My_App" must have only lower-case letters, digits and "-", and start and end with a '
            'letter or digit; write "my-app"',
        ),
        (
            names.check_dns_label,
            "日本",
            '"日本" must have only lower-case letters, digits and "-", and start and end with a '
            "letter or digit",
        ),
        (names.check_dns_label, "", "must not be empty"),
        (names.check_dns_label, "x" * 64, "must have at most 63 characters, not 64"),
        (
            names.check_dns_subdomain,
            "A_b..C",
            '"A_b..C" must have only lower-case letters, digits, "-" and ".", and each part start '
            'and end with a letter or digit; write "a-b.c"',
        ),
        (
            names.check_service_name,
            "1-app",
            '"1-app" must have only lower-case letters, digits and "-", start with a letter and '
            'end with a letter or digit; write "app"',
        ),
        (
            names.check_label_key,
            "my team",
            '"my team" must have only letters, digits, "-", "_" and ".", and start and end with a '
            'letter or digit; write "my-team"',
        ),
        (
            names.check_label_key,
            "a/b/c",
            '"a/b/c" must have at most one "/", between a DNS prefix and a name',
        ),
        (names.check_label_key, "a.b/", 'the part after "/" must not be empty'),
        (
            names.check_label_key,
            "Example.com/owner",
            'the part before "/" is wrong: "Example.com" must have only lower-case letters, '
            'digits, "-" and ".", and each part start and end with a letter or digit; write '
            '"example.com"',
        ),
        (
            names.check_label_value,
            "Team A!",
            '"Team A!" must have only letters, digits, "-", "_" and ".", and start and end with a '
            'letter or digit; write "Team-A"; text of any form belongs in an annotation',
        ),
        (
            names.check_env_name,
            "DEBUG=1",
            '"DEBUG=1" must have only printable ASCII characters without "="; write "DEBUG"',
        ),
        (names.check_env_name, "", "must not be empty"),
        (
            names.check_port_name,
            "Http_Web",
            '"Http_Web" must have only lower-case letters, digits and "-", and start and end with '
            'a letter or digit; write "http-web"',
        ),
        (
            names.check_port_name,
            "80",
            '"80" must have at least one letter; write http-80 for example',
        ),
        (names.check_port_name, "a--b", '"a--b" must not have "--"; write "a-b"'),
        (names.check_port_name, "x" * 16, "must have at most 15 characters, not 16"),
        (
            names.check_config_map_key,
            "../x",
            '"../x" must not be "." or start with ".."',
        ),
        (
            names.check_config_map_key,
            "a/b",
            '"a/b" must have only letters, digits, "-", "_" and "."; write "a_b"',
        ),
    ],
)
def test_problem_says_what_to_write(check: Check, text: str, problem: str) -> None:
    assert check(text) == problem


@pytest.mark.parametrize("check", [check for check, _ in GOOD])
@given(text=st.text(max_size=300))
def test_newlines_and_other_scripts_never_pass(check: Check, text: str) -> None:
    if "\n" in text or not text.isascii():
        assert check(text) is not None
