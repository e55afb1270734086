"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.certificates import views

app_name = "certificates"
urlpatterns = [
    path("status", views.status, name="status"),
    path("anchors", views.anchors, name="anchors"),
    path("withdrawals/", views.withdrawals, name="withdrawals"),
    path("withdrawals/<uuid:withdrawal_id>/second/", views.second, name="second"),
    path("withdrawals/<uuid:withdrawal_id>/send-back/", views.send_back, name="send_back"),
    path("<uuid:issued_id>/", views.show, name="show"),
    path("<uuid:issued_id>/pdf", views.pdf, name="pdf"),
    path("<uuid:issued_id>/credential", views.credential, name="credential"),
    path("<uuid:issued_id>/amend/", views.amend, name="amend"),
    path("<uuid:issued_id>/withdraw/", views.withdraw, name="withdraw"),
]
