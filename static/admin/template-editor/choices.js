// The choices of a button: their names, colours, prices and stock.
import { movers } from "./arrange.js";
import { h, icon, slug, tool } from "./dom.js";
import { check, colour, field, number, price, text } from "./fields.js";

export function drawChoices(editor, option, at) {
    const { choices } = option;
    const zero = editor.data.decimals ? `0.${"0".repeat(editor.data.decimals)}` : "0";
    const add = () => {
        const choice = { value: "", label: "", price: zero, stock: null };
        choices.push(choice);
        editor.fresh.add(choice);
        editor.changed();
        editor.render();
        document.getElementById(`te${at}/choices/${choices.length - 1}/label`)?.focus();
    };
    return h("div", { class: "te-field te-wide", "data-at": `${at}/choices` },
        h("span", { class: "te-title" }, "Choices"),
        h("ol", { class: "te-choices" }, choices.map((choice, place) => drawChoice(editor, option, choice, place, `${at}/choices/${place}`))),
        h("button", { type: "button", class: "te-add", onclick: add, "data-add-choice": true }, icon("add"), "Add a choice"),
        h("ul", { class: "te-faults", role: "alert" }));
}

function drawChoice(editor, option, choice, place, at) {
    const { choices } = option;
    const what = `choice ${choice.label || place + 1}`;
    const redraw = () => {
        editor.changed();
        editor.render();
    };
    const move = movers(choices, place, what, (from, to) => {
        redraw();
        editor.focusMover(`${at.slice(0, at.lastIndexOf("/"))}/${to}`);
    });
    const rename = (value, before) => editor.renameChoice(option, choice, before, value);
    const follow = (label, before) => {
        const isOurs = editor.fresh.has(choice) && (!choice.value || choice.value === slug(before));
        if (!isOurs) return;
        const old = choice.value;
        choice.value = slug(label);
        document.getElementById(`te${at}/value`).value = choice.value;
        editor.renameChoice(option, choice, old, choice.value);
    };
    return h("li", { class: "te-choice", "data-item": true, "data-at": at, ...move.target },
        h("div", { class: "te-choice-head" }, move.handle,
            field(`${at}/label`, "What shoppers read", text(editor, choice, "label", { keepEmpty: true, maxlength: 100, placeholder: "Gold leaf", after: follow })),
            field(`${at}/value`, "Short name", text(editor, choice, "value", { keepEmpty: true, maxlength: 50, spellcheck: "false", class: "te-code", after: rename })),
            h("span", { class: "te-tools" }, move.up, move.down, tool("delete", `Remove ${what}`, () => { choices.splice(place, 1); redraw(); }))),
        h("div", { class: "te-choice-more" },
            field(`${at}/swatch`, "Colour", colour(editor, choice, "swatch")),
            field(`${at}/price`, "Price", price(editor, choice, at)),
            field(`${at}/stock`, "Stock to begin with", number(editor, choice, "stock", { empty: null, min: 0, placeholder: "not counted" })),
            h("div", { class: "te-field te-end", "data-at": `${at}/requires_approval` }, check(editor, choice, "requires_approval", "Needs approval"), h("ul", { class: "te-faults", role: "alert" }))),
        h("ul", { class: "te-faults", role: "alert" }));
}
