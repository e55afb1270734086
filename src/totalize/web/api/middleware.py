"""Every refusal under the API's address is a problem document, whoever made it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from totalize.web.api.problems import MEDIA_TYPE, problem

Handler = Callable[[HttpRequest], HttpResponse]
ROOT = "/api/"
_DESCRIBED = "the calls are described at /api/v1/openapi.json"
_KNOWN = {
    400: ("bad_call", "the call can't be read"),
    403: ("not_allowed", "this is not yours to do"),
    404: ("not_found", f"there is no such call; {_DESCRIBED}"),
    413: ("too_large", "the call is too large"),
    500: ("fault", "something went wrong here; try again in a minute"),
}


def documents(get_response: Handler) -> Handler:
    """Answer a program in its own terms where the framework would send a page for people."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        status = response.status_code
        if (
            status < 400
            or not request.path.startswith(ROOT)
            or response.headers.get("Content-Type") == MEDIA_TYPE
        ):
            return response
        if status == 405:
            allowed = response.headers.get("Allow", "")
            detail = f"this call is made with {allowed}; {_DESCRIBED}"
            return problem(405, "method", detail, headers={"Allow": allowed})
        code, detail = _KNOWN.get(status, ("refused", _DESCRIBED))
        return problem(status, code, detail)

    return handle
