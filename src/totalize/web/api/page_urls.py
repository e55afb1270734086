"""Addresses of the page on which an account keeps its tokens."""

from django.urls import path

from totalize.web.api import views

app_name = "tokens"
urlpatterns = [
    path("", views.show, name="list"),
    path("<uuid:token_id>/end/", views.revoke, name="revoke"),
]
