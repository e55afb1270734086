"""Addresses of the API."""

from django.urls import path

from totalize.web.api.service import api

app_name = "api"
urlpatterns = [path("", api.urls)]
