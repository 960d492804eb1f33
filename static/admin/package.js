// A package's page: what it would cost and how often it could be sold, while its parts are being chosen.
"use strict";

addEventListener("DOMContentLoaded", () => {
    const card = document.querySelector("[data-preview]");
    const form = document.getElementById("package_form");
    if (!card || !form || !form.querySelector("[name$=-product]")) {
        return;
    }
    let waiting;
    let asked = 0;

    const rows = () => [...form.querySelectorAll("[name^=items-][name$=-product]")]
        .filter((field) => !field.name.includes("__prefix__"))
        .map((field) => {
            const named = (name) => form.elements[field.name.replace(/product$/, name)];
            return { product: field.value, quantity: named("quantity").value, isGone: named("DELETE")?.checked, field };
        });

    function query() {
        const said = new URLSearchParams();
        for (const { product, quantity, isGone } of rows()) {
            if (product && quantity && !isGone) {
                said.append("part", `${product}:${quantity}`);
            }
        }
        for (const name of ["own_price", "percent_off"]) {
            said.append(name, form.elements[name].value);
        }
        return said;
    }

    function show({ card: html, facts }) {
        card.querySelector("[data-preview-card]").innerHTML = html;
        for (const { product, field } of rows()) {
            const place = field.closest("tr").querySelector("[data-part-facts]");
            if (place) {
                place.textContent = facts[product] ?? "";
            }
        }
    }

    async function refresh() {
        const number = ++asked;
        const answer = await fetch(`${card.dataset.preview}?${query()}`, { headers: { Accept: "application/json" } });
        if (answer.ok && number === asked) {
            show(await answer.json());
        }
    }

    function soon() {
        clearTimeout(waiting);
        waiting = setTimeout(refresh, 200);
    }

    // The autocomplete tells only jQuery that something was chosen.
    window.django.jQuery(form).on("change input", soon);
    document.addEventListener("formset:added", soon);
    document.addEventListener("formset:removed", soon);
    soon();
});
