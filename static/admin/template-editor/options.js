// What is asked, in order: a card for each option.
import { movers } from "./arrange.js";
import { Conditions, isCondition } from "./conditions.js";
import { drawChoices } from "./choices.js";
import { h, icon, refill, slug, tool } from "./dom.js";
import { area, check, field, number, price, text } from "./fields.js";
import { drawPlace } from "./places.js";

export const TYPES = {
    button: { icon: "palette", label: "Buttons", about: "One of some choices: a colour, a size, a wrapping" },
    text: { icon: "title", label: "Text", about: "One line: a name, a date" },
    image: { icon: "image", label: "Picture", about: "A photo that the shopper sends" },
    message: { icon: "notes", label: "Message", about: "Several lines: a gift card" },
};

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Whether the form can show the document; one that it cannot is corrected as JSON.
export function isForm(doc) {
    if (!isObject(doc) || !Array.isArray(doc.options)) return false;
    if (doc.canvas !== undefined && doc.canvas !== null && !isObject(doc.canvas)) return false;
    return doc.options.every((option) => isObject(option) && Object.hasOwn(TYPES, option.type)
        && (option.type !== "button" || (Array.isArray(option.choices) && option.choices.every(isObject)))
        && (!option.when || isCondition(option.when))
        && (!option.placement || isObject(option.placement))
        && (!option.tint || option.tint === "canvas" || isObject(option.tint))
        && (!option.allowed || Array.isArray(option.allowed)));
}

export class Options {
    constructor(editor, root) {
        this.editor = editor;
        this.root = root;
        this.open = new WeakSet();
    }

    draw() {
        const { editor } = this;
        if (!isForm(editor.doc)) {
            refill(this.root, h("p", { class: "fz-empty" }, "The form cannot show this document. Correct it as JSON, below."));
            return;
        }
        const { options } = editor.doc;
        refill(this.root,
            h("ol", { class: "te-options" }, options.map((option, place) => this.card(option, place))),
            !options.length && h("p", { class: "fz-empty te-first" }, "Nothing is asked yet. What should shoppers choose, write or send?"),
            h("div", { class: "te-new" }, Object.entries(TYPES).map(([type, facts]) => h("button", {
                type: "button", "data-add": type, onclick: () => this.add(type),
            }, icon(facts.icon), h("span", { class: "fz-two" }, h("span", {}, facts.label), h("small", {}, facts.about))))));
    }

    add(type) {
        const option = { key: "", type, label: "" };
        if (type === "button") option.choices = [];
        if (type === "text") option.max_length = 24;
        if (type === "message") Object.assign(option, { max_length: 400, max_lines: 8 });
        if (type === "image") Object.assign(option, { min_width: 600, min_height: 600 });
        this.editor.doc.options.push(option);
        this.editor.fresh.add(option);
        this.show(option, this.editor.doc.options.length - 1);
        this.editor.changed();
    }

    // Opens an option's card, and begins with its name.
    show(option, place) {
        this.open.add(option);
        this.editor.selected = option;
        this.editor.render();
        const label = document.getElementById(`te/options/${place}/label`);
        label?.closest("[data-option]").scrollIntoView({ block: "nearest" });
        label?.focus({ preventScroll: true });
    }

    card(option, place) {
        const at = `/options/${place}`;
        const { editor } = this;
        const isOpen = this.open.has(option);
        const facts = TYPES[option.type];
        const move = movers(editor.doc.options, place, `option ${option.label || place + 1}`, (from, to) => {
            editor.changed();
            editor.render();
            editor.focusMover(`/options/${to}`);
        });
        const toggle = () => {
            if (isOpen) this.open.delete(option);
            else this.open.add(option);
            editor.selected = isOpen ? null : option;
            editor.render();
        };
        return h("li", { class: `te-option${editor.selected === option ? " te-selected" : ""}`, "data-item": true, "data-option": option.key, "data-at": at, onfocusin: () => editor.select(option), ...move.target },
            h("header", {}, move.handle,
                h("button", { type: "button", class: "te-name", "aria-expanded": String(isOpen), onclick: toggle, id: `te${at}/toggle` },
                    h("span", { class: "te-type" }, icon(facts.icon)),
                    h("span", { class: "fz-two" }, h("span", { "data-summary": place }), h("small", { "data-badges": place })),
                    icon(isOpen ? "expand_less" : "expand_more")),
                h("span", { class: "te-tools" }, move.up, move.down,
                    tool("content_copy", "Copy the option", () => this.copy(option, place)),
                    tool("delete", `Remove option ${option.label || place + 1}`, () => this.remove(option, place)))),
            isOpen && this.body(option, place, at),
            h("ul", { class: "te-faults", role: "alert" }));
    }

    copy(option, place) {
        const { options } = this.editor.doc;
        const twin = structuredClone(option);
        const keys = options.map((each) => each.key);
        for (let number = 2; keys.includes(twin.key); number += 1) twin.key = `${option.key}_${number}`;
        options.splice(place + 1, 0, twin);
        this.editor.changed();
        this.show(twin, place + 1);
    }

    remove(option, place) {
        if (!confirm(`Remove “${option.label || TYPES[option.type].label}”?`)) return;
        this.editor.doc.options.splice(place, 1);
        if (this.editor.selected === option) this.editor.selected = null;
        this.editor.changed();
        this.editor.render();
        document.querySelector("[data-add]").focus();
    }

    body(option, place, at) {
        const { editor } = this;
        const follow = (label, before) => {
            editor.summarise();
            if (!editor.fresh.has(option) || (option.key && option.key !== slug(before))) return;
            const key = slug(label).replace(/^[^a-z]+/, "");
            document.getElementById(`te${at}/key`).value = key;
            editor.renameOption(option, option.key, key);
        };
        const rename = (key, before) => editor.renameOption(option, before, key);
        return h("div", { class: "te-body te-fields" },
            field(`${at}/label`, "What shoppers read", text(editor, option, "label", { keepEmpty: true, maxlength: 100, placeholder: "Name to engrave", after: follow })),
            field(`${at}/key`, "Short name", text(editor, option, "key", { keepEmpty: true, maxlength: 50, spellcheck: "false", class: "te-code", after: rename }), { hint: "For answers, conditions and filters." }),
            field(`${at}/help`, "Explanation", area(editor, option, "help", { maxlength: 500, rows: 1 }), { wide: true, note: "optional" }),
            h("div", { class: "te-checks te-wide" }, check(editor, option, "required", "Must be answered", { id: `te${at}/required` }), check(editor, option, "requires_approval", "Staff approve orders that answer it", { id: `te${at}/requires_approval` })),
            this.kind(option, at),
            field(`${at}/price`, option.type === "button" ? "Price of any choice" : "Price", price(editor, option, at, { counted: option.type === "text" || option.type === "message" }), { wide: true }),
            new Conditions(editor, option, place).draw(),
            drawPlace(editor, option, at));
    }

    // What only options of this type have.
    kind(option, at) {
        const { editor } = this;
        const size = (name, label, most) => field(`${at}/${name}`, label, number(editor, option, name, { min: 1, max: most }));
        switch (option.type) {
            case "button": return drawChoices(editor, option, at);
            case "text": return [size("max_length", "Characters at most", 1000), this.allowed(option, at)];
            case "message": return [size("max_length", "Characters at most", 2000), size("max_lines", "Lines at most", 100)];
            default: return [size("min_width", "Pixels wide at least", 6000), size("min_height", "Pixels high at least", 6000)];
        }
    }

    // The characters that a text is narrowed down to; none named: all there are.
    allowed(option, at) {
        const toggle = (name) => ({ target }) => {
            const rest = (option.allowed ?? []).filter((each) => each !== name);
            option.allowed = target.checked ? [...rest, name] : rest;
            if (!option.allowed.length) delete option.allowed;
            this.editor.changed();
        };
        return h("div", { class: "te-field te-wide", "data-at": `${at}/allowed` },
            h("span", { class: "te-title" }, "Only these characters", h("small", {}, " none chosen: all")),
            h("span", { class: "te-chips" }, this.editor.data.classes.map((name) => h("label", { class: "te-chip" }, h("input", {
                type: "checkbox", id: `te${at}/allowed/${name}`, checked: option.allowed?.includes(name) ?? false, onchange: toggle(name),
            }), name))),
            h("ul", { class: "te-faults", role: "alert" }));
    }
}
