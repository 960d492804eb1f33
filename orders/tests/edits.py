"""Staff at work on a catalogue, by a seed: everything that could make an old order look, cost or read otherwise."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from catalog.enums import MovementReason
from catalog.models import Package, Product
from catalog.pricing import BreakTerms
from catalog.services import packages, price_breaks, products, stock
from catalog.services.packages import Part
from catalog.services.stock import Correction
from catalog.tests.factories import make_offer, make_product
from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate, Upload
from customizations.services import files, templates, uploads
from fantasize.core.errors import DomainError

ACTOR = "user:staff"
FONTS = ("serif", "sans", "slab", "script", "hand")
Schema = dict[str, Any]


@dataclass(slots=True)
class Editor:
    """Makes changes one after the other, by a seed; ``done`` counts those that were possible, by name."""

    seed: int
    done: dict[str, int] = field(default_factory=dict)

    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - the same changes each time

    def edit(self) -> None:
        """One change; what the shop refuses changes nothing."""
        change = self._random.choice(_CHANGES)
        try:
            with transaction.atomic():
                change(self._random)
        except (DomainError, ProtectedError, IndexError):
            return
        name = change.__name__.strip("_")
        self.done[name] = self.done.get(name, 0) + 1


def _rename_product(random: Random) -> None:
    _change_product(random, name=f"Renamed {random.randrange(1000)}", description="Other words.")


def _reprice_product(random: Random) -> None:
    _change_product(random, list_price=Decimal(random.randrange(1, 9999)) / 100)


def _hide_product(random: Random) -> None:
    _change_product(random, is_active=random.random() < 0.5)


def _delete_product(random: Random) -> None:
    random.choice(list(Product.objects.order_by("pk"))).delete()


def _delete_package(random: Random) -> None:
    random.choice(list(Package.objects.order_by("pk"))).delete()


def _new_product(random: Random) -> None:
    """So that there is always something left to delete."""
    product = make_product(price=str(random.randrange(1, 99)))
    links = {"products": [product.pk]}
    template = random.choice(list(CustomizationTemplate.objects.order_by("pk")))
    templates.update_template(template=template, changes=links, actor=ACTOR)


def _repack(random: Random) -> None:
    package = random.choice(list(Package.objects.order_by("pk")))
    parts = random.sample(list(Product.objects.order_by("pk")), 2)
    price = {"own_price": Decimal(random.randrange(1, 99))}
    items = [Part(part.pk, random.randint(1, 3)) for part in parts]
    packages.update_package(package=package, changes=price, items=items, actor=ACTOR)


def _offer(random: Random) -> None:
    product = random.choice(list(Product.objects.order_by("pk")))
    make_offer(percent=str(random.randint(1, 90)), products=[product.pk])


def _break(random: Random) -> None:
    product = random.choice(list(Product.objects.order_by("pk")))
    terms = BreakTerms(random.randint(2, 90), Decimal(random.randint(1, 50)), None)
    price_breaks.add_break(target=product, terms=terms)


def _correct_stock(random: Random) -> None:
    product = random.choice(list(Product.objects.order_by("pk")))
    correction = Correction(random.randint(-3, 9) or 1, MovementReason.CORRECTION, "count")
    stock.correct_all({product.stock_id: correction}, actor=ACTOR)


def _retire(random: Random) -> None:
    templates.retire(template=_template(random), actor=ACTOR)


def _publish(random: Random) -> None:
    templates.publish(template=_template(random), actor=ACTOR)


def _remove_template(random: Random) -> None:
    templates.remove_template(template=_template(random), actor=ACTOR)


def _clone(random: Random) -> None:
    templates.clone(template=_template(random), actor=ACTOR)


def _relabel(random: Random) -> None:
    def change(schema: Schema) -> None:
        for option in schema["options"]:
            option["label"] = f"Label {random.randrange(1000)}"

    _change_schema(random, change)


def _retype(random: Random) -> None:
    def change(schema: Schema) -> None:
        option = random.choice([option for option in schema["options"] if option["type"] in {"text", "message"}])
        option["type"] = "message" if option["type"] == "text" else "text"
        lines = {"max_lines": 3} if option["type"] == "message" else {}
        option.pop("max_lines", None)
        option.update(lines)

    _change_schema(random, change)


def _reprice_option(random: Random) -> None:
    def change(schema: Schema) -> None:
        option = random.choice(schema["options"])
        target = random.choice(option["choices"]) if option["type"] == "button" else option
        target["price"] = {"mode": random.choice(("fixed", "once", "percent")), "amount": str(random.randint(1, 99))}

    _change_schema(random, change)


def _drop_option(random: Random) -> None:
    _change_schema(random, lambda schema: schema["options"].remove(random.choice(schema["options"])))


def _add_options(random: Random) -> None:
    """So that there is always something left to drop."""
    number = random.randrange(10**6)
    text = {"key": f"text{number}", "type": "text", "label": "Text", "max_length": 9, "required": True}
    choices = [{"value": f"choice{each}", "label": "Choice", "stock": random.choice((None, 5))} for each in range(3)]
    button = {"key": f"button{number}", "type": "button", "label": "Button", "choices": choices}
    _change_schema(random, lambda schema: schema["options"].extend([text, button]))


def _drop_choice(random: Random) -> None:
    def change(schema: Schema) -> None:
        option = random.choice([option for option in schema["options"] if option["type"] == "button"])
        option["choices"].remove(random.choice(option["choices"]))

    _change_schema(random, change)


def _move_things(random: Random) -> None:
    def change(schema: Schema) -> None:
        if schema["canvas"]:
            schema["canvas"]["background"] = f"#{random.randrange(16**6):06x}"
        for option in schema["options"]:
            if "placement" in option:
                option["placement"]["x"] = random.randint(0, 20)
            if "font" in option.get("placement", {}):
                option["placement"]["font"] = random.choice(FONTS)
            for choice in option.get("choices", ()):
                choice["swatch"] = f"#{random.randrange(16**6):06x}"

    _change_schema(random, change)


def _remove_upload(random: Random) -> None:
    uploads.remove(upload=random.choice(list(Upload.objects.order_by("pk"))))


def _collect(_random: Random) -> None:
    uploads.collect_unused()
    files.collect_orphans()


def _change_product(random: Random, **changes: Any) -> None:
    products.update_product(product=random.choice(list(Product.objects.order_by("pk"))), changes=changes)


def _template(random: Random) -> CustomizationTemplate:
    return random.choice(list(CustomizationTemplate.objects.order_by("pk")))


def _change_schema(random: Random, change: Callable[[Schema], object]) -> None:
    template = _template(random)
    schema = deepcopy(template.schema)
    change(schema)
    changes = {"schema": schema, "state": random.choice((template.state, TemplateState.PUBLISHED))}
    templates.update_template(template=template, changes=changes, actor=ACTOR)


_CHANGES: tuple[Callable[[Random], None], ...] = (
    *(_rename_product, _reprice_product, _hide_product, _delete_product, _new_product, _delete_package, _repack),
    *(_offer, _break, _correct_stock, _retire, _publish, _remove_template, _clone, _relabel, _retype),
    *(_reprice_option, _drop_option, _add_options, _drop_choice, _move_things, _remove_upload, _collect),
)
