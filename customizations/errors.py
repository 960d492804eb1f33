"""What customizations refuse."""

from fantasize.core.errors import ConflictError, UnavailableError


class TemplateStateError(ConflictError):
    """The template cannot go from its state to the one that is asked for."""

    code = "illegal_state"
    title = "Not from this state"


class UploadInUseError(ConflictError):
    """An order was placed with the file, so that it stays."""

    code = "upload_in_use"
    title = "Upload is in use"


class UploadQuotaError(ConflictError):
    """Its owner keeps as many files, or as many bytes, as one may."""

    code = "upload_quota"
    title = "No room for more uploads"


class BusyError(UnavailableError):
    """Too much is being drawn just now; the next moment is a good one to ask again."""

    code = "busy"
    title = "Busy"


class NoPictureError(ConflictError):
    """There is nothing to be drawn on."""

    code = "no_picture"
    title = "No picture"
