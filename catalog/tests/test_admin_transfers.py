"""Imports and exports in the admin: from the list to the end and back, for whoever may."""

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_product
from catalog.tests.transfers import read
from fantasize.core.models import Transfer
from fantasize.core.transfers import running
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/product/"
HISTORY = "/admin/core/transfer/"
TABLES = ("product", "package", "stockitem", "offer")


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def page_of(transfer: Transfer, part: str = "change") -> str:
    return f"{HISTORY}{transfer.pk}/{part}/"


def ran(transfer: Transfer) -> Transfer:
    running.run(transfer.pk)
    transfer.refresh_from_db()
    return transfer


def newest() -> Transfer:
    return Transfer.objects.order_by("-created_at")[0]


def export(client: Client, query: str = "", **form: Any) -> Transfer:
    answer = client.post(f"{LIST}export/{query}", {"format": "csv", **form})
    assert answer["Location"] == page_of(newest())
    return ran(newest())


def downloaded(client: Client, transfer: Transfer) -> bytes:
    answer: Any = client.get(page_of(transfer, "file"))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def upload(client: Client, content: bytes, name: str = "rows.csv") -> Transfer:
    answer = client.post(f"{LIST}import/", {"file": SimpleUploadedFile(name, content)})
    assert answer["Location"] == page_of(newest())
    return ran(newest())


class TestExport:
    """What the list shows, for whoever asked."""

    def test_it_follows_search_filters_and_order(self) -> None:
        client = signed_in()
        make_product(name="Oak Board", price="1.00", sku="A")
        make_product(name="Oak Chair", price="3.00", sku="B")
        make_product(name="Oak Table", price="9.00", sku="C", is_active=False)
        make_product(name="Mug", sku="D")
        transfer = export(client, "?q=oak&is_active__exact=1&o=-2")
        assert transfer.total == 2
        rows = read(downloaded(client, transfer))
        assert sorted(row["name"] for row in rows) == ["Oak Board", "Oak Chair"]

    def test_the_selected_rows_only(self) -> None:
        client = signed_in()
        chosen, _ = make_product(name="Oak Board"), make_product(name="Mug")
        page = client.post(LIST, {"action": "export_selected", "_selected_action": [str(chosen.pk)]})
        assert f'name="selected" value="{chosen.pk}"' in page.content.decode()
        rows = read(downloaded(client, export(client, selected=[str(chosen.pk)])))
        assert [row["name"] for row in rows] == ["Oak Board"]

    def test_as_a_workbook(self) -> None:
        client = signed_in()
        make_product(name="Oak Board")
        content = downloaded(client, export(client, format="xlsx"))
        assert openpyxl.load_workbook(io.BytesIO(content)).active.cell(2, 2).value == "Oak Board"

    @pytest.mark.parametrize(
        ("query", "form"),
        [
            ("", {"format": "pdf"}),
            ("", {}),
            ("", {"format": "csv", "selected": ["nonsense"]}),
            ("?nope=1", {"format": "csv"}),
        ],
    )
    def test_what_cannot_be_found_is_said(self, query: str, form: dict[str, Any]) -> None:
        assert signed_in().post(f"{LIST}export/{query}", form).status_code in (200, 302)
        assert not Transfer.objects.exists()

    def test_only_its_owner_can_download_it(self) -> None:
        owner, other = signed_in(), signed_in(make_user(role="administrator"))
        transfer = export(owner)
        assert other.get(page_of(transfer)).status_code == 200
        assert 'data-do="download"' not in other.get(page_of(transfer)).content.decode()
        assert other.get(page_of(transfer, "file")).status_code == 404
        answer: Any = owner.get(page_of(transfer, "file"))
        assert answer["Cache-Control"].startswith("private, no-store")
        assert answer["Content-Disposition"] == f'attachment; filename="{transfer.file_name}"'
        answer.close()

    def test_whoever_may_not_see_such_rows_any_more_does_not_download_them(self) -> None:
        viewer = make_viewer("catalog.view_product")
        client = signed_in(viewer)
        transfer = export(client)
        assert b"sku" in downloaded(client, transfer)
        viewer.groups.clear()
        viewer.user_permissions.clear()
        assert 'data-do="download"' not in client.get(page_of(transfer)).content.decode()
        assert client.get(page_of(transfer, "file")).status_code == 404

    def test_a_file_that_somebody_took_away_is_not_found(self) -> None:
        client = signed_in()
        transfer = export(client)
        transfer.file.storage.delete(str(transfer.file))
        assert client.get(page_of(transfer, "file")).status_code == 404

    def test_it_is_not_served_as_media(self) -> None:
        client = signed_in()
        transfer = export(client)
        for address in (f"/media/{transfer.file.name}", f"/media/catalogue/../{transfer.file.name}"):
            assert client.get(address).status_code == 404

    def test_an_export_that_runs_can_be_cancelled_by_its_owner(self) -> None:
        viewer = make_viewer("catalog.view_product")
        client = signed_in(viewer)
        client.post(f"{LIST}export/", {"format": "csv"})
        transfer = newest()
        assert client.post(page_of(transfer, "cancel"))["Location"] == page_of(transfer)
        assert ran(transfer).state == "cancelled"
        assert client.get(page_of(transfer, "file")).status_code == 404


class TestImport:
    """Upload, look, confirm, undo."""

    def test_the_whole_way(self) -> None:
        client = signed_in()
        make_product(sku="A", name="Mug")
        transfer = upload(client, b"sku,name,list_price\nA,Cup,10\nB,<b>New</b>,2\nC,Bad,x\n")
        page = client.get(page_of(transfer)).content.decode()
        assert "<del>Mug</del> <ins>Cup</ins>" in page
        assert "&lt;b&gt;New&lt;/b&gt;" in page
        assert page.index('data-row="4"') < page.index('data-row="2"')
        assert "is not a number" in page
        errors: Any = client.get(page_of(transfer, "errors"))
        assert b"4,list_price," in b"".join(errors.streaming_content)
        client.post(page_of(transfer, "confirm"), {"rows": "good"})
        assert ran(transfer).state == "done"
        assert set(Product.objects.values_list("name", flat=True)) == {"Cup", "<b>New</b>"}
        client.post(page_of(transfer, "undo"))
        assert ran(newest()).message == "1 restored, 1 removed."
        assert "1 restored, 1 removed." in client.get(page_of(transfer)).content.decode()
        assert list(Product.objects.values_list("name", flat=True)) == ["Mug"]

    def test_refused_rows_are_left_out_only_on_purpose(self) -> None:
        client = signed_in()
        transfer = upload(client, b"sku,name,list_price\nA,Cup,10\nC,Bad,x\n")
        answer = client.post(page_of(transfer, "confirm"), {"rows": "all"}, follow=True)
        assert "Some rows are refused" in answer.content.decode()
        assert not Product.objects.exists()

    def test_rows_are_shown_by_kind_and_page(self) -> None:
        client = signed_in()
        rows = "".join(f"S{number},Gift,{number}\n" for number in range(120))
        transfer = upload(client, f"sku,name,list_price\n{rows}BAD,x,y\n".encode())
        assert client.get(f"{page_of(transfer)}?show=refused").content.decode().count("data-row=") == 1
        assert client.get(f"{page_of(transfer)}?show=new&page=3").content.decode().count("data-row=") == 20
        for odd in ("?show=nonsense&page=x", "?page=999999999999", "?show=%00"):
            assert client.get(page_of(transfer) + odd).status_code == 200

    def test_a_page_takes_as_many_queries_for_fifty_rows_as_for_one(self) -> None:
        client, measured = signed_in(), []
        for count in (1, 50):
            rows = "".join(f"S{number},Gift,{number}\n" for number in range(count))
            transfer = upload(client, f"sku,name,list_price\n{rows}".encode())
            for address in (page_of(transfer), HISTORY):
                with CaptureQueriesContext(connection) as queries:
                    client.get(address)
                measured.append(len(queries))
        assert measured[:2] == measured[2:]

    def test_an_empty_or_missing_file_is_told(self) -> None:
        client = signed_in()
        assert "empty" in client.post(f"{LIST}import/", {"file": SimpleUploadedFile("x", b"")}).content.decode()
        assert "required" in client.post(f"{LIST}import/", {}).content.decode()
        assert not Transfer.objects.exists()

    def test_a_name_is_only_a_name(self) -> None:
        client = signed_in()
        transfer = upload(client, b"sku,name,list_price\nA,Cup,x\n", name='a\x07"\n../..\\<i>é.csv')
        assert "<i>" not in client.get(page_of(transfer)).content.decode()
        assert client.get(page_of(transfer, "errors"))["Content-Disposition"].count('"') == 2

    def test_progress_is_told_while_it_runs(self) -> None:
        client = signed_in()
        client.post(f"{LIST}import/", {"file": SimpleUploadedFile("x.csv", b"sku\nA\n")})
        transfer = newest()
        assert "data-progress" in client.get(page_of(transfer)).content.decode()
        facts = client.get(page_of(transfer, "progress")).json()
        assert facts == {"state": "uploaded", "done": 0, "total": 0, "is_running": True}
        assert client.get(page_of(ran(transfer), "progress")).json()["is_running"] is False


class TestRights:
    """A page that somebody may not see is not there; a deed that somebody may not do changes nothing."""

    def test_the_buttons_are_for_those_who_may(self) -> None:
        page = signed_in().get(LIST).content.decode()
        assert (f'href="{LIST}import/"' in page, f'href="{LIST}export/' in page) == (True, True)
        page = signed_in(make_viewer("catalog.view_product")).get(LIST).content.decode()
        assert (f'href="{LIST}import/"' in page, f'href="{LIST}export/' in page) == (False, True)

    @pytest.mark.parametrize("table", TABLES)
    def test_every_table_has_its_pages(self, table: str) -> None:
        client = signed_in()
        for page in ("", "import/", "export/"):
            assert client.get(f"/admin/catalog/{table}/{page}").status_code == 200

    def test_an_import_needs_the_rights_to_add_and_to_change(self) -> None:
        file = {"file": SimpleUploadedFile("x.csv", b"sku\nA\n")}
        for rights in (("catalog.view_product",), ("catalog.view_product", "catalog.change_product")):
            client = signed_in(make_viewer(*rights))
            assert client.get(f"{LIST}import/").status_code == 403
            assert client.post(f"{LIST}import/", file).status_code == 403
        assert signed_in(make_viewer()).get(f"{LIST}export/").status_code == 403
        assert not Transfer.objects.exists()

    def test_somebody_elses_import_is_not_there_without_the_right_to_see_it(self) -> None:
        transfer = upload(signed_in(), b"sku,name,list_price\nA,Cup,2\n")
        strangers = (make_viewer("catalog.view_product"), make_viewer("core.view_transfer"))
        for stranger in strangers:
            client = signed_in(stranger)
            for part in ("change", "progress", "errors", "file"):
                assert client.get(page_of(transfer, part)).status_code == 404
            for part in ("confirm", "cancel", "undo"):
                assert client.post(page_of(transfer, part)).status_code == 404
        assert Transfer.objects.get().state == "checked"

    def test_the_history_lists_what_its_reader_may_see(self) -> None:
        theirs = upload(signed_in(), b"sku,name,list_price\nA,Cup,2\n")
        for rights, shown in (((), []), (("catalog.view_product",), [theirs])):
            page = signed_in(make_viewer("core.view_transfer", *rights)).get(HISTORY)
            assert list(page.context["cl"].result_list) == shown

    def test_whoever_may_look_may_not_act(self) -> None:
        transfer = upload(signed_in(), b"sku,name,list_price\nA,Cup,2\n")
        client = signed_in(make_viewer("catalog.view_product", "core.view_transfer"))
        assert "data-do" not in client.get(page_of(transfer)).content.decode()
        for part in ("confirm", "cancel", "undo"):
            assert client.post(page_of(transfer, part)).status_code == 403
        assert (Transfer.objects.get().state, Product.objects.count()) == ("checked", 0)

    def test_whoever_lost_the_right_cannot_confirm_their_own(self) -> None:
        person = make_viewer("catalog.view_product", "catalog.add_product", "catalog.change_product")
        transfer = upload(signed_in(person), b"sku,name,list_price\nA,Cup,2\n")
        person.user_permissions.clear()
        assert signed_in(person).post(page_of(transfer, "confirm")).status_code == 403
        assert Transfer.objects.get().state == "checked"

    def test_deeds_are_posted_with_a_token(self) -> None:
        transfer = upload(signed_in(), b"sku,name,list_price\nA,Cup,2\n")
        client = signed_in()
        for part in ("confirm", "cancel", "undo"):
            assert client.get(page_of(transfer, part)).status_code == 405
        assert client.post(page_of(transfer)).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert strict.post(page_of(transfer, "confirm"), {"rows": "all"}).status_code == 403

    def test_what_is_not_there_is_not_found(self) -> None:
        client = signed_in()
        for key in (uuid4(), "nonsense"):
            assert client.get(f"{HISTORY}{key}/change/").status_code == 404

    def test_a_second_press_is_answered_with_words(self) -> None:
        client = signed_in()
        transfer = upload(client, b"sku,name,list_price\nA,Cup,2\n")
        client.post(page_of(transfer, "cancel"))
        assert said(client.post(page_of(transfer, "cancel"))) == ["It has ended already."]
