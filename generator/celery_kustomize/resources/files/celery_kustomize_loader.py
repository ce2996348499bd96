"""A Celery loader that applies the settings of a folder over the application's own.

Chosen by ``CELERY_LOADER=celery_kustomize_loader:Loader``. ``CELERY_KUSTOMIZE_SETTINGS`` is a
folder (a mounted ConfigMap) with a file for each setting, named by it in lower case: its value as
JSON, or else as plain text. It may also be one file: a JSON object of all settings.

What wins, the same in Celery 5.2.7, 5.3.6, 5.4.0, 5.5.3, 5.6.0 and 5.7.0:

- A setting of the folder wins over ``Celery(...)`` arguments, ``app.conf`` (attributes, items and
  ``update``, before and after the configuration is first read), ``config_from_object`` (objects
  and module names, with or without ``namespace``, again with ``force=True``), ``add_defaults``,
  ``CELERY_CONFIG_MODULE`` and old upper-case names. The value is replaced whole, so that of
  ``broker_transport_options`` is too.
- ``$(NAME)`` in transport options stands for an environment variable, for passwords that have no
  place in a URL (a sentinel's own).
- ``beat_schedule`` is merged by entry name: an entry of the folder replaces the application's of
  that name, others stay. A text ``schedule`` is a crontab line (``"30 8 * * 1-5"``: minute, hour,
  day of month, month, day of week); a number is in seconds.
- ``key=value`` after ``--`` and options of the command line, task options
  (``@app.task(acks_late=True)``) and ``CELERY_BROKER_URL``, ``CELERY_RESULT_BACKEND`` win over
  the folder.
- Settings that Celery itself writes while it starts (``include``, ``broker_connection_timeout``,
  ``worker_disable_prefetch``) can still be written once the configuration has been read.

Not reached: an application made with ``Celery(loader=...)``, since Celery then ignores
``CELERY_LOADER``, and one whose ``app.conf`` object is replaced (``app.conf = ...``). Every
application of the process is reached, as by Celery's own environment variables.

Needs only Celery (5.2 or newer) and Python 3.8.
"""

# mypy: disable-error-code="import-untyped, misc, no-any-return, type-arg"

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from celery.exceptions import ImproperlyConfigured
from celery.loaders.app import AppLoader
from celery.loaders.default import Loader as DefaultLoader
from celery.schedules import ParseException, crontab

__all__ = ["Loader"]

_VARIABLE = "CELERY_KUSTOMIZE_SETTINGS"
_OPTIONS = "_transport_options"
_REFERENCE = re.compile(r"\$\((\w+)\)")
_CELERY_WRITES = ("include", "broker_connection_timeout", "worker_disable_prefetch")


class Loader(AppLoader):
    """Celery's application loader, with the given settings over the application's."""

    def __init__(self, app: Any, **kwargs: Any) -> None:
        """Read the settings."""
        super().__init__(app, **kwargs)
        self._settings = _read(os.environ.get(_VARIABLE, ""))
        self._connected = False

    @property
    def conf(self) -> Any:
        """The configuration module's settings; Celery asks for them when it configures."""
        if not self._connected:
            self._connected = True
            configured = self.app.on_after_configure
            configured.connect(self._apply, weak=False)
            # First, so that the application's own handlers see the settings and can add to them.
            configured.receivers.insert(0, configured.receivers.pop())
        return super().conf

    def read_configuration(self, env: str = "CELERY_CONFIG_MODULE") -> Any:
        """Settings of the configuration module, as the loader that this one replaces reads them."""
        if self.app.main == "default" and not self.app.fixups:
            # Celery's implicit application, which would have its default loader.
            return DefaultLoader(self.app).read_configuration()
        return super().read_configuration(env)

    def cmdline_config_parser(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Settings after ``--`` on the command line: they win."""
        given = _with_variables(super().cmdline_config_parser(*args, **kwargs))
        self._settings = {k: v for k, v in self._settings.items() if k not in given}
        if self.app.configured:
            self._apply(source=self.app.conf)
        return given

    def _apply(self, source: Any, **_: Any) -> None:
        settings = dict(self._settings)
        if "beat_schedule" in settings:
            own = source.get("beat_schedule") or {}
            settings["beat_schedule"] = {**own, **settings["beat_schedule"]}
        changes = _Changes(source, settings)
        source.__dict__["changes"] = source.maps[0] = changes


class _Changes(dict):
    """The first map in which Celery looks a setting up; here the given settings stay as they are.

    Each stands under all its names (with the namespace's prefix, new, old): before 5.7 Celery
    looks for one name in all its maps, then for the next name.
    """

    def __init__(self, conf: Any, settings: dict[str, Any]) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._given: dict[str, Any] = {}
        self._fixed: set[str] = set()
        for key, value in settings.items():
            names = _names(conf, key)
            self._names.update(dict.fromkeys(names, names))
            self._given.update(dict.fromkeys(names, value))
            self._fixed.update(() if key in _CELERY_WRITES else names)
        own = {key: value for key, value in conf.changes.items() if key not in self._given}
        super().__init__(own, **self._given)

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self._fixed:
            for name in self._names.get(key, (key,)):
                super().__setitem__(name, value)

    def __delitem__(self, key: str) -> None:
        if key not in self._fixed:
            super().__delitem__(key)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self.get(key)

    def pop(self, key: str, *default: Any) -> Any:
        return self.get(key, *default) if key in self._fixed else super().pop(key, *default)

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def __reduce__(self) -> Any:
        # A pickled application gets the given settings from its own loader.
        own = {key: value for key, value in self.items() if self._given.get(key, self) is not value}
        return dict, (own,)


def _names(conf: Any, key: str) -> tuple[str, ...]:
    old_and_new = (convert(key) for convert in conf._keys or ())  # noqa: SLF001
    return (*conf._to_keys(key), *old_and_new)  # noqa: SLF001


def _read(path: str) -> dict[str, Any]:
    try:
        settings = _read_folder(Path(path)) if path and Path(path).is_dir() else _read_file(path)
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{_VARIABLE}={path}: {error}") from error
    for name, entry in (settings.get("beat_schedule") or {}).items():
        if isinstance(entry.get("schedule"), str):
            entry["schedule"] = _crontab(entry["schedule"], f"{path}: beat_schedule: {name}")
    return _with_variables(settings)


def _with_variables(settings: dict[str, Any]) -> dict[str, Any]:
    """``$(NAME)`` in transport options stands for a variable: a password that no file may hold."""
    return {k: _expand(v) if k.endswith(_OPTIONS) else v for k, v in settings.items()}


def _expand(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _expand(item) for key, item in value.items()}
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: os.environ.get(found[1], found[0]), value)
    return value


def _read_folder(folder: Path) -> dict[str, Any]:
    # A ConfigMap's volume has hidden folders besides.
    files = [file for file in folder.iterdir() if not file.name.startswith(".")]
    return {file.name: _value(file.read_text(encoding="utf-8")) for file in files}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.rstrip("\n")


def _read_file(path: str) -> dict[str, Any]:
    settings = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(settings, dict):
        raise ValueError("not a JSON object")
    return settings


def _crontab(line: str, place: str) -> crontab:
    fields = line.split()
    try:
        minute, hour, day_of_month, month_of_year, day_of_week = fields
        return crontab(minute, hour, day_of_week, day_of_month, month_of_year)
    except (ValueError, ParseException) as error:
        raise ImproperlyConfigured(
            f"{_VARIABLE}={place}: {line!r} is not a crontab line of five fields: {error}"
        ) from error
