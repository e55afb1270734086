"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.front, name="front"),
    path("home/", views.home, name="home"),
]
