from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.k8s import image
from celery_kustomize.k8s.image import Image

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("redis", Image("", "redis")),
        ("redis:7.4", Image("", "redis", "7.4")),
        ("jp.icr.io/shop/app:1.4.2", Image("jp.icr.io", "shop/app", "1.4.2")),
        ("localhost:5000/app", Image("localhost:5000", "app")),
        ("localhost/app:1", Image("localhost", "app", "1")),
        ("[::1]:5000/a/b:1", Image("[::1]:5000", "a/b", "1")),
        ("danihodovic/celery-exporter", Image("", "danihodovic/celery-exporter")),
        (f"a.b/c__d@{DIGEST}", Image("a.b", "c__d", None, DIGEST)),
        (f"a.b/c:1@{DIGEST}", Image("a.b", "c", "1", DIGEST)),
    ],
)
def test_parts(text: str, parts: Image) -> None:
    assert image.parse(text) == parts
    assert str(parts) == text


def test_name_is_what_kustomize_matches() -> None:
    assert image.parse(f"jp.icr.io/shop/app:1@{DIGEST}").name == "jp.icr.io/shop/app"
    assert image.parse("redis:7").name == "redis"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must not be empty: write an image such as jp.icr.io/shop/app:1.4.2"),
        ("redis :7", '"redis :7" must not have spaces'),
        ("docker://redis:7", '"docker://redis:7" must not be a URL: write redis:7'),
        ("https://a.b/c", '"https://a.b/c" must not be a URL: write a.b/c'),
        ("a.b/Shop/App:V1", '"a.b/Shop/App:V1" must be in lower case: write a.b/shop/app:V1'),
        ("Redis", '"Redis" must be in lower case: write redis'),
        ("redis:", '"redis:" has nothing after ":": write a tag, or leave ":" out'),
        (
            "redis:-x",
            '"redis:-x" has no valid tag: "-x" must have at most 128 letters, digits, "_", "." '
            'and "-", and not start with "." or "-"',
        ),
        (
            "redis@sha256:12",
            '"redis@sha256:12" has no valid digest after "@": write sha256: and 64 hexadecimal '
            "digits",
        ),
        ("a//b", '"a//b" has an empty part: write an image such as jp.icr.io/shop/app:1.4.2'),
        (
            "a_/b",
            '"a_/b" is not an image: each part of its path must have lower-case letters and '
            'digits, with single ".", "_" or "-" between them',
        ),
        ("-a.b/c", '"-a.b/c" has no valid registry: "-a.b" is not a host name'),
        ("a.b/" + "c" * 252, "the name must have at most 255 characters"),
        ("c" * 2000, "is too long: an image reference has at most 1024 characters"),
    ],
)
def test_problem_says_what_to_write(text: str, problem: str) -> None:
    assert image.check_image(text) == problem


@pytest.mark.parametrize(
    ("written", "pulled"),
    [
        ("redis:7.4", "jp.icr.io/mirror/library/redis:7.4"),
        ("docker.io/redis:7.4", "jp.icr.io/mirror/library/redis:7.4"),
        ("docker.io/library/redis:7.4", "jp.icr.io/mirror/library/redis:7.4"),
        ("danihodovic/celery-exporter:0.11", "jp.icr.io/mirror/danihodovic/celery-exporter:0.11"),
        (f"quay.io/a/b@{DIGEST}", f"jp.icr.io/mirror/a/b@{DIGEST}"),
        ("quay.io/a:1", "jp.icr.io/mirror/a:1"),
        ("jp.icr.io/mirror/redis:7.4", "jp.icr.io/mirror/redis:7.4"),
    ],
)
def test_mirror_takes_the_place_of_the_registry(written: str, pulled: str) -> None:
    assert image.mirrored(written, "jp.icr.io/mirror") == pulled
    assert image.mirrored(written, "jp.icr.io/mirror/") == pulled
    assert image.mirrored(pulled, "jp.icr.io/mirror") == pulled
    assert image.check_image(pulled) is None


@pytest.mark.parametrize(
    ("override", "result"),
    [
        ("1.4.2", "jp.icr.io/shop/app:1.4.2"),
        ("latest", "jp.icr.io/shop/app:latest"),
        (DIGEST, f"jp.icr.io/shop/app@{DIGEST}"),
        ("quay.io/x/y:3", "quay.io/x/y:3"),
        ("redis:7", "redis:7"),
    ],
)
def test_override(override: str, result: str) -> None:
    assert image.with_override("jp.icr.io/shop/app:1.0", override) == result
    assert image.with_override(f"jp.icr.io/shop/app:1.0@{DIGEST}", override) == result


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("sha256:12", '"sha256:12" is not a digest: write sha256: and 64 hexadecimal digits'),
        ("", "must not be empty: write an image such as jp.icr.io/shop/app:1.4.2"),
        ("1.0 beta", '"1.0 beta" must not have spaces'),
    ],
)
def test_override_problem(override: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole message is asserted)
        image.with_override("app:1", override)
    assert str(caught.value) == problem


@pytest.mark.parametrize("override", ["2.0", DIGEST])
def test_override_of_no_image(override: str) -> None:
    with pytest.raises(ValueError, match=r"\Athere is no image that \"") as caught:
        image.with_override(None, override)
    assert str(caught.value).endswith(
        "could be a version of: write a whole reference, such as jp.icr.io/shop/app:1.4.2"
    )
    assert image.with_override(None, "quay.io/app:2") == "quay.io/app:2"


@given(st.text(alphabet="abAB01._-/:@[]", max_size=40))
def test_what_is_parsed_is_written_back(text: str) -> None:
    if image.check_image(text) is None:
        assert str(image.parse(text)) == text
