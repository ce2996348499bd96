"""A stand-in for celery-exporter 0.12, which no package registry has.

It takes those of its options that the generated pods and their users write, as arguments or as
variables (``CE_BROKER_URL``), refuses others, and serves ``/metrics`` and ``/health`` on the same
port. Of its metrics there are the counters of tasks, the workers that are up, and the queues'
lengths, under the same names and labels.
"""

import logging
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import click
from celery import Celery
from celery.utils import nodesplit
from kombu.exceptions import ChannelError
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, generate_latest

_LABELS = ["name", "hostname", "queue_name"]
_COUNTERS = {
    "task-sent": Counter("celery_task_sent", "Tasks published.", _LABELS),
    "task-received": Counter("celery_task_received", "Tasks that a worker received.", _LABELS),
    "task-started": Counter("celery_task_started", "Tasks that a worker started.", _LABELS),
    "task-succeeded": Counter("celery_task_succeeded", "Tasks that succeeded.", _LABELS),
    "task-failed": Counter("celery_task_failed", "Tasks that failed.", [*_LABELS, "exception"]),
    "task-retried": Counter("celery_task_retried", "Tasks that are tried again.", _LABELS),
}
_WORKER_UP = Gauge("celery_worker_up", "Whether a worker sent a heartbeat of late.", ["hostname"])
_QUEUE_LENGTH = Gauge("celery_queue_length", "Messages in a queue.", ["queue_name"])


def _pairs(_context, _parameter, values):
    pairs = dict(value.split("=", 1) for value in values)
    return {key: int(value) if value.isdigit() else value for key, value in pairs.items()}


@click.command()
@click.option("--broker-url", required=True)
@click.option("--broker-transport-option", multiple=True, callback=_pairs)
@click.option("--broker-ssl-option", multiple=True, callback=_pairs)
@click.option("--retry-interval", type=int, default=0)
@click.option("--host", default="0.0.0.0")
@click.option("--port", type=int, default=9808)
@click.option("--log-level", default="INFO")
@click.option("--queues", "-Q", default="")
def main(**options):
    """Export what the workers' events and the broker tell about tasks and queues."""
    logging.basicConfig(level=options["log_level"], format="%(asctime)s %(levelname)s %(message)s")
    app = Celery(broker=options["broker_url"])
    app.conf.broker_transport_options = options["broker_transport_option"]
    app.conf.broker_use_ssl = options["broker_ssl_option"] or None
    queues = [queue for queue in options["queues"].split(",") if queue]
    # The first process of a container has no default handler, and would be killed much later.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = ThreadingHTTPServer((options["host"], options["port"]), _handler(app, queues))
    Thread(target=server.serve_forever, daemon=True).start()
    logging.info("serving /metrics and /health at port %d", options["port"])
    while True:
        try:
            _follow_events(app)
        except Exception as error:
            if not options["retry_interval"]:
                raise
            logging.warning("%s: trying again in %d s", error, options["retry_interval"])
            time.sleep(options["retry_interval"])


def _follow_events(app):
    state = app.events.State()

    def count(event):
        state.event(event)
        task = state.tasks.get(event["uuid"])
        labels = {
            "name": task.name,
            "hostname": _host(event),
            "queue_name": getattr(task, "queue", None) or "celery",
        }
        if event["type"] == "task-failed":
            labels["exception"] = event.get("exception", "").partition("(")[0]
        _COUNTERS[event["type"]].labels(**labels).inc()

    def note_worker(event):
        up = event["type"] != "worker-offline"
        _WORKER_UP.labels(hostname=_host(event)).set(up)

    workers = ("worker-online", "worker-heartbeat", "worker-offline")
    handlers = dict.fromkeys(_COUNTERS, count) | dict.fromkeys(workers, note_worker)
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers=handlers)
        receiver.capture(limit=None, timeout=None, wakeup=True)


def _host(event):
    return nodesplit(event["hostname"])[1]


def _handler(app, queues):
    def metrics():
        with app.connection_for_read() as connection:
            for queue in queues:
                _QUEUE_LENGTH.labels(queue_name=queue).set(_length(connection, queue))
        return CONTENT_TYPE_LATEST, generate_latest()

    def health():
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=3)
            return "text/plain", f"Connected to the broker {connection.as_uri()}".encode()

    pages = {"/metrics": metrics, "/health": health}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages.get(self.path.partition("?")[0])
            try:
                status, (kind, body) = (200, page()) if page else (404, ("text/plain", b""))
            except Exception as error:  # noqa: BLE001 - each client library has its own
                status, kind, body = 500, "text/plain", f"{error}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, text, *values):
            logging.debug(text, *values)

    return Handler


def _length(connection, queue):
    try:
        return connection.default_channel.queue_declare(queue, passive=True).message_count
    except ChannelError:
        connection.close()  # RabbitMQ ends a channel that asks for what is not there
        return 0


if __name__ == "__main__":
    main(auto_envvar_prefix="CE")
