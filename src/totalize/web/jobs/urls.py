"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.jobs import views

app_name = "jobs"
urlpatterns = [
    path("first/<str:token>/", views.first_administrator, name="first_administrator"),
]
