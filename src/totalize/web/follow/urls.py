"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.follow.views import change, copies, people, refunds, shared

app_name = "follow"
urlpatterns = [
    path("", people.index, name="list"),
    path("calendar/", people.calendar, name="calendar"),
    path("calendar/<str:token>.ics", people.feed, name="feed"),
    path("reminders/<int:reminder_id>/done/", people.done, name="done"),
    path("shared/<str:token>/", shared.show, name="shared"),
    path("shared/<str:token>/document", shared.document, name="shared_document"),
    path("shares/<uuid:share_id>/end/", copies.end, name="end_share"),
    path("<uuid:dossier_id>/", people.person, name="person"),
    path("<uuid:dossier_id>/dates.ics", people.dates, name="dates"),
    path("<uuid:dossier_id>/change/", change.choose, name="choose"),
    path("<uuid:dossier_id>/change/<str:kind>/", change.change, name="change"),
    path("<uuid:dossier_id>/copies/", copies.index, name="copies"),
    path("<uuid:dossier_id>/copies/<uuid:proof_id>/pack/", copies.pack, name="pack"),
    path("<uuid:dossier_id>/paid-twice/", refunds.index, name="refunds"),
    path("<uuid:dossier_id>/paid-twice/letters.zip", refunds.letters, name="claims"),
]
