import pytest, time
from django.db import connection
from customizations.models import CustomizationTemplate as T
pytestmark = pytest.mark.django_db
def doc(n):
    from customizations.tests.factories import make_schema
    d = make_schema()
    if n % 100: d["options"][1]["placement"]["font"] = ("sans","slab","hand")[n%3]
    if n % 50: d["options"][0]["choices"][1]["value"] = f"tone{n%40}"
    if n % 40: d["options"][4]["key"] = f"extra{n%60}"
    return d
def test_explain():
    T.objects.bulk_create([T(name=f"Template {n}", schema=doc(n), state="published" if n%3 else "draft") for n in range(10_000)], batch_size=1000)
    with connection.cursor() as c:
        c.execute("VACUUM ANALYZE customizations_customizationtemplate") if False else c.execute("ANALYZE customizations_customizationtemplate")
        c.execute("select pg_size_pretty(pg_relation_size('template_schema')), pg_size_pretty(pg_table_size('customizations_customizationtemplate'))"); print(c.fetchone())
    for q in (T.objects.with_font("serif"), T.objects.with_choice("gold"), T.objects.with_option("wrapping"), T.objects.with_font("serif").filter(state="published").order_by("name","pk")[:51]):
        print(q.query); 
        for _ in range(2): out=q.explain(analyze=True, costs=False, timing=False, buffers=False)
        print(out)
    with connection.cursor() as c:
        c.execute("SET LOCAL enable_bitmapscan=off"); print(T.objects.with_font("serif").explain(analyze=True, costs=False, timing=False))
