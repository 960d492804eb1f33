"""What must always hold for templates."""

from functools import partial

from fantasize.core import invariants

# What is offered is what was published last, and its choices have their stock.
_UNPUBLISHED = """
    SELECT count(*) FROM customizations_customizationtemplate AS template
     WHERE state = 'published'
       AND NOT EXISTS (SELECT 1 FROM customizations_templateversion AS kept
                        WHERE kept.template_id = template.id AND kept.number = template.version
                          AND kept.schema = template.schema)
"""
_WRONG_LINKS = """
    SELECT count(*) FROM customizations_templatelink AS link
      JOIN customizations_customizationtemplate AS template ON template.id = link.template_id
     WHERE link.is_live <> (template.state = 'published')
"""
_WRONG_MARKS = """
    SELECT (SELECT count(*) FROM catalog_product AS thing
             WHERE has_options <> EXISTS (SELECT 1 FROM customizations_templatelink
                                           WHERE product_id = thing.id AND is_live))
         + (SELECT count(*) FROM catalog_package AS thing
             WHERE has_options <> EXISTS (SELECT 1 FROM customizations_templatelink
                                           WHERE package_id = thing.id AND is_live))
"""
_WITHOUT_STOCK = """
    SELECT count(*) FROM customizations_customizationtemplate AS template,
           jsonb_path_query(schema, '$.options[*]') AS asked,
           jsonb_path_query(asked, '$.choices[*] ? (@.stock != null)') AS choice
     WHERE state = 'published'
       AND NOT EXISTS (SELECT 1 FROM customizations_choicestock AS kept
                        WHERE kept.template_id = template.id
                          AND kept.option = asked ->> 'key' AND kept.value = choice ->> 'value')
"""


def register() -> None:
    """Have ``verify_invariants`` check templates."""
    checks = {
        "templates.published_as_kept": _UNPUBLISHED,
        "templates.links_follow_state": _WRONG_LINKS,
        "templates.things_know_their_options": _WRONG_MARKS,
        "templates.choices_have_stock": _WITHOUT_STOCK,
    }
    for name, statement in checks.items():
        invariants.register(name, partial(invariants.count, statement))
