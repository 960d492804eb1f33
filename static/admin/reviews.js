// Special requests on the order's page: one key opens a decision, Enter makes it; pictures enlarge.
"use strict";

addEventListener("DOMContentLoaded", () => {
    const open = () => [...document.querySelectorAll("[data-review-line][data-open]")];
    const named = () => document.getElementById(location.hash.slice(1));
    const current = () => {
        const near = document.activeElement?.closest("[data-open]") ?? named();
        return open().includes(near) ? near : open()[0];
    };

    function ask(card, decision) {
        const dialog = card.querySelector(`[data-dialog=${decision}]`);
        dialog.showModal();
        (dialog.querySelector("[name=reason]") ?? dialog.querySelector("[data-confirm]")).focus();
    }

    function enlarge(address, label) {
        const dialog = document.createElement("dialog");
        dialog.className = "fz-dialog fz-zoom";
        const picture = document.createElement("img");
        Object.assign(picture, { src: address, alt: label });
        dialog.append(picture);
        dialog.addEventListener("click", () => dialog.close());
        dialog.addEventListener("close", () => dialog.remove());
        document.body.append(dialog);
        dialog.showModal();
    }

    document.addEventListener("click", ({ target }) => {
        const button = target.closest("[data-decide], [data-close], [data-zoom-full]");
        if (button?.dataset.decide) {
            ask(button.closest("[data-review-line]"), button.dataset.decide);
        } else if (button?.dataset.zoomFull) {
            enlarge(button.dataset.zoomFull, button.querySelector("img").alt);
        } else if (button) {
            button.closest("dialog").close();
        }
    });

    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            if (event.key === "Enter") {
                event.target.closest("dialog[open] form")?.requestSubmit();
            }
            return;
        }
        const isWriting = event.target.closest("input, textarea, select, [contenteditable]");
        const card = isWriting || document.querySelector("dialog[open]") ? null : current();
        const button = card?.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
        if (button) {
            event.preventDefault();
            ask(card, button.dataset.decide);
        }
    });

    (open().includes(named()) ? named() : null)?.focus();
});
