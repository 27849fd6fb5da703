"""Receiving webhooks: is what arrived the platform's own word, and fresh?

Source: https://github.com/standard-webhooks/standard-webhooks, signature scheme `v1`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from pydantic import ValidationError

from fraction_sdk.wire.webhooks import WebhookEvent

TOLERANCE_SECONDS = 300
"""A message older or newer than this is somebody's repetition, or a clock is wrong."""


class NotGenuine(Exception):
    """What arrived is not the platform's word for this webhook; answer with status 400 and do nothing."""


def read_webhook(secret: str, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
    """Return what a request to your webhook says; deliveries may repeat, so do each `id` once.

    Args:
        secret: `whsec_…`, as it was shown when the webhook was made
        headers: the request's, by lower-case names
        body: the request's, byte for byte
        now: seconds since 1970

    Raises:
        NotGenuine: the signature, its age or the body is not right.
    """
    id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise NotGenuine("The message has no time, or is not of the last five minutes.")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise NotGenuine("The secret is not one; it begins with whsec_.") from error
    expected = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    given = [part.partition(",") for part in headers.get("webhook-signature", "").split()]
    if not any(version == "v1" and _is(expected, text) for version, _, text in given):
        raise NotGenuine("The signature does not fit the message.")
    try:
        return WebhookEvent.model_validate_json(body)
    except ValidationError as error:
        raise NotGenuine("The message is signed but is none of this version; use a newer client.") from error


def _is(expected: bytes, text: str) -> bool:
    return hmac.compare_digest(base64.b64encode(expected), text.encode())
