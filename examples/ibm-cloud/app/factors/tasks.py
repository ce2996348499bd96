"""What the workers do."""

from collections.abc import Iterator
from datetime import timedelta

from celery import Task, shared_task
from django.utils import timezone

from factors.models import Number


@shared_task(bind=True)
def factorize(self: Task, pk: int) -> None:
    """Find the prime factors of a number in the table, and write them there."""
    number = Number.objects.get(pk=pk)
    number.factors = " · ".join(str(factor) for factor in prime_factors(number.value))
    number.worker = self.request.hostname
    number.save()


@shared_task
def delete_old() -> None:
    """Keep the numbers of a day. Beat sends this every hour."""
    Number.objects.filter(entered__lt=timezone.now() - timedelta(days=1)).delete()


def prime_factors(value: int) -> Iterator[int]:
    """The prime factors, smallest first; of 1, and of a prime, the number itself."""
    factor = 2
    while factor * factor <= value:
        while value % factor == 0 and value > factor:
            yield factor
            value //= factor
        factor += 1
    yield value
