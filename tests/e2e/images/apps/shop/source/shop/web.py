"""Places orders: POST /orders/NUMBER gives a task, GET /tasks/ID its state."""

from celery.result import AsyncResult
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from shop.tasks import place_order


def health(get_response):
    """Answer the kubelet, whose requests name no host of ALLOWED_HOSTS."""

    def respond(request):
        return HttpResponse("ok") if request.path == "/healthz" else get_response(request)

    return respond


@require_POST
def orders(_request, number):
    return JsonResponse({"task": place_order.delay(number).id})


@require_GET
def tasks(_request, identifier):
    result = AsyncResult(str(identifier))
    value = result.result if result.successful() else None
    return JsonResponse({"state": result.state, "result": value})
