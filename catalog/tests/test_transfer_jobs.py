"""Transfers as jobs: killed and resumed, cancelled, undone, forgotten; never in more memory for more rows."""

from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_product
from catalog.tests.transfers import ACTOR, CSV, apply, check, confirm, counts, new_products, take_back, upload
from fantasize.core import clock
from fantasize.core.errors import ConflictError
from fantasize.core.invariants import violations
from fantasize.core.models import Transfer, TransferKind, TransferRow
from fantasize.core.tasks import purge_transfers, run_transfer
from fantasize.core.transfers import exports, imports, jobs, registry, running, undo
from fantasize.core.transfers.errors import FileRefusedError
from fantasize.core.transfers.reading import MAX_BYTES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.fixture
def batches_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 3)
    monkeypatch.setattr(registry.get("product").resource, "batch_size", 3)


def stop_after(monkeypatch: pytest.MonkeyPatch, target: Any, name: str, calls: int) -> None:
    """Let ``target.name`` die like a killed worker once it has been called so often."""
    original, made = getattr(target, name), iter(range(calls))

    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(made, None) is None:
            raise SystemExit
        return original(*args, **kwargs)

    monkeypatch.setattr(target, name, dying)


@pytest.mark.usefixtures("batches_of_three")
class TestResuming:
    """Whoever dies leaves whole batches; the next one goes on behind them, and all ends the same."""

    @pytest.mark.parametrize("batches", range(5))
    def test_a_check(self, monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
        transfer = upload("product", new_products(10))
        with monkeypatch.context() as patch:
            stop_after(patch, jobs, "advance", batches if batches < 4 else 3)
            with pytest.raises(SystemExit):
                running.run(transfer.pk)
        running.run(transfer.pk)
        transfer.refresh_from_db()
        assert (transfer.state, transfer.total, counts(transfer)) == ("checked", 10, (10, 0, 0, 0))

    @pytest.mark.parametrize("batches", range(4))
    def test_an_import(self, monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
        transfer = check("product", new_products(10))
        imports.confirm(transfer.pk, skip_refused=False)
        with monkeypatch.context() as patch:
            stop_after(patch, jobs, "advance", batches)
            with pytest.raises(SystemExit):
                running.run(transfer.pk)
        assert Product.objects.count() == 3 * batches
        running.run(transfer.pk)
        transfer.refresh_from_db()
        assert (transfer.state, transfer.done, Product.objects.count()) == ("done", 10, 10)
        assert not any(violations().values())

    @pytest.mark.parametrize("batches", range(4))
    def test_an_undoing(self, monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
        undoing = undo.start(apply("product", new_products(10)).pk, actor=ACTOR)
        with monkeypatch.context() as patch:
            stop_after(patch, jobs, "advance", batches)
            with pytest.raises(SystemExit):
                running.run(undoing.pk)
        assert Product.objects.count() == 10 - 3 * batches
        running.run(undoing.pk)
        assert Transfer.objects.get(pk=undoing.pk).message == "10 removed."
        assert not Product.objects.exists()

    def test_an_export_begins_anew_and_leaves_one_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        apply("product", new_products(10))
        rows = registry.get("product").resource().rows().order_by("-pk")
        transfer = exports.start(resource="product", file_format=CSV, selection=rows, actor=ACTOR)
        with monkeypatch.context() as patch:
            stop_after(patch, jobs, "finish", 0)
            with pytest.raises(SystemExit):
                running.run(transfer.pk)
        running.run(transfer.pk)
        transfer.refresh_from_db()
        with transfer.file.open() as file:
            assert [line.split(b",")[0] for line in file][1:] == [b"SKU-%d" % number for number in range(9, -1, -1)]
        assert len(list((tmp_path / "media").glob("transfers/*/export*"))) == 1
        assert not TransferRow.objects.filter(transfer=transfer).exists()

    def test_running_what_has_ended_does_nothing(self) -> None:
        transfer = apply("product", new_products(2))
        running.run(transfer.pk)
        undo.start(transfer.pk, actor=ACTOR)
        transfer.delete()
        running.run(transfer.pk)
        assert Product.objects.count() == 2


@pytest.mark.usefixtures("batches_of_three")
class TestCancelling:
    """At once while it waits, else between two batches."""

    def test_while_it_waits(self) -> None:
        transfer = upload("product", new_products(4))
        assert jobs.cancel(transfer.pk).state == "cancelled"
        running.run(transfer.pk)
        assert not TransferRow.objects.exists()
        with pytest.raises(ConflictError):
            jobs.cancel(transfer.pk)

    def test_a_checked_import(self) -> None:
        transfer = jobs.cancel(check("product", new_products(4)).pk)
        with pytest.raises(ConflictError):
            imports.confirm(transfer.pk, skip_refused=False)
        with pytest.raises(ConflictError):
            undo.start(transfer.pk, actor=ACTOR)
        assert not Product.objects.exists()

    def cancel_after(self, monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
        """Have somebody press the button while the worker is at the batch after so many."""
        original, made = jobs.advance, iter(range(batches))

        def pressed(transfer: Transfer, **facts: int) -> None:
            original(transfer, **facts)
            if next(made, None) is None:
                jobs.cancel(transfer.pk)

        monkeypatch.setattr(jobs, "advance", pressed)

    def test_a_running_check(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cancel_after(monkeypatch, 1)
        assert (check("product", new_products(10)).state, TransferRow.objects.count()) == ("cancelled", 6)

    def test_a_running_import_keeps_what_it_has_done_and_that_can_be_undone(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        transfer = check("product", new_products(10))
        with monkeypatch.context() as patch:
            self.cancel_after(patch, 1)
            stopped = confirm(transfer)
        assert (stopped.state, stopped.done, Product.objects.count()) == ("cancelled", 6, 6)
        assert take_back(transfer).message == "6 removed."
        assert not Product.objects.exists()

    def test_a_running_export(self, tmp_path: Path) -> None:
        apply("product", new_products(4))
        rows = Product.objects.all()
        transfer = exports.start(resource="product", file_format=CSV, selection=rows, actor=ACTOR)
        Transfer.objects.filter(pk=transfer.pk).update(state="applying", cancel_requested_at=clock.now())
        running.run(transfer.pk)
        transfer.refresh_from_db()
        assert (transfer.state, transfer.file.name) == ("cancelled", "")
        assert list((tmp_path / "media").glob("transfers/*/export*")) == []

    def test_an_undoing_goes_on_with_the_next_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        transfer = apply("product", new_products(10))
        with monkeypatch.context() as patch:
            self.cancel_after(patch, 0)
            assert take_back(transfer).state == "cancelled"
        assert Product.objects.count() == 7
        assert take_back(transfer).message == "7 removed."


class TestRules:
    """What may be asked of a transfer, and when."""

    def test_only_a_checked_import_can_be_confirmed_and_only_once(self) -> None:
        waiting = upload("product", new_products(1))
        with pytest.raises(ConflictError):
            imports.confirm(waiting.pk, skip_refused=True)
        running.run(waiting.pk)
        imports.confirm(waiting.pk, skip_refused=True)
        with pytest.raises(ConflictError):
            imports.confirm(waiting.pk, skip_refused=True)

    def test_refused_rows_must_be_left_out_on_purpose(self) -> None:
        transfer = check("product", b"sku,name,list_price\nA,Mug,1\nB,Cup,x\n")
        with pytest.raises(ConflictError):
            imports.confirm(transfer.pk, skip_refused=False)
        assert not Product.objects.exists()

    def test_nothing_to_change_cannot_be_confirmed(self) -> None:
        make_product(sku="A", name="Mug")
        transfer = check("product", b"sku,name\nA,Mug\n")
        with pytest.raises(ConflictError):
            imports.confirm(transfer.pk, skip_refused=True)

    @pytest.mark.parametrize("size", [0, MAX_BYTES + 1])
    def test_files_that_are_empty_or_too_big_are_not_kept(self, size: int, tmp_path: Path) -> None:
        with (tmp_path / "x").open("wb+") as file, pytest.raises(FileRefusedError):
            imports.upload(resource="product", file=file, name="x", size=size, actor=ACTOR)
        assert (Transfer.objects.count(), default_storage.exists("transfers")) == (0, False)

    def test_a_file_whose_row_was_not_stored_is_not_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        stop_after(monkeypatch, jobs, "enqueue", 0)
        with pytest.raises(SystemExit), transaction.atomic():
            upload("product", new_products(1))
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_fault_of_the_shop_ends_it_after_some_attempts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        transfer = upload("product", new_products(1))

        def broken(*_: Any) -> None:
            raise RuntimeError

        monkeypatch.setattr(running, "_step", broken)
        for attempts, state in ((0, "uploaded"), (4, "failed")):
            context: Any = type("Context", (), {"job": type("Job", (), {"attempts": attempts})})
            with pytest.raises(RuntimeError):
                run_transfer(context, str(transfer.pk))
            transfer.refresh_from_db()
            assert transfer.state == state
        assert transfer.message == running.GIVEN_UP

    def test_the_job_is_part_of_the_transaction(self) -> None:
        upload("product", new_products(1))
        job = ProcrastinateJob.objects.get(task_name=jobs.RUN_TASK)
        assert job.lock == "transfer:product"


def test_old_ones_are_forgotten_with_their_files_unless_they_run(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    long_ago = clock.now() - timedelta(days=31)
    with clock.frozen_at(long_ago):
        apply("product", new_products(1))
        kept = upload("product", new_products(1))
        take_back(Transfer.objects.exclude(pk=kept.pk).get())
    recent = check("product", new_products(1))
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_transfers(0) >= 1  # the undoing goes with its import or by itself
    assert set(Transfer.objects.values_list("pk", flat=True)) == {kept.pk, recent.pk}
    assert len(list((tmp_path / "media").glob("transfers/*/*"))) == 2


class TestCommands:
    """The same from the shell."""

    def test_import_and_export(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        new, out = tmp_path / "new.csv", tmp_path / "out.xlsx"
        new.write_bytes(new_products(3))
        call_command("import_rows", "product", str(new))
        assert not Product.objects.exists()
        call_command("import_rows", "product", str(new), "--apply")
        call_command("export_rows", "product", str(out))
        call_command("import_rows", "product", str(out))
        assert capsys.readouterr().out.splitlines() == [
            *("Checked: 3 new.", "Checked: 3 new.", "Done: 3 new.", "3 rows.", "Checked: 3 unchanged."),
        ]

    def test_a_worker_may_be_at_it_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run, asked = running.run, count(1)

        def run_sometimes(transfer_id: UUID) -> None:
            if next(asked) % 2 == 0:  # in between a worker has the batch
                run(transfer_id)

        monkeypatch.setattr(running, "run", run_sometimes)
        new, out = tmp_path / "new.csv", tmp_path / "out.csv"
        new.write_bytes(new_products(3))
        call_command("import_rows", "product", str(new), "--apply")
        call_command("export_rows", "product", str(out))
        assert Product.objects.count() == len(out.read_text().splitlines()) - 1 == 3

    def test_what_cannot_be_done_is_said(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        bad = tmp_path / "bad.csv"
        bad.write_bytes(b"sku,name,list_price\nA,Mug,x\nB,Cup,2\n")
        with pytest.raises(CommandError, match="Some rows are refused"):
            call_command("import_rows", "product", str(bad), "--apply")
        assert "Row 2, list_price:" in capsys.readouterr().err
        call_command("import_rows", "product", str(bad), "--skip-refused")
        assert Product.objects.get().sku == "B"
        for arguments in (["import_rows", "product", str(tmp_path / "none")], ["export_rows", "product", "x.pdf"]):
            with pytest.raises(CommandError):
                call_command(*arguments)
        bad.write_bytes(b"colour\nred\n")
        with pytest.raises(CommandError, match="no column colour"):
            call_command("import_rows", "product", str(bad))


def test_a_transfer_says_what_it_is() -> None:
    make_user()
    transfer = check("product", new_products(1))
    assert (str(transfer), str(transfer.rows.get()), transfer.kind) == ("rows.csv", "row 2", TransferKind.IMPORT)
