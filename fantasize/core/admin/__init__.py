"""What every admin page stands on, and the pages of imports and exports."""

from fantasize.core.admin.transfers import TransferAdmin

__all__ = ["TransferAdmin"]
