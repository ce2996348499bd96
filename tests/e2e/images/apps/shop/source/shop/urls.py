from django.urls import path

from shop import web

urlpatterns = [
    path("orders/<int:number>", web.orders),
    path("tasks/<uuid:identifier>", web.tasks),
]
