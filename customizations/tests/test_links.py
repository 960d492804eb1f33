"""What templates are for: one that is offered for each thing, and things that say so."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.caching import products as product_cache
from catalog.models import Package, Product
from catalog.services import products as product_service
from catalog.tests.factories import make_package, make_product
from catalog.tests.races import at_once
from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate, TemplateLink
from customizations.selectors.templates import live_templates
from customizations.services import links, templates
from customizations.tests.factories import make_template
from fantasize.core.errors import InvalidError

pytestmark = pytest.mark.django_db


def targets(template: CustomizationTemplate) -> tuple[set[int], set[int]]:
    rows = TemplateLink.objects.filter(template=template)
    return {row.product_id for row in rows if row.product_id}, {row.package_id for row in rows if row.package_id}


def have_options() -> set[int]:
    return set(Product.objects.filter(has_options=True).values_list("pk", flat=True))


def test_attaching_replaces_what_it_was_for() -> None:
    one, two, three, box = *(make_product() for _ in range(3)), make_package()
    template = make_template(products=[one.pk, two.pk], packages=[box.pk])
    templates.attach(template=template, products=[two.pk, three.pk], packages=[], actor="user:1")
    assert targets(template) == ({two.pk, three.pk}, set())
    assert have_options() >= {two.pk, three.pk}
    assert one.pk not in have_options()
    assert not Package.objects.get(pk=box.pk).has_options


def test_what_is_not_said_stays() -> None:
    product, box = make_product(), make_package()
    template = make_template(products=[product.pk], packages=[box.pk])
    templates.update_template(template=template, changes={"name": "X"}, actor="user:1")
    assert targets(template) == ({product.pk}, {box.pk})
    templates.update_template(template=template, changes={"products": []}, actor="user:1")
    assert targets(template) == (set(), {box.pk})


def test_what_is_offered_is_found_without_reading_all_links() -> None:
    product, box = make_product(), make_package()
    template = make_template(products=[product.pk], packages=[box.pk])
    with CaptureQueriesContext(connection) as captured:
        for_products, for_packages = live_templates(products=[product.pk], packages=[box.pk])
    assert (for_products[product.pk].id, for_packages[box.pk].id) == (template.pk, template.pk)
    [asked] = captured
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + re.sub(r"\$[12]", "'{1}'", asked["sql"]))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    # With either as one condition, every link there is would be held against it.
    assert plan.count("Index Cond: (p") == 2
    assert "SubPlan" not in plan


def test_drafts_for_one_thing_there_may_be_many() -> None:
    product = make_product()
    make_template(products=[product.pk])
    draft = make_template(is_published=False, products=[product.pk])
    with pytest.raises(InvalidError) as error:
        templates.publish(template=draft, actor="user:1")
    assert [(fault.location, fault.code) for fault in error.value.errors] == [("/products/0", "already_customizable")]
    draft.refresh_from_db()
    assert draft.state == TemplateState.DRAFT
    assert TemplateLink.objects.filter(is_live=True).count() == 1


def test_when_one_is_retired_the_next_takes_its_place() -> None:
    product = make_product()
    first = make_template(products=[product.pk])
    second = make_template(is_published=False, products=[product.pk])
    templates.retire(template=first, actor="user:1")
    templates.publish(template=second, actor="user:1")
    assert have_options() == {product.pk}


def test_the_database_itself_refuses_a_second_one_that_is_offered() -> None:
    product, box = make_product(), make_package()
    make_template(products=[product.pk], packages=[box.pk])
    draft = make_template(is_published=False)
    for target in ({"product": product}, {"package": box}, {"product": product, "package": box}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TemplateLink.objects.create(template=draft, is_live=True, **target)
    assert TemplateLink.objects.count() == 2


def test_a_thing_that_is_deleted_leaves_the_template() -> None:
    product = make_product(stock=0)
    template = make_template(products=[product.pk])
    product_service.remove_product(product=product)
    assert targets(template) == (set(), set())
    templates.retire(template=template, actor="user:1")


def test_there_is_an_end_to_what_one_template_is_for() -> None:
    template = make_template()
    with pytest.raises(InvalidError) as error:
        templates.attach(template=template, products=range(1, links.MAX_TARGETS + 2), packages=[], actor="user:1")
    assert [(fault.location, fault.code) for fault in error.value.errors] == [("/products", "out_of_range")]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    tell = links._tell

    def note(model: Any, kind: Any) -> None:
        calls.extend(f"{kind.name} {pk}" for pk in kind.moved)
        tell(model, kind)

    monkeypatch.setattr(links, "_tell", note)
    return calls


def test_only_things_whose_options_came_or_went_are_told_of(told: list[str]) -> None:
    one, two = make_product(), make_product()
    template = make_template(products=[one.pk])
    templates.update_template(template=template, changes={"name": "X"}, actor="user:1")
    assert told == [f"product {one.pk}"]
    templates.attach(template=template, products=[one.pk, two.pk], packages=[], actor="user:1")
    templates.retire(template=template, actor="user:1")
    assert told[1:] == [f"product {two.pk}", f"product {one.pk}", f"product {two.pk}"]


def test_packages_that_hold_a_product_are_not_locked_with_it() -> None:
    """No words of theirs change; their writers lock them in an order of their own."""
    product = make_product()
    make_package(product)
    with CaptureQueriesContext(connection) as captured:
        make_template(products=[product.pk])
    written = "\n".join(str(query["sql"]) for query in captured)
    assert 'UPDATE "catalog_product"' in written
    assert "UPDATE catalog_package" not in written


def test_answers_with_the_product_are_stale_at_once(django_capture_on_commit_callbacks: object) -> None:
    product = make_product()
    product_cache.invalidate()
    kept = product_cache.get_or_compute("it", ttl=60, compute=lambda: "before")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator] # a fixture of pytest-django
        make_template(products=[product.pk])
    assert kept == "before"
    assert product_cache.get_or_compute("it", ttl=60, compute=lambda: "after") == "after"


@pytest.mark.django_db(transaction=True)
def test_of_two_that_are_published_for_one_thing_at_once_one_is_refused() -> None:
    for _ in range(5):
        product = make_product()
        drafts = [make_template(is_published=False, products=[product.pk]) for _ in range(4)]
        outcomes = at_once(*(lambda it=it: templates.publish(template=it, actor="user:1") for it in drafts))
        assert sum(outcome is None for outcome in outcomes) == 1
        assert all(outcome is None or isinstance(outcome, InvalidError) for outcome in outcomes)
        assert TemplateLink.objects.filter(product=product, is_live=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_the_database_would_have_to_step_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: with nobody waiting, two find the place free, and the index refuses one of them rudely."""
    monkeypatch.setattr("customizations.services.links.faults", lambda _template, _plan: iter(()))
    product = make_product()
    drafts = [make_template(is_published=False, products=[product.pk]) for _ in range(4)]
    outcomes = at_once(*(lambda it=it: templates.publish(template=it, actor="user:1") for it in drafts))
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 3
    assert TemplateLink.objects.filter(product=product, is_live=True).count() == 1
