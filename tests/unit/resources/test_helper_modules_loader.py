"""The loader with a real Celery: which settings an application ends up with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.runtime.celery_python import evaluate

if TYPE_CHECKING:
    from pathlib import Path

_LOADER = "celery_kustomize_loader:Loader"

_GIVEN: dict[str, Any] = {
    "task_acks_late": True,
    "timezone": "Asia/Tokyo",
    "broker_transport_options": {"visibility_timeout": 7200},
    "task_routes": {"emails.*": {"queue": "emails"}},
    "worker_prefetch_multiplier": 7,
    "imports": ["csv"],
}

_PREPARE = """
import pickle, sys, types
from celery import Celery
OWN = {"task_acks_late": False, "timezone": "UTC", "broker_transport_options": {"x": 1},
       "task_routes": {}, "worker_prefetch_multiplier": 2, "imports": ["re"]}
OLD = {"CELERY_ACKS_LATE": False, "CELERY_TIMEZONE": "UTC", "BROKER_TRANSPORT_OPTIONS": {"x": 1},
       "CELERY_ROUTES": {}, "CELERYD_PREFETCH_MULTIPLIER": 2, "CELERY_IMPORTS": ["re"]}
PREFIXED = {"CELERY_" + key.upper(): value for key, value in OWN.items()}

def module(values):
    made = types.ModuleType("own_settings")
    vars(made).update(values)
    sys.modules["own_settings"] = made
    return "own_settings"

def made(read=False, **kwargs):
    app = Celery("shop", set_as_current=False, **kwargs)
    if read:
        app.conf.task_always_eager
    return app
"""

# How an application sets what the folder sets too; each leaves it in `app`.
_WAYS = {
    "constructor": "app = made(changes=dict(OWN))",
    "attributes": "app = made()\nfor k, v in OWN.items(): setattr(app.conf, k, v)",
    "items": "app = made()\nfor k, v in OWN.items(): app.conf[k] = v",
    "update": "app = made()\napp.conf.update(OWN)",
    "old names": "app = made()\napp.conf.update(OLD)",
    "object": "app = made()\napp.config_from_object(dict(OWN))",
    "module": "app = made()\napp.config_from_object(module(OWN))",
    "module of old names": "app = made()\napp.config_from_object(module(OLD))",
    "namespace (Django)": (
        "app = made()\napp.config_from_object(module(PREFIXED), namespace='CELERY')"
    ),
    "namespace, then update": (
        "app = made()\napp.config_from_object(module({}), namespace='CELERY')\n"
        "app.conf.task_always_eager\napp.conf.update(PREFIXED)"
    ),
    "attributes, after reading": (
        "app = made(read=True)\nfor k, v in OWN.items(): setattr(app.conf, k, v)"
    ),
    "update, after reading": "app = made(read=True)\napp.conf.update(OWN)",
    "old names, after reading": "app = made(read=True)\napp.conf.update(OLD)",
    "pop, after reading": "app = made(read=True)\nfor k in OWN: app.conf.pop(k)",
    "clear, after reading": "app = made(read=True)\napp.conf.clear()",
    "setdefault": "app = made(read=True)\nfor k, v in OWN.items(): app.conf.setdefault(k, v)",
    "configured again": "app = made(read=True)\napp.config_from_object(dict(OWN), force=True)",
    "add_defaults": "app = made()\napp.add_defaults(lambda: dict(OWN))",
    "add_defaults, after reading": "app = made(read=True)\napp.add_defaults(dict(OWN))",
    "on_after_configure": (
        "app = made()\n"
        "app.on_after_configure.connect(lambda sender, **_: sender.conf.update(OWN), weak=False)"
    ),
    "on_after_finalize": (
        "app = made()\n"
        "app.on_after_finalize.connect(lambda sender, **_: sender.conf.update(OWN), weak=False)\n"
        "app.finalize()"
    ),
    "loader of its class": (
        "class Own(Celery): loader_cls = 'celery.loaders.app:AppLoader'\n"
        "app = Own('shop', changes=dict(OWN))"
    ),
    "pickled": "app = made(changes=dict(OWN))\napp.conf.timezone\n"
    "app = pickle.loads(pickle.dumps(app))",
    "pickled with old names": "app = made()\napp.conf.update(OLD)\napp.conf.timezone\n"
    "app = pickle.loads(pickle.dumps(app))",
}

_SHOW = """
    results[way] = {
        "attributes": {key: getattr(app.conf, key) for key in OWN},
        "items": {key: app.conf[key] for key in OWN},
        "all": {key: dict(app.conf.items())[key] for key in OWN},
        "old": app.conf.CELERY_ACKS_LATE,
        "timezone": str(app.timezone),
    }
"""


def _folder(tmp_path: Path, settings: dict[str, Any]) -> dict[str, str]:
    folder = tmp_path / "settings"
    folder.mkdir()
    for name, value in settings.items():
        (folder / name).write_text(value if isinstance(value, str) else json.dumps(value))
    return {"CELERY_LOADER": _LOADER, "CELERY_KUSTOMIZE_SETTINGS": str(folder)}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    tmp_path = tmp_path_factory.mktemp("ways")
    loop = f"results = {{}}\nfor way, code in {_WAYS!r}.items():\n    exec(code){_SHOW}"
    result: dict[str, Any] = evaluate(
        f"{_PREPARE}\n{loop}\nresult = results", tmp_path, _folder(tmp_path, _GIVEN)
    )
    return result


@pytest.mark.parametrize("way", _WAYS)
def test_given_settings_win(way: str, outcomes: dict[str, Any]) -> None:
    assert outcomes[way] == {
        "attributes": _GIVEN,
        "items": _GIVEN,
        "all": _GIVEN,
        "old": True,
        "timezone": "Asia/Tokyo",
    }


def test_an_explicit_loader_is_not_reached(tmp_path: Path) -> None:
    code = "from celery import Celery\nresult = Celery('x', loader='app').conf.task_acks_late"
    assert evaluate(code, tmp_path, _folder(tmp_path, _GIVEN)) is False


def test_other_settings_stay_the_applications(tmp_path: Path) -> None:
    code = f"{_PREPARE}\napp = made(read=True)\napp.conf.result_expires = 5\n" + (
        "del app.conf['result_expires']\napp.conf.task_default_priority = 3\n"
        "result = [app.conf.result_expires == 5, app.conf.task_default_priority]"
    )
    assert evaluate(code, tmp_path, _folder(tmp_path, _GIVEN)) == [False, 3]


_SENTINEL = {"sentinel_kwargs": {"password": "$(SENTINEL_PASSWORD)", "db": "$(ABSENT)"}}


def test_transport_options_take_variables(tmp_path: Path) -> None:
    """A sentinel's password stands in no URL, and no file may hold it."""
    env = _folder(tmp_path, {"broker_transport_options": _SENTINEL, "task_routes": {"a": "$(A)"}})
    code = """
from celery import Celery
app = Celery("shop")
given = app.loader.cmdline_config_parser(
    ['result_backend_transport_options=(dict){"a": "$(SENTINEL_PASSWORD)"}']
)
result = [app.conf.broker_transport_options, app.conf.task_routes, given]
"""
    found = evaluate(code, tmp_path, {**env, "SENTINEL_PASSWORD": "s3cret", "A": "b"})
    assert found == [
        {"sentinel_kwargs": {"password": "s3cret", "db": "$(ABSENT)"}},
        {"a": "$(A)"},
        {"result_backend_transport_options": {"a": "s3cret"}},
    ]


@pytest.mark.parametrize("read", [False, True])
def test_the_command_line_wins(tmp_path: Path, *, read: bool) -> None:
    code = f"{_PREPARE}\napp = made(read={read})\n" + (
        "app.config_from_cmdline(['worker.prefetch_multiplier=3'], namespace='worker')\n"
        "app.conf.task_acks_late = False\n"
        "result = [app.conf.worker_prefetch_multiplier, app.conf.task_acks_late]"
    )
    assert evaluate(code, tmp_path, _folder(tmp_path, _GIVEN)) == [3, True]


@pytest.mark.parametrize("namespace", [None, "CELERY"])
def test_celery_can_write_what_it_writes_itself(tmp_path: Path, namespace: str | None) -> None:
    # WorkController.setup_includes, so that spawned children import the same modules.
    code = f"{_PREPARE}\napp = made()\n" + (
        f"app.config_from_object(module({{'CELERY_INCLUDE': ['re']}}), namespace={namespace!r})\n"
        "first = app.conf.include\napp.conf.include = (*first, 'string')\n"
        "result = [first, app.conf.include]"
    )
    given = _folder(tmp_path, {"include": ["csv"]})
    assert evaluate(code, tmp_path, given) == [["csv"], ["csv", "string"]]


def test_schedules_are_merged_by_name(tmp_path: Path) -> None:
    code = f"{_PREPARE}\napp = made()\n" + (
        "app.conf.beat_schedule = {'both': {'task': 'own', 'schedule': 1},\n"
        "                          'own': {'task': 'own', 'schedule': 1}}\n"
        "@app.task\ndef ping(): pass\n"
        "@app.on_after_configure.connect(weak=False)\n"
        "def more(sender, **_): sender.add_periodic_task(9.0, ping.s(), name='handler')\n"
        "app.add_periodic_task(9.0, ping.s(), name='direct')\n"
        "schedule = app.conf.beat_schedule\n"
        "line = schedule['line']['schedule']\n"
        "result = [sorted(schedule), schedule['both']['task'], schedule['both']['schedule'],\n"
        "          [sorted(getattr(line, field)) for field in ('minute', 'hour', 'day_of_month',\n"
        "           'month_of_year', 'day_of_week')]]"
    )
    given = {
        "beat_schedule": {
            "both": {"task": "given", "schedule": 30},
            "line": {"task": "given", "schedule": "0,30 8 1 */6 1-5"},
        }
    }
    assert evaluate(code, tmp_path, _folder(tmp_path, given)) == [
        ["both", "direct", "handler", "line", "own"],
        "given",
        30,
        [[0, 30], [8], [1], [1, 7], [1, 2, 3, 4, 5]],
    ]


def test_queues_and_routes_as_json(tmp_path: Path) -> None:
    code = f"{_PREPARE}\napp = made()\n" + (
        "queue = app.amqp.queues['emails']\n"
        "routed = app.amqp.router.route({}, 'emails.send')['queue'].name\n"
        "result = [queue.routing_key, queue.queue_arguments, routed]"
    )
    given = {
        **_GIVEN,
        "task_queues": {
            "emails": {"routing_key": "mail", "queue_arguments": {"x-max-priority": 10}}
        },
    }
    assert evaluate(code, tmp_path, _folder(tmp_path, given)) == [
        "mail",
        {"x-max-priority": 10},
        "emails",
    ]


def test_the_implicit_application_keeps_its_configuration_module(tmp_path: Path) -> None:
    (tmp_path / "celeryconfig.py").write_text("task_default_queue = 'own'\ntimezone = 'UTC'\n")
    code = "from celery import current_app as app\n" + (
        "result = [app.main, app.conf.task_default_queue, app.conf.timezone]"
    )
    given = _folder(tmp_path, _GIVEN)
    assert evaluate(code, tmp_path, given) == ["default", "own", "Asia/Tokyo"]


def test_values_of_a_folder(tmp_path: Path) -> None:
    code = f"{_PREPARE}\nconf = made().conf\n" + (
        "result = [conf.timezone, conf.result_expires, conf.task_always_eager, conf.task_queues,\n"
        "          conf.first_of_ours]"
    )
    given = _folder(
        tmp_path,
        {
            "timezone": "Asia/Tokyo\n",
            "result_expires": "60\n",
            "task_always_eager": "true",
            "task_queues": "null",
            "first_of_ours": '"60"',
            "..data": "a ConfigMap's volume has hidden entries",
        },
    )
    assert evaluate(code, tmp_path, given) == ["Asia/Tokyo", 60, True, None, "60"]


def test_one_json_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(_GIVEN))
    code = f"{_PREPARE}\nconf = made(changes=dict(OWN)).conf\nresult = {{k: conf[k] for k in OWN}}"
    variables = {"CELERY_LOADER": _LOADER, "CELERY_KUSTOMIZE_SETTINGS": str(file)}
    assert evaluate(code, tmp_path, variables) == _GIVEN


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("settings.json", "{", "Expecting property name enclosed in double quotes"),
        ("settings.json", "[]", "settings.json: not a JSON object"),
        ("other.json", "{}", "No such file or directory"),
        (
            "settings.json",
            '{"beat_schedule": {"nightly": {"task": "x", "schedule": "@daily"}}}',
            "settings.json: beat_schedule: nightly: '@daily' is not a crontab line of five fields",
        ),
        (
            "settings.json",
            '{"beat_schedule": {"nightly": {"task": "x", "schedule": "0 25 * * *"}}}',
            "settings.json: beat_schedule: nightly: '0 25 * * *' is not a crontab line",
        ),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    code = f"{_PREPARE}\n" + (
        "try:\n    made(read=True)\nexcept Exception as error:\n"
        "    result = [type(error).__name__, str(error)]"
    )
    path = str(tmp_path / "settings.json")
    variables = {"CELERY_LOADER": _LOADER, "CELERY_KUSTOMIZE_SETTINGS": path}
    kind, shown = evaluate(code, tmp_path, variables)
    assert kind == "ImproperlyConfigured"
    assert shown.startswith(f"CELERY_KUSTOMIZE_SETTINGS={path}: ")
    assert message in shown
