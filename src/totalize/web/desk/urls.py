"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("search/", views.search, name="search"),
    path("review/", views.review, name="review"),
    path("times/", views.times, name="times"),
    path("letters/<int:decision_id>/", views.letter, name="letter"),
    path("<uuid:application_id>/", views.case, name="case"),
    path("<uuid:application_id>/take/", views.take, name="take"),
    path("<uuid:application_id>/release/", views.release, name="release"),
    path("<uuid:application_id>/again/", views.again, name="again"),
    path("<uuid:application_id>/issue/", views.issue, name="issue"),
    path("<uuid:application_id>/ask/", views.ask, name="ask"),
    path("<uuid:application_id>/refuse/", views.refuse, name="refuse"),
    path("<uuid:application_id>/exception/", views.exception, name="exception"),
    path("<uuid:application_id>/consult/", views.consult, name="consult"),
    path("<uuid:application_id>/hear/", views.hear, name="hear"),
    path("<uuid:application_id>/second/", views.second, name="second"),
    path("<uuid:application_id>/send-back/", views.send_back, name="send_back"),
    path("<uuid:application_id>/number/<str:country>/", views.number, name="number"),
    path("<uuid:application_id>/documents/<uuid:upload_id>/", views.document, name="document"),
]
