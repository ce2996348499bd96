"""Schedules of KEDA's cron scaler.

KEDA v2.21.0 (pkg/scalers/cron_scaler.go) parses them with github.com/robfig/cron/v3 v3.0.1 as five
fields, minute to day of week, without seconds and without ``@daily`` and the like. Refused here
besides what that parser refuses: ``TZ=`` before the fields (``timezone`` is the place), a field
of commas only and a day that no month has (both would never happen).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from celery_kustomize.k8s.suggest import did_you_mean, quote, suggest

__all__ = ["check_cron", "check_time_zone", "time_zones"]

_LONGEST = 256
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class _Field:
    title: str
    low: int
    high: int
    names: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """A number or name; ValueError when it is neither."""
        if text.lower() in self.names:
            return self.names[text.lower()]
        if not re.fullmatch(r"\+?[0-9]{1,18}", text):
            allowed = f"a number from {self.low} to {self.high}"
            if self.names:
                first, *_, last = self.names
                allowed += f" or a name ({first.upper()} to {last.upper()})"
            raise ValueError(f"{quote(text)} is not {allowed}")
        return int(text)


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day of month", 1, 31)
_MONTH = _Field("month", 1, 12, {name: i for i, name in enumerate(_MONTHS, 1)})
_WEEKDAY = _Field("day of week", 0, 6, {name: i for i, name in enumerate(_WEEKDAYS)})
_FIELDS = (_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY)


def check_cron(text: str) -> str | None:
    """What is wrong with a schedule, and what to write; None when KEDA takes it.

    That ``start`` and ``end`` of one trigger must differ is for the caller to check.
    """
    if not text.isascii() or len(text) > _LONGEST:
        return f"must be at most {_LONGEST} ASCII characters, such as 0 8 * * 1-5"
    words = re.findall(r"[^ \t\n\v\f\r]+", text)
    if problem := _shape_problem(text, words):
        return problem
    values = []
    for rule, word in zip(_FIELDS, words, strict=True):
        try:
            values.append(_values(rule, word))
        except ValueError as error:
            return f"{rule.title}: {error}"
    _, _, days, months, _ = values
    any_weekday = _is_star(words[4])
    if any_weekday and not any(min(days) <= _LONGEST_MONTHS[month - 1] for month in months):
        return f"{quote(text)} never happens: no month of it has day {min(days)}"
    return None


def check_time_zone(text: str) -> str | None:
    """What is wrong with an IANA time zone such as ``Asia/Tokyo``; None when KEDA knows it.

    The names are those that Go carries (KEDA looks them up with Go's time.LoadLocation, where
    capitals matter), as data of this package: no machine's own tz database changes the answer.
    """
    if text in time_zones():
        return None
    problem = f"{quote(text)} is not an IANA time zone such as Asia/Tokyo or UTC"
    # An abbreviation (JST) is near only to other abbreviations.
    return problem + (did_you_mean(text, sorted(time_zones())) if "/" in text else "")


@cache
def time_zones() -> frozenset[str]:
    """The known IANA time zones."""
    text = resources.files("celery_kustomize.k8s").joinpath("time_zones.txt").read_text("utf-8")
    return frozenset(text.split())


def _shape_problem(text: str, words: list[str]) -> str | None:
    """What is wrong before any field is looked at."""
    if text.lstrip().startswith(("TZ=", "CRON_TZ=")):
        return f"{quote(text)} must not name a time zone: write it in timezone"
    if text.lstrip().startswith("@"):
        return (
            f"{quote(text)} must be five fields (minute, hour, day of month, month, day of week), "
            f"such as 0 8 * * 1-5{_descriptor_hint(text.strip())}"
        )
    if len(words) != len(_FIELDS):
        return (
            f"{quote(text)} must have five fields (minute, hour, day of month, month, day of "
            f"week), not {len(words)}"
        )
    return None


def _descriptor_hint(text: str) -> str:
    meaning = {
        "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
        "@monthly": "0 0 1 * *",
        "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *",
        "@hourly": "0 * * * *",
    }
    found = suggest(text, meaning)
    return f"; {found} is {meaning[found]}" if found else ""


def _values(rule: _Field, word: str) -> set[int]:
    """The numbers that one field stands for."""
    parts = [part for part in word.split(",") if part]
    if not parts:
        raise ValueError(f"{quote(word)} has no value")
    return set().union(*(_range(rule, part) for part in parts))


def _range(rule: _Field, part: str) -> range:
    """One part of a field: ``*``, ``5``, ``1-5``, each with ``/step`` or not."""
    span, slash, step_text = part.partition("/")
    if "/" in step_text:
        raise ValueError(f'{quote(part)} has more than one "/"')
    low, high = _span(rule, span, open_ended=bool(slash))
    step = 1
    if slash:
        if not re.fullmatch(r"\+?[0-9]{1,18}", step_text) or int(step_text) == 0:
            raise ValueError(f"{quote(part)} needs a whole number above 0 after the slash")
        step = int(step_text)
    if low < rule.low or high > rule.high:
        raise ValueError(f"{quote(part)} is outside {rule.low} to {rule.high}{_sunday(rule, high)}")
    if low > high:
        raise ValueError(f"{quote(part)} runs backwards: write {low}-{rule.high},{rule.low}-{high}")
    return range(low, high + 1, step)


def _span(rule: _Field, text: str, *, open_ended: bool) -> tuple[int, int]:
    """First and last number; ``N/step`` runs to the end of the field."""
    first, dash, last = text.partition("-")
    # robfig/cron ignores what follows "*-": "*-5" is "*".
    if first in ("*", "?"):
        return rule.low, rule.high
    if "-" in last:
        raise ValueError(f'{quote(text)} has more than one "-"')
    low = rule.number(first)
    if dash:
        return low, rule.number(last)
    return low, rule.high if open_ended else low


def _sunday(rule: _Field, high: int) -> str:
    return "; Sunday is 0" if rule is _WEEKDAY and high == 7 else ""


def _is_star(word: str) -> bool:
    """Whether a day field does not restrict, so that the other day field alone decides.

    With a step above 1 it restricts: then either of the two day fields is enough.
    """
    for part in word.split(","):
        span, _, step = part.partition("/")
        if span.split("-", maxsplit=1)[0] in ("*", "?") and int(step or 1) == 1:
            return True
    return False
