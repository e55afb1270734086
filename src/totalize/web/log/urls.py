"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.log import views

app_name = "log"
urlpatterns = [
    path("", views.log, name="entries"),
    path("check/", views.check, name="check"),
    path("entries/<int:sequence>/proof.json", views.proof, name="proof"),
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("checkpoints/<int:size>", views.checkpoint, name="checkpoint_of"),
    path("key", views.key, name="key"),
]
