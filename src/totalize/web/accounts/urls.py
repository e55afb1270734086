"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.accounts import office_views, views

app_name = "accounts"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("second-factor/", views.second_factor, name="second_factor"),
    path("kept-form/", views.kept_form, name="kept_form"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/end/", views.end_sessions, name="end_sessions"),
    path("organisations/new/", views.new_organisation, name="new_organisation"),
    path("organisations/<uuid:organisation_id>/", views.organisation, name="organisation"),
    path("organisations/<uuid:organisation_id>/invite/", views.invite, name="invite"),
    path(
        "organisations/<uuid:organisation_id>/invitations/<uuid:invitation_id>/end/",
        views.uninvite,
        name="uninvite",
    ),
    path(
        "organisations/<uuid:organisation_id>/members/<uuid:user_id>/",
        views.change_member,
        name="change_member",
    ),
    path("organisations/<uuid:organisation_id>/leave/", views.leave, name="leave"),
    path("organisations/<uuid:organisation_id>/sign-on/", office_views.provider, name="provider"),
    path("invitations/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("mandates/for/<uuid:adviser_id>/", views.give_mandate, name="give_mandate"),
    path("mandates/<uuid:mandate_id>/end/", views.end_mandate, name="end_mandate"),
    path("installation/", office_views.installation, name="installation"),
    path("first/<str:token>/", office_views.first_administrator, name="first_administrator"),
    path("installation/people/<uuid:user_id>/role/", office_views.set_office, name="set_office"),
    path("installation/people/<uuid:user_id>/open/", office_views.set_active, name="set_active"),
    path(
        "installation/people/<uuid:user_id>/second-factor/",
        office_views.reset_factors,
        name="reset_factors",
    ),
    path("installation/providers/<int:provider_id>/", office_views.prove, name="prove"),
    path("sign-on/", office_views.sign_on, name="sign_on"),
    path("sign-on/<uuid:organisation_id>/", office_views.sign_on_to, name="sign_on_to"),
]
