"""The schema language, parsed: what a shopper is asked, what each answer costs, and where it is shown."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from customizations.engine.conditions import Condition


class PriceMode(StrEnum):
    """What an amount is multiplied by."""

    FIXED = "fixed"
    PERCENT = "percent"
    PER_CHARACTER = "per_character"
    PER_LINE = "per_line"
    ONCE = "once"


COUNTED = frozenset({PriceMode.PER_CHARACTER, PriceMode.PER_LINE})


class Align(StrEnum):
    """Where lines stand in their box."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Fit(StrEnum):
    """How a picture fills its box: all of the box, or all of the picture."""

    COVER = "cover"
    CONTAIN = "contain"


class Mask(StrEnum):
    """What shape a picture is cut to."""

    NONE = "none"
    CIRCLE = "circle"
    ROUNDED = "rounded"
    HEART = "heart"


@dataclass(frozen=True, slots=True)
class Price:
    """What an answer costs more.

    Attributes:
        mode: what the amount is for.
        amount: money, or percent of the unit price.
        free: how many characters or lines cost nothing.
    """

    mode: PriceMode
    amount: Decimal
    free: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the canvas, in its pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class TextPlacement(Box):
    """Where and how text is shown.

    Attributes:
        font: a name the renderer knows.
        color: ``#rrggbb``.
        align: of the lines in the box.
        size: the greatest height of the letters in pixels; None: as great as the box allows.
        min_size: the least, below which text counts as too long.
        curve: degrees of the arc that the line follows; 0 is straight, below 0 it hangs.
        rotation: degrees clockwise that the box is turned around its middle.
    """

    font: str
    color: str
    align: Align = Align.CENTER
    size: int | None = None
    min_size: int | None = None
    curve: int = 0
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class ImagePlacement(Box):
    """Where and how a picture is shown."""

    fit: Fit = Fit.COVER
    mask: Mask = Mask.NONE


@dataclass(frozen=True, slots=True)
class Canvas:
    """What everything is shown on.

    Attributes:
        width: in pixels.
        height: in pixels.
        background: ``#rrggbb``, or the SHA-256 of a stored picture.
    """

    width: int
    height: int
    background: str

    @property
    def box(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a button option.

    Attributes:
        value: what the answer says.
        label: what the shopper reads.
        swatch: its colour, ``#rrggbb``.
        price: what it costs more.
        stock: how many there were when the choice was made; None: not counted. What there is now, its stock item says.
        requires_approval: whether staff look at orders that have it.
    """

    value: str
    label: str
    swatch: str | None = None
    price: Price | None = None
    stock: int | None = None
    requires_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseOption:
    """What every option has.

    Attributes:
        key: names the answer.
        label: what the shopper reads.
        help: a longer explanation.
        required: whether it must be answered when it is asked.
        requires_approval: whether staff look at orders that answer it.
        price: what any answer costs more.
        when: on what it depends whether it is asked; None: always.
    """

    type: ClassVar[str]

    key: str
    label: str
    help: str = ""
    required: bool = False
    requires_approval: bool = False
    price: Price | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonOption(BaseOption):
    """One of some choices; ``tint`` is the part of the canvas that takes on the chosen swatch."""

    type: ClassVar[str] = "button"

    choices: tuple[Choice, ...]
    tint: Box | None = None
    _by_value: dict[str, Choice] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_value", {choice.value: choice for choice in self.choices})

    def choice(self, value: str) -> Choice | None:
        """The choice of that value, if there is one."""
        return self._by_value.get(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOption(BaseOption):
    """A line of text of ``max_length`` code points; of the character classes ``allowed`` alone, if there are any."""

    type: ClassVar[str] = "text"

    max_length: int
    allowed: tuple[str, ...] = ()
    placement: TextPlacement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOption(BaseOption):
    """Text of ``max_length`` code points in ``max_lines`` lines."""

    type: ClassVar[str] = "message"

    max_length: int
    max_lines: int
    placement: TextPlacement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOption(BaseOption):
    """An uploaded picture of at least so many pixels."""

    type: ClassVar[str] = "image"

    min_width: int = 1
    min_height: int = 1
    placement: ImagePlacement | None = None


Option = ButtonOption | TextOption | MessageOption | ImageOption


@dataclass(frozen=True, slots=True)
class Schema:
    """What a template asks, in order, and what the answers are shown on."""

    options: tuple[Option, ...]
    canvas: Canvas | None = None
    _by_key: dict[str, Option] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {option.key: option for option in self.options})

    def option(self, key: str) -> Option | None:
        """The option of that key, if there is one."""
        return self._by_key.get(key)
