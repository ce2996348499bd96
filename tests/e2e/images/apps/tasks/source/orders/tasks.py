"""The application of examples/rabbitmq: orders in Celery's default queue, invoices in their own."""

import jobs
from celery import Celery

app = Celery("orders")
app.conf.task_routes = {"orders.invoice": {"queue": "invoices"}}
jobs.schedule(app)


@app.task(name="orders.order")
def order(number):
    """Accept an order, whose invoice another worker set writes."""
    invoice.delay(number)
    return number


@app.task(name="orders.invoice", bind=True)
def invoice(self, number):
    """Write down which worker wrote it, in the hash ``invoices``."""
    jobs.store().hset("invoices", number, self.request.hostname)
    return number
