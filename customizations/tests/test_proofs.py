"""Print files of what is sold: there before an order is, never changed, and nobody's if there is no order."""

import hashlib
import threading
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from PIL import Image

from catalog.tests.factories import make_package, make_product
from catalog.tests.races import at_once
from customizations import rendering
from customizations.models import Proof
from customizations.services import assets, files, proofs, uploads
from customizations.services.evaluation import EvaluatedThing, evaluate_line
from customizations.tests.factories import COLOUR, NAME, PHOTO, make_schema, make_template
from customizations.tests.uploads import picture, stored
from fantasize.core import clock, invariants
from fantasize.core.errors import InvalidError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db

ME = "cart:me"
PLACE = {"x": 100, "y": 50, "width": 600, "height": 300}
SCHEMA = make_schema(options=[COLOUR, NAME, {**PHOTO, "placement": PLACE}])
ANSWERS = {"colour": "gold", "name": "Ada"}


def evaluated(answers: Any = None, schema: Any = None) -> EvaluatedThing:
    product = make_product()
    make_template(products=[product.pk], schema=schema or SCHEMA)
    line = evaluate_line(product=product.pk, answers=answers or ANSWERS, principal=ME, unit_price=product.list_price)
    [thing] = line.things
    assert line.is_valid
    return thing


def kept(thing: EvaluatedThing) -> Proof:
    proof = proofs.store_proof(thing)
    assert proof
    return proof


def broken() -> dict[str, int]:
    return {name: count for name, count in invariants.violations().items() if count and "proofs" in name}


def test_a_proof_is_the_print_file_under_its_own_hash() -> None:
    proof = kept(evaluated())
    content = proofs.content_of(proof)
    assert hashlib.sha256(content).hexdigest() == proof.pk
    assert (proof.width, proof.height, proof.renderer_version) == (800, 600, rendering.RENDERER_VERSION)
    assert stored("proofs") == {str(proof.file)}
    assert proof.pk not in str(proof.file)
    assert proofs.pdf(proof) == rendering.pdf(content)
    assert broken() == {}


def test_photos_are_on_it() -> None:
    upload = uploads.store(content=picture(size=(40, 20)), owner=ME)
    assert kept(evaluated({**ANSWERS, "photo": str(upload.pk)})).pk != kept(evaluated()).pk


def test_the_picture_behind_everything_is_on_it() -> None:
    background = assets.store(content=picture(size=(40, 30)))
    canvas = {"width": 800, "height": 600, "background": background.pk}
    proof = kept(evaluated(schema=make_schema(options=[COLOUR, NAME], canvas=canvas)))
    with Image.open(BytesIO(proofs.content_of(proof))) as image:
        corners = {image.getpixel(corner) for corner in ((5, 5), (795, 5), (5, 595), (795, 595))}
    assert len(corners) == 4


def test_the_same_thing_is_kept_once() -> None:
    first, again = kept(evaluated()), kept(evaluated())
    assert first == again
    assert stored("proofs") == {str(first.file)}


def test_what_has_no_canvas_has_no_proof() -> None:
    assert proofs.store_proof(evaluated({"colour": "red"}, {"options": [COLOUR]})) is None
    assert proofs.store([]) == {}
    assert not Proof.objects.exists()


def test_what_cannot_be_printed_is_refused_before_anything_is_kept() -> None:
    with pytest.raises(InvalidError) as refused:
        proofs.store_proof(evaluated({**ANSWERS, "name": "中"}))
    assert [(fault.location, fault.code) for fault in refused.value.errors] == [("/answers/name", "glyph_missing")]
    part = make_product()
    make_template(products=[part.pk], schema=SCHEMA)
    package, asked = make_package(part), {part.pk: {**ANSWERS, "name": "中"}}
    [thing] = evaluate_line(package=package.pk, parts=asked, principal=ME, unit_price=part.list_price).things
    with pytest.raises(InvalidError) as refused:
        proofs.draw(thing)
    assert [fault.location for fault in refused.value.errors] == [f"/parts/{part.pk}/name"]
    assert not Proof.objects.exists()
    assert not stored("proofs")


def test_a_photo_whose_file_is_gone_is_refused() -> None:
    upload = uploads.store(content=picture(size=(40, 20)), owner=ME)
    thing = evaluated({**ANSWERS, "photo": str(upload.pk)})
    default_storage.delete(str(upload.file))
    with pytest.raises(InvalidError) as refused:
        proofs.draw(thing)
    assert [(fault.location, fault.code) for fault in refused.value.errors] == [("/answers/photo", "asset_missing")]


def test_the_file_of_an_order_that_was_not_placed_is_collected() -> None:
    class NotPlacedError(Exception):
        pass

    def place(thing: EvaluatedThing) -> None:
        assert kept(thing).file
        raise NotPlacedError

    thing = evaluated()
    with pytest.raises(NotPlacedError), transaction.atomic():
        place(thing)
    assert len(stored("proofs")) == 1
    assert not Proof.objects.exists()
    assert files.collect_orphans() == 0
    with clock.frozen_at(clock.now() + timedelta(hours=2)):
        assert broken() == {}, "the hourly task may yet come"
    with clock.frozen_at(clock.now() + timedelta(hours=3)):
        assert broken() == {"proofs.files_have_their_rows": 1}
        assert files.collect_orphans() == 1
    assert not stored("proofs")


def test_a_file_that_is_not_what_was_sold_is_found() -> None:
    proof = kept(evaluated())
    name = str(proof.file)
    default_storage.delete(name)
    assert broken() == {"proofs.rows_have_their_files": 1, "proofs.files_are_as_sold": 1}
    default_storage.save(name, ContentFile(b"something else"))
    assert broken() == {"proofs.files_are_as_sold": 1}


@pytest.mark.django_db(transaction=True)
def test_orders_of_the_same_things_at_once_keep_them_once() -> None:
    drawn = [proofs.draw(evaluated({**ANSWERS, "name": name})) for name in ("Ada", "Bob", "Cyd")]
    both = ([each for each in drawn if each], [each for each in drawn[::-1] if each]) * 2
    outcomes = at_once(*[partial(proofs.store, each) for each in both])
    assert outcomes == [{proof.pk: proof for proof in Proof.objects.all()}] * 4
    assert len(outcomes[0]) == 3
    # What the others have written as well is nobody's.
    with clock.frozen_at(clock.now() + timedelta(hours=2)):
        files.collect_orphans()
    assert stored("proofs") == set(Proof.objects.values_list("file", flat=True))
    assert broken() == {}


@pytest.mark.django_db(transaction=True)
def test_without_yielding_to_each_other_all_but_one_of_them_fail() -> None:
    """The negative control: whoever insists on their own row is refused by the table."""
    drawn = proofs.draw(evaluated())
    assert drawn
    create, waiting = Proof.objects.bulk_create, threading.Barrier(3)

    def insist(rows: Iterable[Proof], *, ignore_conflicts: bool) -> list[Proof]:
        waiting.wait(PATIENCE_SECONDS)
        return create(rows)

    with patch.object(Proof.objects, "bulk_create", insist):
        outcomes = at_once(*[partial(proofs.store, [drawn])] * 3)
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 2
