"""Static files under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Modules import each other under such names, too: no page runs the old half of a script with the new."""

    support_js_module_import_aggregation = True
