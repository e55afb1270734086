"""Addresses of this app's pages."""

from django.urls import path

from totalize.web.employers.views import (
    affiliates,
    asking,
    board,
    bundles,
    imports,
    payroll,
    webhooks,
)

app_name = "employers"
urlpatterns = [
    path("", board.start, name="start"),
    path("<uuid:organisation_id>/", board.show, name="board"),
    path("<uuid:organisation_id>/board.<str:form>", board.download, name="export"),
    path("<uuid:organisation_id>/applications/", asking.start, name="ask"),
    path("<uuid:organisation_id>/files/", bundles.index, name="bundles"),
    path("<uuid:organisation_id>/files/<uuid:bundle_id>/", bundles.show, name="bundle"),
    path("<uuid:organisation_id>/files/<uuid:bundle_id>.zip", bundles.download, name="fetch"),
    path("<uuid:organisation_id>/people/<uuid:dossier_id>/", board.person, name="person"),
    path("<uuid:organisation_id>/import/", imports.upload, name="import"),
    path("<uuid:organisation_id>/import/<uuid:batch_id>/", imports.batch, name="batch"),
    path("<uuid:organisation_id>/import/<uuid:batch_id>/errors.csv", imports.errors, name="errors"),
    path("<uuid:organisation_id>/import/<uuid:batch_id>/take/", imports.take, name="take"),
    path("<uuid:organisation_id>/import/<uuid:batch_id>/undo/", imports.undo, name="undo"),
    path("<uuid:organisation_id>/affiliates/", affiliates.register, name="affiliates"),
    path("<uuid:organisation_id>/affiliates/new/", affiliates.change, name="new_affiliate"),
    path(
        "<uuid:organisation_id>/affiliates/<uuid:affiliate_id>/",
        affiliates.change,
        name="affiliate",
    ),
    path(
        "<uuid:organisation_id>/affiliates/<uuid:affiliate_id>/remove/",
        affiliates.remove,
        name="remove_affiliate",
    ),
    path("<uuid:organisation_id>/payroll/", payroll.show, name="payroll"),
    path("<uuid:organisation_id>/payroll.csv", payroll.download, name="payroll_csv"),
    path("<uuid:organisation_id>/webhooks/", webhooks.show, name="webhooks"),
    path(
        "<uuid:organisation_id>/webhooks/<uuid:endpoint_id>/remove/",
        webhooks.remove,
        name="remove_webhook",
    ),
    path(
        "<uuid:organisation_id>/webhooks/sent/<uuid:delivery_id>/again/",
        webhooks.replay,
        name="replay",
    ),
]
