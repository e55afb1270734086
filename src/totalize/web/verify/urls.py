"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.verify import views

app_name = "verify"
urlpatterns = [
    path("", views.start, name="start"),
    path("record.pdf", views.record, name="record"),
]
