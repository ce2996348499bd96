"""Send a task many times, and wait for its results if asked: a client for tests.

    python -m send --app tasks jobs.add --arguments '[1, 2]' --count 100 --queue emails --wait 60

In a generated pod, put ``sh /etc/celery-kustomize/modules/run.sh`` before it: the settings of the
spec come with that. ``{i}`` in the arguments becomes the number of the message, from 0. Prints the
results, one JSON value a line, or, without --wait, the task identifiers. Exit code 1: a task failed
or a result did not come in time.
"""

import argparse
import json
import sys
import time

from celery.app.utils import find_app
from celery.exceptions import TimeoutError as ResultTimeoutError


def main():
    parser = argparse.ArgumentParser(prog="send")
    parser.add_argument("task")
    parser.add_argument("--app", required=True)
    parser.add_argument("--arguments", default="[]")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--queue")
    parser.add_argument("--wait", type=float, metavar="SECONDS")
    options = parser.parse_args()

    app = find_app(options.app)
    results = []
    for i in range(options.count):
        arguments = json.loads(options.arguments.replace("{i}", str(i)))
        results.append(app.send_task(options.task, arguments, queue=options.queue))
    if options.wait is None:
        sys.stdout.writelines(f"{result.id}\n" for result in results)
        return 0
    end, failed = time.monotonic() + options.wait, 0
    for result in results:
        try:
            value = result.get(timeout=max(0.01, end - time.monotonic()))
        except ResultTimeoutError:
            failed += 1
            value = {"error": "no result in time"}
        except Exception as error:  # noqa: BLE001 - whatever the task raised
            failed += 1
            value = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(f"{json.dumps(value)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
