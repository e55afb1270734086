"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.applications.views import after, documents, draft, lists, sending, sides

app_name = "applications"
urlpatterns = [
    path("", lists.index, name="list"),
    path("start/", lists.start, name="start"),
    path("confirm/<str:token>/", sides.confirm, name="confirm"),
    path("request-anchors.pem", documents.anchors, name="anchors"),
    path("<uuid:application_id>/", after.detail, name="detail"),
    path("<uuid:application_id>/page/<slug:slug>/", draft.page, name="page"),
    path("<uuid:application_id>/exception/", sending.exception, name="exception"),
    path("<uuid:application_id>/documents/", documents.documents, name="documents"),
    path("<uuid:application_id>/documents/<uuid:upload_id>/", documents.document, name="document"),
    path(
        "<uuid:application_id>/documents/<uuid:upload_id>/remove/",
        documents.remove,
        name="document-remove",
    ),
    path("<uuid:application_id>/other-side/", sides.other_side, name="other-side"),
    path("<uuid:application_id>/send/", sending.send, name="send"),
    path("<uuid:application_id>/papers/", sending.pack, name="pack"),
    path("<uuid:application_id>/proof/", documents.proof, name="proof"),
    path("<uuid:application_id>/questions/", after.questions, name="questions"),
    path("<uuid:application_id>/answer/", after.answer, name="answer"),
    path("<uuid:application_id>/take-back/", after.take_back, name="take-back"),
    path("<uuid:application_id>/contest/", after.contest, name="contest"),
    path("<uuid:application_id>/certificate/", after.certificate, name="certificate"),
    path(
        "<uuid:application_id>/certificate/<uuid:upload_id>/",
        after.certificate_facts,
        name="certificate-facts",
    ),
]
