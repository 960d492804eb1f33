"""The one engine: what is asked, what is wrong, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from customizations.engine.answers import AnswerReader, UploadFacts
from customizations.engine.conditions import holds
from customizations.engine.faults import Fault, below, echo
from customizations.engine.schema import ButtonOption, Option, Schema
from customizations.engine.surcharges import Surcharge, surcharges_of

# What is named of a heap of unknown answers.
_MOST_UNKNOWN = 40
_NONE_UPLOADED: Mapping[str, UploadFacts] = MappingProxyType({})
_NONE_COUNTED: Mapping[tuple[str, str], int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the engine says of a set of answers.

    Attributes:
        visible: the keys of the options that are asked, in order.
        answers: the legal answers, normalised: composed (NFC), LF line ends, no blanks at either end.
        errors: what is wrong, by pointers into the answers.
        surcharges: what the legal answers cost.
        stock_demand: (option, value) of each counted choice, taken once per unit.
        needs_approval: the keys of the answers that staff look at before the order goes on.
    """

    visible: tuple[str, ...]
    answers: dict[str, str]
    errors: tuple[Fault, ...]
    surcharges: tuple[Surcharge, ...]
    stock_demand: tuple[tuple[str, str], ...]
    needs_approval: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether an order can be placed with these answers."""
        return not self.errors

    @property
    def per_unit(self) -> Decimal:
        """What each unit costs more, exactly: it is rounded with the unit price."""
        return sum((each.amount for each in self.surcharges if not each.is_once), Decimal(0))

    @property
    def once(self) -> Decimal:
        """What the line costs more, in whole minor units."""
        return sum((each.amount for each in self.surcharges if each.is_once), Decimal(0))


def evaluate(
    schema: Schema,
    answers: object,
    *,
    unit_price: Decimal,
    currency: str = "USD",
    uploads: Mapping[str, UploadFacts] = _NONE_UPLOADED,
    stock: Mapping[tuple[str, str], int] = _NONE_COUNTED,
) -> Evaluation:
    """Judge ``answers`` to ``schema``: an object of option keys and texts.

    An answer that shows nothing is none. Conditions see the answers to options that are asked. Whatever is wrong is
    said at once; what the legal answers cost is said even if others are wrong.

    Args:
        schema: what is asked.
        answers: what was sent, whatever it is.
        unit_price: what a unit costs without customization, offers and price breaks included.
        currency: ISO 4217.
        uploads: the pictures that the shopper may use, by id in small letters.
        stock: how many there are now of counted choices, by (option, value); what is not named is not judged.
    """
    judge = _Judge(AnswerReader(uploads, stock))
    given = judge.sort(schema, answers)
    for option in schema.options:
        judge.judge(option, given)
    legal = judge.legal
    asked = {option.key: option for option in schema.options if option.key in legal}
    surcharges = (
        each
        for key, option in asked.items()
        for each in surcharges_of(option, legal[key], unit_price=unit_price, currency=currency)
    )
    return Evaluation(
        tuple(judge.visible),
        legal,
        tuple(judge.errors),
        tuple(surcharges),
        tuple((key, legal[key]) for key, option in asked.items() if _is_counted(option, legal[key])),
        tuple(key for key, option in asked.items() if _needs_approval(option, legal[key])),
    )


@dataclass(slots=True)
class _Judge:
    """Goes through the options in order and notes what is asked, legal and wrong."""

    reader: AnswerReader
    visible: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    legal: dict[str, str] = field(default_factory=dict)
    errors: list[Fault] = field(default_factory=list)

    def sort(self, schema: Schema, answers: object) -> Mapping[str, object]:
        """The answers, of which those to no option are errors; none of what is no object."""
        if not isinstance(answers, Mapping):
            self.errors.append(Fault("", "not_an_object", "Answers are an object of option keys and texts."))
            return {}
        unknown = [str(key) for key in answers if schema.option(key) is None]
        for key in unknown[:_MOST_UNKNOWN]:
            self._refuse(key, "unknown_option", f"There is no option {echo(key)!r}.")
        return answers

    def judge(self, option: Option, given: Mapping[str, object]) -> None:
        """Whether ``option`` is asked, and what its answer is worth, whether or not it is."""
        key, is_asked = option.key, option.when is None or holds(option.when, self.seen)
        if is_asked:
            self.visible.append(key)
        answer, objections = self.reader.read(option, given[key]) if key in given else ("", [])
        if answer and not is_asked:
            objections = [("not_asked", f"{option.label!r} is not asked with these answers.")]
        elif answer:
            self.seen[key] = answer
        elif option.required and is_asked and not objections:
            objections = [("required", f"{option.label!r} must be answered.")]
        for code, detail in objections:
            self._refuse(key, code, detail)
        if answer and not objections:
            self.legal[key] = answer

    def _refuse(self, key: str, code: str, detail: str) -> None:
        self.errors.append(Fault(below("", key), code, detail))


def _is_counted(option: Option, answer: str) -> bool:
    """Whether the answer takes something of the stock."""
    choice = option.choice(answer) if isinstance(option, ButtonOption) else None
    return choice is not None and choice.stock is not None


def _needs_approval(option: Option, answer: str) -> bool:
    """Whether staff look at the answer."""
    choice = option.choice(answer) if isinstance(option, ButtonOption) else None
    return option.requires_approval or (choice is not None and choice.requires_approval)
