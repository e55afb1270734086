"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.check import views
from totalize.web.check import views_result as result

app_name = "check"
urlpatterns = [
    path("", views.start, name="start"),
    path("question/<path:key>/", views.question, name="question"),
    path("answers/", views.answers, name="answers"),
    path("result/", result.show, name="result"),
    path("result/money/", result.money, name="money"),
    path("result/filing/", result.filing, name="filing"),
    path("result/answer.pdf", result.pdf, name="pdf"),
    path("result/case.yaml", result.case, name="case"),
    path("result/dates.ics", result.calendar, name="calendar"),
    path("result/apply/", result.apply, name="apply"),
    path("agreements/", views.agreements, name="agreements"),
    path("agreements/<str:country>/", views.agreement, name="agreement"),
]
