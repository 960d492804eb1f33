"""What the template editor posts: documents, previews, presets and backgrounds."""

from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.tests.factories import make_package, make_product
from customizations.engine import Fault
from customizations.errors import BusyError
from customizations.models import Asset, CustomizationTemplate, Preset
from customizations.tests.factories import COLOUR, NAME, PHOTO, SPECIAL, make_schema, make_template
from fantasize.core.tests.pictures import corners, encoded
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
HOME = "/admin/customizations/customizationtemplate/"
LOOKER = "customizations.view_customizationtemplate"


def post(path: str, body: Any, client: Client | None = None) -> Any:
    return (client or signed_in()).post(HOME + path, body, "application/json")


def faults(answer: Any) -> dict[str, str]:
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}


def test_a_new_template_is_stored_with_what_it_is_for(manager: Client) -> None:
    product, package = make_product(), make_package()
    body = {"name": "Plaque", "schema": make_schema(), "products": [product.pk], "packages": [package.pk]}
    answer = post("add/", {**body, "state": "published", "version": None}, manager)
    template = CustomizationTemplate.objects.get()
    assert answer.json() == {"address": f"{HOME}{template.pk}/change/"}
    assert (template.name, template.state, template.schema) == ("Plaque", "published", make_schema())
    assert set(template.links.values_list("product", "package")) == {(product.pk, None), (None, package.pk)}
    assert LogEntry.objects.get(object_id=str(template.pk)).is_addition()
    assert said(manager.get(answer.json()["address"])) == ["Version 1 is published."]


def test_the_page_begins_with_everything_that_is_known() -> None:
    product = make_product(name="Walnut plaque")
    template = make_template(products=[product.pk], packages=[make_package(name="Set").pk])
    data = signed_in().get(f"{HOME}{template.pk}/change/").context["editor"]
    assert data["schema"] == template.schema
    assert data["products"] == [{"id": product.pk, "text": "Walnut plaque"}]
    assert [each["text"] for each in data["packages"]] == ["Set"]
    assert (data["version"], data["state"], data["may_write"]) == (1, "published", True)
    assert {"serif", "sans"} <= {font["value"] for font in data["fonts"]}
    empty = signed_in().get(f"{HOME}add/").context["editor"]
    assert (empty["id"], empty["schema"]["options"], empty["may_keep_presets"]) == (None, [], False)


def test_every_fault_is_named_where_it_is_and_nothing_is_stored() -> None:
    bad = make_schema(options=[{**NAME, "max_length": 0}, {**COLOUR, "choices": []}])
    answer = post("add/", {"name": "", "schema": bad, "products": [0]})
    assert answer.status_code == 422
    assert faults(answer) == {"/products/0": "min_value"}
    answer = post("add/", {"name": "", "schema": bad, "products": [987_654]})
    assert faults(answer) == {
        "/name": "invalid",
        "/schema/options/0/max_length": "out_of_range",
        "/schema/options/1/choices": "too_few",
        "/products/0": "does_not_exist",
    }
    assert not CustomizationTemplate.objects.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", '{"name": "a", "name": "b"}', '{"name": "\\u0000"}', '{"who": 1}'])
def test_what_is_no_document_is_refused(body: str) -> None:
    template = make_template()
    assert post(f"{template.pk}/change/", body).status_code in {400, 422}
    assert CustomizationTemplate.objects.get().version == 1


def test_whoever_saw_an_older_version_overwrites_nothing(manager: Client) -> None:
    template = make_template(name="First")
    assert post(f"{template.pk}/change/", {"name": "Second", "version": 1}, manager).status_code == 200
    late = post(f"{template.pk}/change/", {"name": "Third", "version": 1}, manager)
    assert (late.status_code, late.json()["current_version"]) == (412, 2)
    assert CustomizationTemplate.objects.get().name == "Second"
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Changed name."]


def test_a_draft_is_published_and_says_so(manager: Client) -> None:
    template = make_template(is_published=False)
    post(f"{template.pk}/change/", {"name": "Plaque"}, manager)
    assert said(manager.get(f"{HOME}{template.pk}/change/")) == ["Saved. Shoppers do not see it."]
    post(f"{template.pk}/change/", {"state": "published", "version": 2}, manager)
    assert CustomizationTemplate.objects.get().state == "published"


@pytest.mark.parametrize("rights", [[], [LOOKER]])
def test_whoever_may_not_write_writes_nothing(rights: list[str]) -> None:
    template, client = make_template(name="Plaque"), signed_in(make_viewer(*rights))
    assert post("add/", {"name": "Mine", "schema": make_schema()}, client).status_code == 403
    assert post(f"{template.pk}/change/", {"name": "Mine"}, client).status_code == 403
    assert client.get(f"{HOME}add/").status_code == 403
    assert client.get(f"{HOME}{template.pk}/change/").status_code == (200 if rights else 403)
    assert client.put(f"{HOME}{template.pk}/change/").status_code == (405 if rights else 403)
    assert CustomizationTemplate.objects.get().name == "Plaque"


class TestPreview:
    """What a document would look like that nobody has stored."""

    ANSWERS: dict[str, Any] = {"colour": "gold", "name": "Annabelle B", "photo": "a photo", "special": "Shine"}

    def ask(self, **more: Any) -> Any:
        return post("preview/", {"schema": make_schema(), "answers": self.ANSWERS, "unit_price": "20.00", **more})

    def test_answers_are_judged_priced_and_drawn(self) -> None:
        placed = {**PHOTO, "placement": {"x": 100, "y": 40, "width": 600, "height": 300}}
        said = self.ask(schema=make_schema(options=[COLOUR, NAME, placed, SPECIAL])).json()
        assert said["image"].startswith("data:image/webp;base64,")
        assert said["errors"] == said["answers"] == []
        assert said["visible"] == ["colour", "name", "photo", "special"]
        assert [(each["key"], each["amount"], each["is_once"]) for each in said["surcharges"]] == [
            ("colour", "4.50 USD", False),
            ("name", "0.60 USD", False),
        ]
        assert said["needs_approval"] == ["special"]

    def test_what_is_not_asked_is_no_fault_and_not_drawn(self) -> None:
        with patch("customizations.services.drawing.preview", return_value=(b"picture", ())) as draw:
            said = self.ask(answers={**self.ANSWERS, "colour": "red", "wrapping": "none"}).json()
        assert "photo" not in draw.call_args.args[1]
        assert [(fault["pointer"], fault["code"]) for fault in said["answers"]] == [("/wrapping", "unknown_choice")]
        assert "photo" not in said["visible"]

    def test_what_cannot_be_printed_is_said_and_the_rest_is_drawn(self) -> None:
        fault = Fault("/name", "text_does_not_fit", "Too long.")
        with patch("customizations.services.drawing.preview", side_effect=[(None, (fault,)), (b"rest", ())]) as draw:
            said = self.ask().json()
        assert said["answers"] == [{"pointer": "/name", "code": "text_does_not_fit", "detail": "Too long."}]
        assert said["image"]
        assert set(draw.call_args.args[1]) == {"colour", "photo", "special"}

    def test_a_faulty_document_is_told_at_once(self) -> None:
        answer = self.ask(schema={"options": [{**NAME, "key": "1"}]})
        assert answer.status_code == 200
        assert set(faults(answer)) == {"/schema/options/0/key", "/schema/options/0/placement"}
        assert answer.json().keys() == {"errors"}

    def test_without_a_canvas_there_is_no_picture(self) -> None:
        said = self.ask(schema={"options": [SPECIAL]}, answers={"special": "Shine"}, unit_price="dear").json()
        assert (said["image"], said["legal"]) == (None, {"special": "Shine"})

    def test_percentages_are_of_the_price_that_is_said(self) -> None:
        dear = {**SPECIAL, "price": {"mode": "percent", "amount": "10"}}
        document = {"options": [dear]}
        for price, cost in (("20.00", ["2.00 USD"]), ("", []), ("-1", []), ("1e9", [])):
            said = self.ask(schema=document, answers={"special": "x"}, unit_price=price).json()
            assert [each["amount"] for each in said["surcharges"]] == cost

    def test_it_is_busy_sometimes(self) -> None:
        with patch("customizations.services.drawing.preview", side_effect=BusyError("Busy.")):
            answer = self.ask()
        assert (answer.status_code, answer.json()["detail"]) == (503, "Busy.")

    def test_nothing_is_stored_and_outsiders_see_nothing(self, manager: Client) -> None:
        body = {"schema": {"options": [SPECIAL]}, "answers": {}}
        assert post("preview/", body, signed_in(make_viewer())).status_code == 403
        assert post("preview/", body, signed_in(make_viewer(LOOKER))).status_code == 200
        assert manager.get(f"{HOME}preview/").status_code == 405
        assert not CustomizationTemplate.objects.exists()


class TestPresets:
    """Answers to begin with."""

    ANSWERS = {"colour": "gold", "name": "Anna"}

    def test_they_are_added_changed_and_removed(self, manager: Client) -> None:
        template = make_template()
        for name in ("Gold", "Leaf"):
            answer = post(f"{template.pk}/presets/", {"name": name, "answers": self.ANSWERS}, manager)
        assert [preset["name"] for preset in answer.json()["presets"]] == ["Gold", "Leaf"]
        assert [preset["position"] for preset in answer.json()["presets"]] == [0, 1]
        leaf = Preset.objects.get(name="Leaf")
        answer = post(f"presets/{leaf.pk}/", {"answers": {"colour": "red"}, "position": 9}, manager)
        assert answer.json()["presets"][1]["answers"] == {"colour": "red"}
        answer = post(f"presets/{leaf.pk}/remove/", {}, manager)
        assert [preset["name"] for preset in answer.json()["presets"]] == ["Gold"]

    def test_what_the_template_does_not_take_is_no_preset(self) -> None:
        template = make_template()
        answer = post(f"{template.pk}/presets/", {"name": "Blue", "answers": {"colour": "blue"}})
        assert faults(answer) == {"/answers/colour": "unknown_choice"}
        assert not Preset.objects.exists()

    def test_whoever_may_not_changes_none(self) -> None:
        template = make_template()
        preset = Preset.objects.create(template=template, name="Gold", answers=self.ANSWERS)
        client = signed_in(make_viewer(LOOKER))
        assert post(f"{template.pk}/presets/", {"name": "Red", "answers": {}}, client).status_code == 403
        assert post(f"presets/{preset.pk}/", {"name": "Red"}, client).status_code == 403
        assert post(f"presets/{preset.pk}/remove/", {}, client).status_code == 403
        assert list(Preset.objects.values_list("name", flat=True)) == ["Gold"]
        assert post("presets/0/", {"name": "Red"}).status_code == 404


class TestBackgrounds:
    """Pictures behind everything."""

    def add(self, content: bytes, client: Client | None = None) -> Any:
        file = SimpleUploadedFile("wood.png", content, "image/png")
        return (client or signed_in()).post(f"{HOME}backgrounds/", {"file": file})

    def test_one_is_taken_in_and_shown_to_staff(self, manager: Client) -> None:
        said = self.add(encoded(corners((40, 30)), "PNG"), manager).json()
        assert said == {"id": Asset.objects.get().pk, "width": 40, "height": 30}
        shown = manager.get(f"{HOME}backgrounds/{said['id']}/")
        assert shown["Content-Type"].startswith("image/")
        assert "sandbox" in shown["Content-Security-Policy"]
        assert shown.getvalue()
        assert manager.post(f"{HOME}backgrounds/{said['id']}/").status_code == 405
        # No name of a picture: taken for that of a template, which there is not.
        assert manager.get(f"{HOME}backgrounds/%00/").status_code == 302
        outsider = signed_in(make_viewer(LOOKER))
        assert outsider.get(f"{HOME}backgrounds/{said['id']}/").status_code == 403

    def test_what_is_no_picture_is_refused(self, manager: Client) -> None:
        answer = self.add(b"<svg onload=alert(1)>")
        assert (answer.status_code, faults(answer)) == (422, {"/file": "image_refused"})
        assert manager.post(f"{HOME}backgrounds/").status_code == 422
        assert self.add(encoded(corners(), "PNG"), signed_in(make_viewer(LOOKER))).status_code == 403
        assert not Asset.objects.exists()


def test_the_sample_price_is_exact() -> None:
    from customizations.admin.sample import _amount_in  # noqa: PLC0415 - only here

    assert [_amount_in(text) for text in ("19.999", "1,5", "NaN")] == [Decimal("19.999"), 0, 0]
