"""Words that mean the same to shoppers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.models import Synonym
from catalog.search.words import read_phrases
from catalog.services import search
from fantasize.core.admin.base import ShopModelAdmin


class SynonymForm(forms.ModelForm[Synonym]):
    """A line of words."""

    def clean_words(self) -> str:
        """The line as the search reads it.

        Raises:
            ValidationError: it does not name two things at least.
        """
        phrases = read_phrases(self.cleaned_data["words"])
        if len(phrases) < 2:  # noqa: PLR2004 - one word has no synonym
            raise forms.ValidationError("Name at least two words or phrases, with commas between them.")
        return ", ".join(" ".join(phrase) for phrase in phrases)


@admin.register(Synonym)
class SynonymAdmin(ShopModelAdmin):
    """What shoppers may call the same thing; a change is searched by at once."""

    form = SynonymForm
    fields = ("words", "is_active")
    list_display = ("words", "is_active")
    list_filter = ("is_active",)
    search_fields = ("words__icontains",)
    search_help_text = "Word"
    ordering = ("words",)
    sortable_by = ("words",)

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save, and have all processes read it."""
        super().save_model(request, obj, form, change)
        search.forget_synonyms()

    def delete_model(self, request: HttpRequest, obj: Synonym) -> None:
        """Delete, and have all processes forget it."""
        super().delete_model(request, obj)
        search.forget_synonyms()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Synonym]) -> None:
        """The same for several."""
        super().delete_queryset(request, queryset)
        search.forget_synonyms()
