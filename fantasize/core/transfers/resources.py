"""How rows of a table become cells and back, many at a time.

django-import-export's resources, fields and widgets say what a column is; what a file changes is found out and stored
in bulk, for the library's own way is one row at a time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.resources import ModelResource

from fantasize.core.models import RowOutcome
from fantasize.core.transfers import cells
from fantasize.core.transfers.changes import CHANGED_MEANWHILE, GONE, THERE_ALREADY, Change, Checked, Faults, Undone
from fantasize.core.transfers.columns import Column
from fantasize.core.transfers.errors import FileRefusedError
from fantasize.core.transfers.reading import SheetRow


class TransferResource(ModelResource):
    """A table that can be exported and, with ``can_import``, imported.

    Attributes:
        key: the column that says which row is meant.
        makes_keys: whether new rows get their keys from the table, so that a file may do without them.
        import_verbs: which rights on the rows an import needs.
        needed: columns without which a row cannot become something new.
        only_new: columns that count for new rows only; of what exists they are only shown.
        unless_empty: columns of which an empty cell says nothing.
        once: columns whose values no two rows share, beside the key.
        can_import: whether files can be imported.
        batch_size: how many rows one transaction stores.
    """

    can_import: ClassVar[bool] = True
    batch_size: ClassVar[int] = 1000
    key: ClassVar[str] = "sku"
    makes_keys: ClassVar[bool] = False
    import_verbs: ClassVar[Collection[str]] = ("add", "change")
    needed: ClassVar[Collection[str]] = ()
    only_new: ClassVar[Collection[str]] = ()
    unless_empty: ClassVar[Collection[str]] = ()
    once: ClassVar[Collection[str]] = ()

    @classmethod
    def options(cls) -> Any:
        """The model's ``_meta``."""
        return cls._meta.model._meta  # noqa: SLF001 - Django's documented interface

    # What a table says of itself

    def rows(self) -> QuerySet[Any]:
        """Every row, with what its cells need; a fixed number of queries."""
        raise NotImplementedError

    def faults_of(self, values: Mapping[str, Any], instance: Any) -> Faults:  # noqa: ARG002 - for those who need it
        """What is wrong between the cells of a row."""
        return {}

    def create(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:
        """Make new rows, in the caller's transaction."""
        raise NotImplementedError

    def update(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:
        """Store changed rows, which are locked, in the caller's transaction."""
        raise NotImplementedError

    def remove(self, instances: Sequence[Any], *, actor: str, reference: str) -> Mapping[Any, RowOutcome]:
        """Take back rows that were made: removed, or hidden if something refers to them. By primary key."""
        raise NotImplementedError

    # Columns and cells

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Every column, in the order of an export."""
        model = self._meta.model
        return {str(each.column_name): Column(each, model) for each in self.get_export_fields()}

    @cached_property
    def own(self) -> dict[str, Column]:
        """The columns that an import reads."""
        return {name: each for name, each in self.columns.items() if each.is_read}

    @cached_property
    def numbers(self) -> list[int]:
        """Indexes of the columns that are numbers in a workbook."""
        return [index for index, each in enumerate(self.columns.values()) if each.is_number]

    def require_header(self, columns: Sequence[str]) -> None:
        """Refuse a header with columns that nobody knows, or without the key.

        Raises:
            FileRefusedError: naming all of them.
        """
        faults = [f"there is no column {cells.legible(name)[:40]}" for name in columns if name not in self.columns]
        faults += [f"the column {self.key} is missing"] if self.key not in columns and not self.makes_keys else []
        if faults:
            known = ", ".join(self.columns)
            raise FileRefusedError(f"Row 1: {'; '.join(faults)}. The columns are: {known}.")

    def cells_of(self, instance: Any, columns: Iterable[str] | None = None) -> dict[str, str]:
        """Cells by column."""
        wanted = self.columns if columns is None else columns
        return {name: self.columns[name].cell_of(instance) for name in wanted}

    # What a file would do

    def check(self, rows: Sequence[SheetRow]) -> list[Checked]:
        """What these rows would do; a fixed number of queries."""
        self._prefetch([row.cells for row in rows])
        found = self.by_key(row.cells.get(self.key, "") for row in rows)
        checked = [self._check_row(row, found.get(row.cells.get(self.key, "").strip())) for row in rows]
        taken = self._taken({row.key: row.after for row in checked})
        return [_with_faults(row, taken.get(row.key, {})) for row in checked]

    def _check_row(self, row: SheetRow, instance: Any) -> Checked:
        key = row.cells.get(self.key, "").strip()
        said = {**row.cells, self.key: key}
        values, faults = self._values(self._news(said, instance))
        faults |= row.faults
        if instance is None:
            faults |= {name: "A new row needs this." for name in self.needed if not said.get(name, "").strip()}
        faults = faults or self.faults_of(values, instance)
        if faults:
            return Checked(row.number, RowOutcome.REFUSED, key, after=row.cells, faults=faults)
        return self.judge(row.number, key, values, instance)

    def _news(self, said: Mapping[str, str], instance: Any) -> dict[str, str]:
        """The cells of a row that do not say what is so already."""
        columns = [name for name in self.own if name in said and (said[name] or name not in self.unless_empty)]
        if instance is None:
            return _only(said, columns)
        present = self.cells_of(instance, [name for name in columns if name not in self.only_new])
        return {name: said[name] for name, cell in present.items() if said[name] != cell}

    def judge(self, number: int, key: str, values: Mapping[str, Any], instance: Any) -> Checked:
        """What a row without faults would do."""
        after = self.render(values)
        if instance is None:
            return Checked(number, RowOutcome.NEW, key, after=after)
        before = self.cells_of(instance, after)
        changed = [name for name in after if before[name] != after[name]]
        outcome = RowOutcome.CHANGED if changed else RowOutcome.UNCHANGED
        return Checked(number, outcome, key, _only(before, changed), _only(after, changed))

    def render(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Values as cells."""
        return {name: self.own[name].render(value) for name, value in values.items()}

    # Storing it

    def apply(self, rows: Sequence[Any], *, actor: str, reference: str) -> list[Change]:
        """Store checked rows in the caller's transaction, unless the shop has changed under them.

        Returns what was to be stored, each with its fault if it was not. A fixed number of queries.
        """
        self._prefetch([row.after for row in rows])
        found = self.by_key((row.key for row in rows), is_locking=True)
        taken = self._taken({row.key: row.after for row in rows})
        changes = [self._change(row, found.get(row.key), taken.get(row.key, {})) for row in rows]
        good = [change for change in changes if not change.fault]
        # First what is there: a name that is made for a new row is then none that another row of the batch has taken.
        self.update([change for change in good if change.instance is not None], actor=actor, reference=reference)
        self.create([change for change in good if change.instance is None], actor=actor, reference=reference)
        return changes

    def _change(self, row: Any, instance: Any, taken: Faults) -> Change:
        values, faults = self._values(row.after)
        faults = faults | taken or self.faults_of(values, instance)
        fault = self._conflict(row, instance) or "; ".join(faults.values())
        return Change(row.number, instance, values, row.key, fault)

    def _conflict(self, row: Any, instance: Any) -> str:
        """Why a row cannot do any more what it was confirmed to do."""
        if row.outcome == RowOutcome.NEW:
            return THERE_ALREADY if instance is not None else ""
        if instance is None:
            return GONE
        return "" if self.cells_of(instance, row.before) == row.before else CHANGED_MEANWHILE

    # Taking it back

    def undo(self, rows: Sequence[Any], *, actor: str, reference: str) -> list[Undone]:
        """Take applied rows back in the caller's transaction: what they made goes, what they changed is as before.

        What somebody has changed since is left alone and told.
        """
        self._prefetch([row.before for row in rows])
        found = self.by_key((row.key for row in rows), is_locking=True)
        undone = {row.number: self._undone(row, found.get(row.key)) for row in rows}
        # The other way round: names of what goes are free for what had them before.
        made = {row.number: found[row.key] for row in rows if undone[row.number].outcome == RowOutcome.REMOVED}
        outcomes = self.remove(list(made.values()), actor=actor, reference=reference) if made else {}
        undone |= {number: Undone(number, outcomes[instance.pk]) for number, instance in made.items()}
        back = [row for row in rows if undone[row.number].outcome == RowOutcome.CHANGED]
        taken = self._taken({row.key: row.before for row in back})
        changes = [self._way_back(row, found[row.key], taken.get(row.key, {})) for row in back]
        self.update([change for change in changes if not change.fault], actor=actor, reference=reference)
        undone |= {each.number: Undone(each.number, RowOutcome.REFUSED, each.fault) for each in changes if each.fault}
        return list(undone.values())

    def _undone(self, row: Any, instance: Any) -> Undone:
        is_new = row.outcome == RowOutcome.NEW
        if instance is None:
            return Undone(row.number, *((RowOutcome.UNCHANGED,) if is_new else (RowOutcome.REFUSED, GONE)))
        after = {column: cell for column, cell in row.after.items() if column not in self.only_new}
        present = self.cells_of(instance, after)
        if not is_new and present == row.before:
            return Undone(row.number, RowOutcome.UNCHANGED)
        if present != after:
            return Undone(row.number, RowOutcome.REFUSED, CHANGED_MEANWHILE)
        faults = {} if is_new else self._values(row.before)[1]
        if faults:
            return Undone(row.number, RowOutcome.REFUSED, "; ".join(faults.values()))
        return Undone(row.number, RowOutcome.REMOVED if is_new else RowOutcome.CHANGED)

    def _way_back(self, row: Any, instance: Any, taken: Faults) -> Change:
        return Change(row.number, instance, self._values(row.before)[0], row.key, "; ".join(taken.values()))

    # Parts of these

    def _all(self) -> Any:
        return self._meta.model._default_manager  # noqa: SLF001 - Django's documented interface

    def by_key(self, keys: Iterable[str], *, is_locking: bool = False) -> dict[str, Any]:
        """Those of the rows with these keys that exist; one fixed number of queries."""
        wanted = self.keys_in({key.strip() for key in keys} - {""})
        rows = self.rows().filter(**{f"{self._key_field}__in": wanted}) if wanted else ()
        if wanted and is_locking:
            rows = rows.order_by("pk").select_for_update(no_key=True, of=("self",))  # type: ignore[union-attr] # not the tuple
        key = self.columns[self.key]
        return {str(key.value_of(row)): row for row in rows}

    def keys_in(self, keys: set[str]) -> Collection[Any]:
        """Those of ``keys`` that can be keys at all."""
        return {key for key in keys if cells.is_text(key)}

    @property
    def _key_field(self) -> str:
        return self.columns[self.key].attribute

    def _prefetch(self, rows: Sequence[Mapping[str, str]]) -> None:
        for column, each in self.own.items():
            if hasattr(each.widget, "prefetch"):
                each.widget.prefetch(text for row in rows if cells.is_text(text := row.get(column, "")))

    def _values(self, row: Mapping[str, str]) -> tuple[dict[str, Any], Faults]:
        values: dict[str, Any] = {}
        faults: Faults = {}
        for name, column in self.own.items():
            if name in row:
                try:
                    values[name] = column.read(row, name)
                except ValidationError as error:
                    faults[name] = " ".join(error.messages)
        return values, faults

    def _taken(self, rows: Mapping[str, Mapping[str, str]]) -> dict[str, Faults]:
        """By key: the values that must be there once and that another row of the table has."""
        faults: dict[str, Faults] = {}
        for column in self.once:
            wanted = {row[column]: key for key, row in rows.items() if row.get(column) and cells.is_text(row[column])}
            others = self._all().filter(**{f"{column}__in": wanted})
            for value, key in others.values_list(column, self._key_field):
                if str(key) != wanted[value]:
                    fault = f"“{value}” belongs to {self.key} {key}."
                    faults.setdefault(wanted[value], {})[column] = fault
        return faults


def _only(row: Mapping[str, str], columns: Iterable[str]) -> dict[str, str]:
    return {column: row[column] for column in columns}


def _with_faults(row: Checked, faults: Faults) -> Checked:
    refused = Checked(row.number, RowOutcome.REFUSED, row.key, {}, row.after, row.faults | faults)
    return refused if faults else row
