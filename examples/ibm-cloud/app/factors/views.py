"""One page: a form, and the last numbers with what the workers found."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from factors.models import Number
from factors.tasks import factorize


class NumberForm(forms.ModelForm):
    """Accepts numbers that a worker factorizes within a minute."""

    value = forms.IntegerField(label="Number", min_value=1, max_value=10**15)

    class Meta:
        """Which field of the table the form fills."""

        model = Number
        fields = ("value",)


def index(request: HttpRequest) -> HttpResponse:
    """Show the page; a number that is sent becomes a task."""
    form = NumberForm(request.POST or None)
    if form.is_valid():
        number = form.save()
        # Not before the row can be seen by the worker.
        transaction.on_commit(lambda: factorize.delay(number.pk))
        return redirect("index")
    numbers = Number.objects.order_by("-pk")[:10]
    waiting = any(not number.factors for number in numbers)
    return render(
        request, "factors/index.html", {"form": form, "numbers": numbers, "waiting": waiting}
    )
