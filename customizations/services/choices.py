"""The stock of choices: opened when a choice is published first, and its own ledger's from then on."""

from collections.abc import Iterator

from catalog.services import stock_history
from catalog.services.stock_history import Opening
from customizations.engine import ButtonOption, Choice, Schema
from customizations.models import ChoiceStock, CustomizationTemplate
from fantasize.core import clock


def open_stock(*, template: CustomizationTemplate, schema: Schema, actor: str) -> None:
    """Give every stocked choice that has no stock item yet one with its opening quantity, booked in the ledger.

    What there is already stays as it is, whatever the schema says: of a choice that comes back, too. The caller holds
    the template's lock. A fixed number of queries.
    """
    known = set(template.choice_stocks.values_list("option", "value"))
    wanted = [(key, choice) for key, choice in stocked_choices(schema) if (key, choice.value) not in known]
    if not wanted:
        return
    moment, reference = clock.now(), f"customization {template.pk}"
    openings = [Opening(choice.stock or 0, moment, reference) for _, choice in wanted]
    items = stock_history.open_items(openings, actor=actor)
    ChoiceStock.objects.bulk_create(
        ChoiceStock(template=template, option=key, value=choice.value, stock=item)
        for (key, choice), item in zip(wanted, items, strict=True)
    )


def stocked_choices(schema: Schema) -> Iterator[tuple[str, Choice]]:
    """The choices of which there is not as much as one likes, each with the key of its option."""
    for option in schema.options:
        if isinstance(option, ButtonOption):
            yield from ((option.key, choice) for choice in option.choices if choice.stock is not None)
