"""Why a file cannot be taken at all."""


class FileRefusedError(Exception):
    """A file that cannot be read; its message says where and why, in words for whoever made the file."""
