"""What can go wrong with the embedded servers, in sentences for a person."""

from pathlib import Path


class EmbeddedServiceError(RuntimeError):
    """An embedded server cannot be found, started or reached. Its text is one line that says what to do."""


def explain(failure: str, output: str, log: Path) -> EmbeddedServiceError:
    """The error for a server program that failed: its usual causes by name, else its last words.

    Args:
        failure: what did not work, as the start of a sentence.
        output: what the program wrote before it stopped.
        log: where the rest can be read.
    """
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return EmbeddedServiceError(f"{failure}: the disk is full. Free some space under {log.parent} and try again.")
    last_words = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it said nothing")
    return EmbeddedServiceError(f"{failure}: {last_words} (more in {log})")
