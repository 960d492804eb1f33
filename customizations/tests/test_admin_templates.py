"""Templates in the admin: their list, copies, retiring and deleting."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.tests.factories import make_package, make_product
from customizations.models import CustomizationTemplate
from customizations.tests.factories import COLOUR, NAME, make_schema, make_template
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/customizations/customizationtemplate/"


def listed(client: Client, **query: str) -> list[str]:
    return [row.name for row in client.get(LIST, query).context["cl"].result_list]


def cells(client: Client, name: str) -> Any:
    """The page of the list as text, and the row's object."""
    answer = client.get(LIST)
    return answer.content.decode(), next(row for row in answer.context["cl"].result_list if row.name == name)


def test_the_list_says_what_is_asked_and_what_it_is_for(manager: Client) -> None:
    product, package = make_product(), make_package()
    make_template(name="Plaque", products=[product.pk], packages=[package.pk])
    make_template(name="Mug", is_published=False, schema=make_schema(options=[NAME]))
    page, _ = cells(manager, "Plaque")
    assert "Colour, Name to engrave, Your photo, Anything else? and 1 more" in page
    assert "1 product, 1 package" in page
    assert "Nothing yet" in page
    assert 'data-template="published"' in page
    assert 'data-template="draft"' in page


def test_the_list_costs_the_same_for_many(
    django_assert_max_num_queries: DjangoAssertNumQueries, manager: Client
) -> None:
    for _ in range(5):
        make_template(products=[make_product().pk])
    manager.get(LIST)
    with django_assert_max_num_queries(11):
        manager.get(LIST)


_NARROWED: list[tuple[dict[str, str], set[str]]] = [
    ({"font": "serif"}, {"Plaque"}),
    ({"font": "hand"}, {"Note"}),
    ({"option": "colour"}, {"Plaque"}),
    ({"option": " name "}, {"Plaque", "Note"}),
    ({"choice": "gold"}, {"Plaque"}),
    ({"choice": "Gold"}, set()),
    ({"choice": "gold", "font": "hand"}, set()),
    ({"state__exact": "draft"}, {"Note"}),
    ({"q": "PLA"}, {"Plaque"}),
    ({"q": "laque"}, set()),
    ({"q": "' & !:*"}, set()),
    ({"q": " "}, {"Plaque", "Note"}),
    ({"q": "plaq"}, {"Plaque"}),
    ({"option": " ", "choice": ""}, {"Plaque", "Note"}),
]


def test_the_list_is_narrowed_by_what_is_in_the_documents(manager: Client) -> None:
    make_template(name="Plaque")
    written = {**NAME, "placement": {**NAME["placement"], "font": "hand"}}
    make_template(name="Note", is_published=False, schema=make_schema(options=[written]))
    for query, found in _NARROWED:
        assert (query, set(listed(manager, **query))) == (query, found)


def test_a_copy_is_made_and_opened(manager: Client) -> None:
    template = make_template(name="Plaque")
    answer = manager.post(f"{LIST}{template.pk}/clone/")
    copy = CustomizationTemplate.objects.get(name="Plaque (copy)")
    assert answer.headers["Location"] == f"{LIST}{copy.pk}/change/"
    assert (copy.state, copy.schema) == ("draft", template.schema)
    assert LogEntry.objects.filter(object_id=str(copy.pk)).count() == 1


def test_a_copy_that_cannot_be_is_told(manager: Client) -> None:
    template = make_template(name="Plaque")
    lost = {**template.schema, "canvas": {"width": 800, "height": 600, "background": "0" * 64}}
    CustomizationTemplate.objects.filter(pk=template.pk).update(schema=lost)
    answer = manager.post(f"{LIST}{template.pk}/clone/")
    assert said(answer) == ["The template cannot be like this. There is no such picture."]
    assert CustomizationTemplate.objects.count() == 1


def test_a_template_is_retired_unless_somebody_has_changed_it_meanwhile(manager: Client) -> None:
    template = make_template()
    for version in (template.version + 1, "9" * 5000):
        stale = manager.post(f"{LIST}{template.pk}/retire/", {"version": version})
        assert said(stale)[-1] == "The template was changed meanwhile."
    template.refresh_from_db()
    assert template.state == "published"
    done = manager.post(f"{LIST}{template.pk}/retire/", {"version": template.version})
    assert said(done)[-1] == "Shoppers are not offered it any more."
    template.refresh_from_db()
    assert template.state == "retired"


def test_drafts_are_deleted_and_what_was_published_is_not(manager: Client) -> None:
    draft, published = make_template(is_published=False), make_template()
    assert manager.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"}).status_code == 302
    assert manager.post(f"{LIST}{published.pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(CustomizationTemplate.objects.all()) == [published]


@pytest.mark.parametrize("deed", ["clone", "retire"])
def test_whoever_only_looks_can_do_nothing(deed: str) -> None:
    template = make_template()
    client = signed_in(make_viewer("customizations.view_customizationtemplate"))
    assert client.post(f"{LIST}{template.pk}/{deed}/").status_code == 403
    assert client.get(f"{LIST}{template.pk}/{deed}/").status_code == 405
    assert CustomizationTemplate.objects.get().state == "published"
    page = client.get(f"{LIST}{template.pk}/change/")
    assert page.status_code == 200
    assert "data-save" not in page.content.decode()
    assert '<fieldset class="fz-stack" disabled>' in page.content.decode()


def test_what_is_not_there_is_not_found(manager: Client) -> None:
    for path in ("0/change/", "0/v/1/", f"{make_template().pk}/v/9/"):
        assert manager.get(LIST + path).status_code == 404
    assert manager.post(f"{LIST}0/retire/").status_code == 404


def test_a_version_says_what_it_changed(manager: Client) -> None:
    template = make_template()
    dearer = {**COLOUR, "label": "Finish"}
    manager.post(
        f"{LIST}{template.pk}/change/",
        {"name": "Plaque", "schema": make_schema(options=[dearer, NAME])},
        "application/json",
    )
    page = manager.get(f"{LIST}{template.pk}/v/2/")
    assert {(each.where, each.kind) for each in page.context["changes"]} == {
        (("colour",), "changed"),
        (("photo",), "removed"),
        (("special",), "removed"),
        (("wrapping",), "removed"),
    }
    first = manager.get(f"{LIST}{template.pk}/v/1/")
    assert {each.kind for each in first.context["changes"]} == {"added"}
    assert manager.post(f"{LIST}{template.pk}/v/1/").status_code == 405
    again = manager.post(
        f"{LIST}{template.pk}/change/",
        {"name": "Shield", "schema": make_schema(options=[dearer, NAME])},
        "application/json",
    )
    assert again.status_code == 200
    assert "the document is the same" in manager.get(f"{LIST}{template.pk}/v/3/").content.decode()
