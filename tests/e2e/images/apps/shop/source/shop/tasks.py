import time

from celery import shared_task


@shared_task
def place_order(number):
    """Runs in the queue ``default``, and what it sends in ``emails``."""
    send_receipt.delay(number)
    return number


@shared_task
def send_receipt(number):
    return f"receipt {number}"


@shared_task
def report(seconds=1):
    """Runs in the queue ``reports``."""
    time.sleep(seconds)
    return "report"
