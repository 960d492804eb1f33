"""What a template would look like while somebody is still writing it, with answers that they make up."""

import base64
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from rest_framework import serializers

from customizations import engine
from customizations.admin.answers import read
from customizations.api.serializers.templates import AnswersField, SchemaField
from customizations.engine import Evaluation, Fault, ImageOption, Schema, Surcharge, UploadFacts
from customizations.services import assets, previews, schemas
from fantasize.core import money
from fantasize.core.api.serializers import StrictSerializer

# Somebody's photo, for who makes a template has none.
PHOTO = str(UUID(int=0))
_PHOTO_FILE = Path(__file__).with_name("sample-photo.webp")
_LARGE = UploadFacts(10_000, 10_000)
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")
# The answers are those of all options, asked or not.
_UNASKED = "not_asked"


class SampleInput(StrictSerializer):
    """A document that may not be stored yet, and answers to it; of pictures, anything stands for a photo."""

    schema = SchemaField()
    answers = AnswersField()
    unit_price = serializers.CharField(required=False, default="0", allow_blank=True, max_length=20)


def preview(request: HttpRequest) -> dict[str, Any]:
    """What is wrong with the document; and of one that can be read, how its answers are judged, priced and drawn.

    Raises:
        BusyError: too much is being drawn just now.
    """
    said = read(request, SampleInput)
    schema, faults = schemas.read(said["schema"])
    told = [{"pointer": it.location, "code": it.code, "detail": it.detail} for it in faults]
    if schema is None:
        return {"errors": told}
    evaluation = engine.evaluate(
        schema,
        _with_photos(schema, said["answers"]),
        unit_price=_amount_in(said["unit_price"]),
        currency=settings.SHOP_CURRENCY,
        uploads={PHOTO: _LARGE},
    )
    picture, undrawn = _draw(schema, evaluation) if schema.canvas else (None, ())
    wrong = [fault for fault in evaluation.errors if fault.code != _UNASKED]
    return {
        "errors": told,
        "answers": [{"pointer": it.pointer, "code": it.code, "detail": it.detail} for it in (*wrong, *undrawn)],
        "visible": evaluation.visible,
        "legal": evaluation.answers,
        "surcharges": [_told(each) for each in evaluation.surcharges],
        "needs_approval": evaluation.needs_approval,
        "image": picture and f"data:image/webp;base64,{base64.b64encode(picture).decode()}",
    }


def _with_photos(schema: Schema, answers: Mapping[str, Any]) -> dict[str, Any]:
    photos = {option.key for option in schema.options if isinstance(option, ImageOption)}
    return {key: PHOTO if key in photos and answer else answer for key, answer in answers.items()}


def _draw(schema: Schema, evaluation: Evaluation) -> tuple[bytes | None, tuple[Fault, ...]]:
    """The picture, without what cannot be printed; and what that is."""
    return previews.draw_what_can(schema, evaluation.answers, assets.files_for(schema, ()) | {PHOTO: _photo()})


def _told(surcharge: Surcharge) -> dict[str, Any]:
    currency = settings.SHOP_CURRENCY
    shown = f"{money.quantize(surcharge.amount, currency):,} {currency}"
    return {"key": surcharge.key, "label": surcharge.label, "amount": shown, "is_once": surcharge.is_once}


def _amount_in(text: str) -> Decimal:
    return Decimal(text) if _AMOUNT.fullmatch(text) else Decimal(0)


@cache
def _photo() -> bytes:
    return _PHOTO_FILE.read_bytes()
