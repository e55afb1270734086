"""Documents: given, fetched, taken back."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act, public
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications import services
from totalize.web.applications.forms import UploadForm, problem_in_words
from totalize.web.applications.models import Application, Purpose, Upload
from totalize.web.applications.requestkey import request_anchors
from totalize.web.applications.services.submission import proof_of
from totalize.web.applications.states import State
from totalize.web.applications.views.common import download, find, show


@act("application.upload")
def documents(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """List the documents of an application and take another one."""
    application = find(request, application_id, "application.upload")
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data["file"]
            try:
                services.add_upload(application, given.name, given.read(), request.user)
            except InputError as error:
                form.add_error("file" if error.path == "file" else None, problem_in_words(error))
            else:
                return redirect("applications:documents", application.id)
    context = {
        "form": form,
        "uploads": application.uploads.filter(purpose=Purpose.EVIDENCE).order_by("at", "id"),
        "removable": State(application.state) is State.DRAFT,
    }
    return show(request, application, "documents", context, status=status)


@act("application.read")
def document(request: SignedInRequest, application_id: UUID, upload_id: UUID) -> HttpResponse:
    """Send a document."""
    upload = find_upload(find(request, application_id), upload_id)
    return download(services.read_upload(upload, request.user), upload.name, upload.media_type)


@act("application.upload")
@require_POST
def remove(request: SignedInRequest, application_id: UUID, upload_id: UUID) -> HttpResponse:
    """Take a document back."""
    application = find(request, application_id, "application.upload")
    services.remove_upload(find_upload(application, upload_id), request.user)
    return redirect("applications:documents", application.id)


@act("application.read")
def proof(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Send the signed proof of request."""
    application = find(request, application_id)
    if application.proof is None:
        raise Http404
    return download(proof_of(application, request.user), "proof-of-request.pdf", "application/pdf")


@public
def anchors(request: HttpRequest) -> HttpResponse:
    """Send the certificates by which a proof of request can be verified."""
    return download(request_anchors(), "request-anchors.pem", "application/x-pem-file")


def find_upload(application: Application, upload_id: UUID) -> Upload:
    """Return a document of an application.

    Raises:
        Http404: it has no such one.
    """
    found = application.uploads.filter(id=upload_id).select_related("application__person").first()
    if found is None:
        raise Http404
    return found
