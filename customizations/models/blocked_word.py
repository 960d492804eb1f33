"""What is not printed without a look at it."""

from django.db import models


class BlockedWord(models.Model):
    """A word that staff are warned of when they look at a special request; without case and accents."""

    word = models.CharField(max_length=60, unique=True, help_text="Case and accents do not count.")

    def __str__(self) -> str:
        return self.word
