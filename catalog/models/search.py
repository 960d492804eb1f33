"""What helps the search: words that mean the same, and the words that the catalogue uses."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Synonym(models.Model):
    """A line of words or short phrases that mean the same to shoppers: ``mug, cup, beaker``."""

    words = models.CharField(
        max_length=500, help_text="Words or phrases of up to four words, with commas between them: mug, cup, tea cup."
    )
    is_active = models.BooleanField("active", default=True)

    def __str__(self) -> str:
        return self.words


class SearchWord(models.Model):
    """A word of the catalogue's names, for telling what a misspelt one was meant to be. Nobody edits it.

    Attributes:
        frequency: how many products, packages and labels have it; counted anew every night.
        grams: every three letters in a row (``search.words.trigrams``).
    """

    word = models.CharField(max_length=40, primary_key=True)
    frequency = models.PositiveIntegerField(default=1)
    grams = ArrayField(models.CharField(max_length=3))

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["grams"], name="search_word_grams")]

    def __str__(self) -> str:
        return self.word
