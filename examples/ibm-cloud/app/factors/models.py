"""The one table."""

from django.db import models


class Number(models.Model):
    """A number that was entered, and its prime factors once a worker has found them."""

    value = models.PositiveBigIntegerField()
    factors = models.CharField(max_length=400, blank=True)
    worker = models.CharField(max_length=253, blank=True)
    entered = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.value} = {self.factors or '?'}"
