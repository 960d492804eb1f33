"""The rule engine of customizations: one schema language, one judgement, wherever answers are given.

Pure Python: ``parse`` a template's document once, ``evaluate`` answers as often as you like.
"""

from customizations.engine.answers import UploadFacts
from customizations.engine.evaluation import Evaluation, evaluate
from customizations.engine.faults import Fault, SchemaError
from customizations.engine.parsing import parse
from customizations.engine.schema import (
    Align,
    BaseOption,
    Box,
    ButtonOption,
    Canvas,
    Choice,
    Fit,
    ImageOption,
    ImagePlacement,
    Mask,
    MessageOption,
    Option,
    Price,
    PriceMode,
    Schema,
    TextOption,
    TextPlacement,
)
from customizations.engine.surcharges import Surcharge

__all__ = [
    "Align",
    "BaseOption",
    "Box",
    "ButtonOption",
    "Canvas",
    "Choice",
    "Evaluation",
    "Fault",
    "Fit",
    "ImageOption",
    "ImagePlacement",
    "Mask",
    "MessageOption",
    "Option",
    "Price",
    "PriceMode",
    "Schema",
    "SchemaError",
    "Surcharge",
    "TextOption",
    "TextPlacement",
    "UploadFacts",
    "evaluate",
    "parse",
]
