// What a template is for: products and packages, found by name.
import { h, icon, refill, tool } from "./dom.js";
import { find } from "./server.js";

const SOON_MS = 200;

export class Targets {
    constructor(editor, root, kind) {
        this.editor = editor;
        this.kind = kind;
        this.name = kind === "products" ? "product" : "package";
        this.list = h("ul", { class: "te-targets" });
        this.found = h("ul", { class: "te-found", role: "listbox", id: `te-found-${kind}`, hidden: true });
        this.input = h("input", {
            type: "search", autocomplete: "off", placeholder: `Find a ${this.name} …`, role: "combobox", "aria-controls": `te-found-${kind}`, "aria-expanded": "false", "aria-label": `Add a ${this.name}`, "data-find": kind,
            oninput: () => this.soon(), onfocus: () => this.soon(), onkeydown: (event) => this.key(event),
            onblur: () => setTimeout(() => this.close(), 150),
        });
        root.append(h("div", { class: "te-field", "data-at": `/${kind}` }, h("span", { class: "te-title" }, kind === "products" ? "Products" : "Packages"), this.list, h("div", { class: "te-finder" }, icon("search"), this.input, this.found), h("ul", { class: "te-faults", role: "alert" })));
        this.draw();
    }

    get chosen() {
        return this.editor.data[this.kind];
    }

    draw() {
        refill(this.list, ...this.chosen.map(({ id, text }, place) => h("li", { "data-at": `/${this.kind}/${place}`, "data-target": id }, h("span", {}, text),
            tool("close", `Not for ${text}`, () => { this.chosen.splice(place, 1); this.changed(); }),
            h("ul", { class: "te-faults", role: "alert" }))));
    }

    changed() {
        this.draw();
        this.editor.touched();
    }

    soon() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.look(), SOON_MS);
    }

    async look() {
        const number = (this.asked = (this.asked ?? 0) + 1);
        const query = { app_label: "customizations", model_name: "templatelink", field_name: this.name, term: this.input.value };
        const answer = await find(this.editor.data.addresses.find, query);
        if (number !== this.asked || document.activeElement !== this.input) return;
        const known = this.chosen.map(({ id }) => String(id));
        const results = (answer.body.results ?? []).filter(({ id }) => !known.includes(String(id))).slice(0, 8);
        this.found.replaceChildren(...results.map(({ id, text }) => h("li", { role: "option", "data-found": id, onpointerdown: (event) => { event.preventDefault(); this.add(id, text); } }, text)));
        if (!results.length) this.found.replaceChildren(h("li", { class: "te-hint" }, answer.ok ? "Nothing found." : answer.body.detail));
        this.found.hidden = false;
        this.input.setAttribute("aria-expanded", "true");
    }

    close() {
        this.found.hidden = true;
        this.input.setAttribute("aria-expanded", "false");
    }

    add(id, text) {
        this.chosen.push({ id: Number(id), text });
        this.input.value = "";
        this.close();
        this.changed();
    }

    key(event) {
        const items = [...this.found.querySelectorAll("[data-found]")];
        const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
        if (event.key === "Escape") this.close();
        if (event.key === "Enter") {
            event.preventDefault();
            const item = items[Math.max(now, 0)];
            if (item && !this.found.hidden) this.add(item.dataset.found, item.textContent);
        }
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!step || !items.length) return;
        event.preventDefault();
        items[now]?.removeAttribute("aria-selected");
        items.at((now + step + items.length) % items.length).setAttribute("aria-selected", "true");
    }
}
