"""The tables of customizations."""

from customizations.models.preset import Preset
from customizations.models.template import ChoiceStock, CustomizationTemplate, TemplateLink, TemplateVersion
from customizations.models.upload import Asset, Proof, Upload

__all__ = [
    "Asset",
    "ChoiceStock",
    "CustomizationTemplate",
    "Preset",
    "Proof",
    "TemplateLink",
    "TemplateVersion",
    "Upload",
]
