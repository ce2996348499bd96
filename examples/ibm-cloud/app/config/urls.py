"""Addresses."""

from django.urls import path
from factors import views

urlpatterns = [path("", views.index, name="index")]
