"""A time-stamp service over HTTP (RFC 3161), whatever it answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from asn1crypto import cms
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from totalize.kernel.errors import InputError


class _Service(HTTPTimeStamper):
    """The library's client, which trips over an answer that is no time-stamp."""

    async def async_timestamp(
        self,
        message_digest: bytes,
        md_algorithm: str,
    ) -> cms.ContentInfo:
        """Ask, and read the answer to its end."""
        try:
            stamp = await super().async_timestamp(message_digest, md_algorithm)
            stamp.native  # noqa: B018 - reading it is the check
        except (ValueError, TypeError, KeyError) as error:
            raise TimestampRequestError("its answer is no time-stamp") from error
        return stamp


def time_service(address: str, path: str = "time_service") -> HTTPTimeStamper:
    """Return a time-stamp service by its address; nothing is asked yet.

    Raises:
        InputError: it is no web address.
    """
    try:
        parts = urlsplit(address)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise InputError(
            path,
            "is no web address",
            value=address,
            expected="http or https, like https://time.example.org",
            code="bad_address",
        )
    return _Service(address)
