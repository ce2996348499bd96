from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.k8s import quantity

SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("500m", "0.5"),
        ("2", "2"),
        ("1.5Gi", "1610612736"),
        ("512Mi", "536870912"),
        ("512M", "512000000"),
        ("1k", "1000"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1E", "1000000000000000000"),
        ("1Ei", "1152921504606846976"),
        ("1e-3", "0.001"),
        ("100n", "0.0000001"),
        ("7u", "0.000007"),
        ("-1.5Ki", "-1536"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("9223372036854775807", "9223372036854775807"),
    ],
)
def test_value_is_exact(text: str, value: str) -> None:
    assert quantity.parse(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("512MB", '"512MB" is not a quantity: write 512M (decimal) or 512Mi (binary)'),
        ("1g", '"1g" is not a quantity: write 1G (decimal) or 1Gi (binary)'),
        ("1K", '"1K" is not a quantity: write 1k (decimal) or 1Ki (binary)'),
        ("1GiB", '"1GiB" is not a quantity: write 1Gi'),
        ("1 Gi", '"1 Gi" is not a quantity: write 1Gi'),
        ("0,5", '"0,5" is not a quantity: write 0.5'),
        ("2 cores", '"2 cores" is not a quantity: write 2'),
        (
            "5x",
            '"5x" is not a quantity: its unit is not one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, '
            "Ti, Pi, Ei",
        ),
        (
            "",
            '"" is not a quantity: write a number with a unit, such as 500m, 2, 512M or 1Gi',
        ),
        (
            "Gi",
            '"Gi" is not a quantity: write a number with a unit, such as 500m, 2, 512M or 1Gi',
        ),
        ("10E", '"10E" is too large: a quantity is at most 2^63-1'),
        ("1e999", '"1e999" is too large: a quantity is at most 2^63-1'),
        (
            "9223372036854775807.5",
            '"9223372036854775807.5" is too large: a quantity is at most 2^63-1',
        ),
    ],
)
def test_message_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole message is asserted)
        quantity.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text", ["1.2.3", "1e", "e3", "1e1.5", "--1", "1Mii", "٣Mi", "1\n", "1e9999"]
)
def test_refused(text: str) -> None:
    assert quantity.check_quantity(text) is not None


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (0.5, "0.5"), ("1Gi", "1Gi"), (1e-5, "1e-05")]
)
def test_yaml_numbers_are_quantities(value: object, text: str) -> None:
    assert quantity.normalize(value) == text


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "expected a quantity such as 500m or 512Mi"),
        (None, "expected a quantity such as 500m or 512Mi"),
        (["1"], "expected a quantity such as 500m or 512Mi"),
        pytest.param(10**5000, "the number is too large: a quantity is at most 2^63-1", id="huge"),
        (
            float("nan"),
            '"nan" is not a quantity: write a number with a unit, such as 500m, 2, 512M or 1Gi',
        ),
    ],
)
def test_other_values_are_not(value: object, problem: str) -> None:
    assert quantity.check_quantity(value) == problem


def test_units() -> None:
    assert quantity.to_bytes("1.5Ki") == 1536
    assert quantity.to_bytes("100m") == 1, "rounded up, as Kubernetes does"
    assert quantity.to_kib("1536M") == 1500000
    assert quantity.to_kib("1.9Ki") == 1
    assert quantity.to_mib("1Gi") == 1024
    assert quantity.to_mib("1999k") == 1
    assert quantity.to_millicores("1.5") == 1500
    assert quantity.to_millicores(0.25) == 250
    assert quantity.to_millicores("100u") == 1


@given(st.integers(-8000, 8000), st.sampled_from(SUFFIXES))
def test_suffix_is_a_factor(number: int, suffix: str) -> None:
    assert quantity.parse(f"{number}{suffix}") == number * quantity.parse(f"1{suffix}")


@given(st.text(max_size=200))
def test_any_text_is_a_quantity_or_a_problem(text: str) -> None:
    problem = quantity.check_quantity(text)
    assert problem is None or problem.startswith('"')
