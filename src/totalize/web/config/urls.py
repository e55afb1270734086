"""Where each app's pages are."""

from django.urls import include, path

urlpatterns = [
    path("", include("totalize.web.pages.urls")),
    path("check/", include("totalize.web.check.urls")),
    path("verify/", include("totalize.web.verify.urls")),
    path("account/", include("allauth.urls")),
    path("people/", include("totalize.web.accounts.urls")),
    path("applications/", include("totalize.web.applications.urls")),
    path("certificates/", include("totalize.web.certificates.urls")),
    path("desk/", include("totalize.web.desk.urls")),
    path("log/", include("totalize.web.log.urls")),
    path("follow/", include("totalize.web.follow.urls")),
    path("employers/", include("totalize.web.employers.urls")),
    path("api/v1/", include("totalize.web.api.urls")),
    path("tokens/", include("totalize.web.api.page_urls")),
]
handler400 = "totalize.web.pages.views.bad_request"
handler403 = "totalize.web.pages.views.forbidden"
handler429 = "totalize.web.pages.views.too_many"
handler404 = "totalize.web.pages.views.not_found"
handler500 = "totalize.web.pages.views.server_error"
