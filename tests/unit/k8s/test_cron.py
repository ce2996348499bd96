from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.k8s.cron import check_cron, check_time_zone, time_zones


@pytest.mark.parametrize(
    "text",
    [
        "0 8 * * *",
        "0 8 * * 1-5",
        "*/15 0-6,18-23 1 JAN-mar ?",
        "30 8 * * MON,wed,Fri",
        "5/10 * * * *",
        "0  8\t* * *",
        "0 0 29 2 *",
        "0 0 31 2 1",
        "0 0 31 2 */2",
        "+5 *-3 * * *",
    ],
)
def test_what_keda_takes(text: str) -> None:
    assert check_cron(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "0 8 * *",
            '"0 8 * *" must have five fields (minute, hour, day of month, month, day of week), '
            "not 4",
        ),
        (
            "0 0 8 * * *",
            '"0 0 8 * * *" must have five fields (minute, hour, day of month, month, day of '
            "week), not 6",
        ),
        (
            "@daily",
            '"@daily" must be five fields (minute, hour, day of month, month, day of week), such '
            "as 0 8 * * 1-5; @daily is 0 0 * * *",
        ),
        (
            "@every 1h",
            '"@every 1h" must be five fields (minute, hour, day of month, month, day of week), '
            "such as 0 8 * * 1-5",
        ),
        (
            "TZ=Asia/Tokyo 0 8 * * *",
            '"TZ=Asia/Tokyo 0 8 * * *" must not name a time zone: write it in timezone',
        ),
        ("0 24 * * *", 'hour: "24" is outside 0 to 23'),
        ("0 8 0 * *", 'day of month: "0" is outside 1 to 31'),
        ("0 8 * * 7", 'day of week: "7" is outside 0 to 6; Sunday is 0'),
        ("0 22-6 * * *", 'hour: "22-6" runs backwards: write 22-23,0-6'),
        ("0 8 * foo *", 'month: "foo" is not a number from 1 to 12 or a name (JAN to DEC)'),
        ("0 8 * * 1-5-6", 'day of week: "1-5-6" has more than one "-"'),
        ("*/5/2 8 * * *", 'minute: "*/5/2" has more than one "/"'),
        ("*/0 8 * * *", 'minute: "*/0" needs a whole number above 0 after the slash'),
        (", 8 * * *", 'minute: "," has no value'),
        ("0 0 30,31 2 *", '"0 0 30,31 2 *" never happens: no month of it has day 30'),
        ("0 8 * * ＊", "must be at most 256 ASCII characters, such as 0 8 * * 1-5"),
        ("0," * 200 + "0 8 * * *", "must be at most 256 ASCII characters, such as 0 8 * * 1-5"),
    ],
)
def test_problem_says_what_to_write(text: str, problem: str) -> None:
    assert check_cron(text) == problem


@given(st.text(alphabet="0123456789*?/-,+ @=TZJANmon", max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    problem = check_cron(text)
    assert problem is None or problem


@pytest.mark.parametrize("text", ["Asia/Tokyo", "UTC", "Etc/GMT+9", "America/Argentina/Ushuaia"])
def test_known_time_zone(text: str) -> None:
    assert check_time_zone(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "Asia/Tokio",
            '"Asia/Tokio" is not an IANA time zone such as Asia/Tokyo or UTC; did you mean '
            '"Asia/Tokyo"?',
        ),
        ("JST", '"JST" is not an IANA time zone such as Asia/Tokyo or UTC'),
        ("Local", '"Local" is not an IANA time zone such as Asia/Tokyo or UTC'),
        ("", '"" is not an IANA time zone such as Asia/Tokyo or UTC'),
        ("../etc/passwd", '"../etc/passwd" is not an IANA time zone such as Asia/Tokyo or UTC'),
    ],
)
def test_unknown_time_zone(text: str, problem: str) -> None:
    assert check_time_zone(text) == problem


def test_time_zones_are_names() -> None:
    assert len(time_zones()) > 500
    assert all("/" in name or name.isascii() for name in time_zones())
