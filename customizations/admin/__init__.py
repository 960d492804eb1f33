"""The admin pages of customizations."""

from customizations.admin.blocked_words import BlockedWordAdmin
from customizations.admin.choice_stock import ChoiceStockAdmin
from customizations.admin.template import TemplateAdmin
from customizations.admin.uploads import UploadAdmin

__all__ = ["BlockedWordAdmin", "ChoiceStockAdmin", "TemplateAdmin", "UploadAdmin"]
