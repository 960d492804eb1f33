"""The tables of customizations."""

from customizations.models.blocked_word import BlockedWord
from customizations.models.preset import Preset
from customizations.models.template import ChoiceStock, CustomizationTemplate, TemplateLink, TemplateVersion
from customizations.models.upload import Asset, Proof, Upload

__all__ = [
    "Asset",
    "BlockedWord",
    "ChoiceStock",
    "CustomizationTemplate",
    "Preset",
    "Proof",
    "TemplateLink",
    "TemplateVersion",
    "Upload",
]
