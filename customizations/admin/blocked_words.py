"""Words that are not printed without a look at them."""

from django import forms
from django.contrib import admin

from customizations.engine.words import words_of
from customizations.models import BlockedWord
from fantasize.core.admin.base import ShopModelAdmin


class BlockedWordForm(forms.ModelForm[BlockedWord]):
    """One word."""

    def clean_word(self) -> str:
        """The word as it is looked for.

        Raises:
            ValidationError: it is none, or several.
        """
        words = words_of(self.cleaned_data["word"])
        if len(words) != 1:
            raise forms.ValidationError("One word of letters and digits.")
        return words[0]


@admin.register(BlockedWord)
class BlockedWordAdmin(ShopModelAdmin):
    """Staff are warned of these when they look at a special request; nothing is refused by itself."""

    form = BlockedWordForm
    fields = ("word",)
    list_display = ("word",)
    search_fields = ("word__startswith",)
    search_help_text = "Beginning of a word"
    ordering = ("word",)
    sortable_by = ("word",)
