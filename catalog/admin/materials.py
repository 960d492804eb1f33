"""What a product is made of, on its page."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from catalog.models import ProductMaterial
from catalog.services import materials, products
from catalog.services.materials import Share


class ShareForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """One material, and how much of it."""

    percent = forms.DecimalField(
        label="Per cent",
        min_value=Decimal("0.01"),
        max_value=materials.WHOLE,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(),
    )

    class Meta:
        model = ProductMaterial
        fields = ("material", "percent")

    def clean(self) -> dict[str, Any]:
        """Nothing yet: what is wrong is seen among all of them."""
        return self.cleaned_data


class ShareFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg] # as above
    """All of a product's materials, stored together by the service."""

    def clean(self) -> None:
        """Tell every fault where it is.

        Raises:
            ValidationError: they do not come to 100 per cent.
        """
        kept = self._kept()
        if any(form.errors for form in kept):
            return
        for fault in materials.faults([_share_of(form) for form in kept]):
            if fault.location == "/materials":
                raise ValidationError(fault.detail, code=fault.code)
            _, _, place, field = fault.location.split("/")
            kept[int(place)].add_error(field, fault.detail)

    def save(self, commit: bool = True) -> list[ProductMaterial]:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        """Have the product made of what the forms say, and note for the history what that changed.

        Raises:
            InvalidError: a material is gone.
        """
        kept = self._kept()
        self.new_objects = [form.instance for form in kept if form.instance.pk is None]
        self.changed_objects = [
            (form.instance, form.changed_data) for form in kept if form.instance.pk and form.has_changed()
        ]
        self.deleted_objects = [form.instance for form in self.deleted_forms if form.instance.pk]
        if self.new_objects or self.changed_objects or self.deleted_objects:
            products.update_product(product=self.instance, changes={"materials": [_share_of(form) for form in kept]})
        return []

    def _kept(self) -> list[Any]:
        """The forms that say something and are not to be deleted."""
        gone = self.deleted_forms
        return [form for form in self.forms if form not in gone and (form.instance.pk or form.has_changed())]


class MaterialsInline(TabularInline):
    """The materials of a product. Who may change the product may change them."""

    model = ProductMaterial
    form = ShareForm
    formset = ShareFormSet
    fields = ("material", "percent")
    autocomplete_fields = ("material",)
    extra = 0
    hide_title = True
    verbose_name, verbose_name_plural = "material", "materials"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductMaterial]:
        """The most first."""
        return super().get_queryset(request).select_related("material").order_by("-percent", "pk")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Whoever sees products."""
        return bool(request.user.has_perm("catalog.view_product") or self._may_change(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may make products, or change this one."""
        return self._may_change(request) if obj else bool(request.user.has_perm("catalog.add_product"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Whoever may change products."""
        return self._may_change(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Whoever may change products."""
        return self._may_change(request)

    def _may_change(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("catalog.change_product"))


def _share_of(form: Any) -> Share:
    return Share(form.cleaned_data["material"].pk, form.cleaned_data["percent"])
