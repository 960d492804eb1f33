// On what it depends whether an option is asked: rows of pickers, in groups of which all or any hold.
import { h, icon, tool } from "./dom.js";

const DEEPEST = 5;
const groupOf = (node) => ["all", "any"].find((name) => Array.isArray(node[name]));

// What a row asks, as one of the four in the picker.
function testOf(node) {
    if ("filled" in node) return node.filled === false ? "empty" : "filled";
    return "not_in" in node ? "not_in" : "in";
}

export function isCondition(node) {
    if (typeof node !== "object" || node === null || Array.isArray(node)) return false;
    const group = groupOf(node);
    if (group) return node[group].every(isCondition);
    const values = node.in ?? node.not_in ?? [];
    return typeof node.option === "string" && Array.isArray(values) && values.every((value) => typeof value === "string");
}

// Renames an option, or a choice of it, wherever a condition speaks of it.
export function renameIn(node, option, key, value, name) {
    const group = node && groupOf(node);
    if (!node) return;
    if (group) node[group].forEach((each) => renameIn(each, option, key, value, name));
    else if (node.option === option) {
        if (value === undefined) node.option = key;
        else for (const list of [node.in, node.not_in]) if (list?.includes(value)) list[list.indexOf(value)] = name;
    }
}

export class Conditions {
    constructor(editor, option, place) {
        this.editor = editor;
        this.option = option;
        this.earlier = editor.doc.options.slice(0, place).filter((each) => each.key);
        this.at = `/options/${place}/when`;
    }

    draw() {
        const { option, earlier } = this;
        const kind = `te${this.at}/kind`;
        const always = h("select", {
            id: kind, "aria-label": "When it is asked", disabled: !option.when && !earlier.length,
            onchange: ({ target }) => {
                if (target.value === "always") delete option.when;
                else option.when = this.first();
                this.redraw();
            },
        }, h("option", { value: "always", selected: !option.when }, "Always"), h("option", { value: "when", selected: Boolean(option.when) }, "Only if …"));
        return h("div", { class: "te-field te-wide te-when", "data-at": this.at },
            h("label", { for: kind }, "Asked"), always,
            !option.when && !earlier.length && h("small", { class: "te-hint" }, "It can depend on options above it."),
            option.when && this.root(),
            h("ul", { class: "te-faults", role: "alert" }));
    }

    root() {
        const { when } = this.option;
        if (groupOf(when)) return this.group(when, this.at, 1, null);
        return h("div", { class: "te-group" }, this.row(when, this.at, () => delete this.option.when), this.adders(when, 1, (node, isGroup) => {
            this.option.when = { all: [when, isGroup ? { any: [node, this.first()] } : node] };
        }));
    }

    first() {
        const other = this.earlier.at(-1);
        if (!other) return { option: "", filled: true };
        return other.type === "button" ? { option: other.key, in: other.choices[0] ? [other.choices[0].value] : [] } : { option: other.key, filled: true };
    }

    group(node, at, depth, remove) {
        const name = groupOf(node);
        const rename = ({ target }) => {
            node[target.value] = node[name];
            delete node[name];
            this.redraw();
        };
        const children = node[name];
        const drop = (place) => () => {
            children.splice(place, 1);
            if (depth === 1 && children.length === 1) this.option.when = children[0];
            else if (!children.length) remove?.();
        };
        return h("div", { class: "te-group", "data-at": at },
            h("div", { class: "te-group-head" },
                h("select", { id: `te${at}/group`, onchange: rename, "aria-label": "How many of these hold" },
                    h("option", { value: "all", selected: name === "all" }, "all of these"), h("option", { value: "any", selected: name === "any" }, "any of these")),
                remove && tool("close", "Remove the group", () => { remove(); this.redraw(); })),
            children.map((child, place) => (groupOf(child)
                ? this.group(child, `${at}/${name}/${place}`, depth + 1, drop(place))
                : this.row(child, `${at}/${name}/${place}`, drop(place)))),
            this.adders(node, depth, (added, isGroup) => children.push(isGroup ? { [name === "all" ? "any" : "all"]: [added, this.first()] } : added)),
            h("ul", { class: "te-faults", role: "alert" }));
    }

    adders(node, depth, add) {
        const button = (label, isGroup) => h("button", {
            type: "button", class: "te-add", onclick: () => { add(this.first(), isGroup); this.redraw(); },
        }, icon("add"), label);
        return h("div", { class: "te-adders" }, button("Condition", false), depth < DEEPEST - 1 && button("Group", true));
    }

    row(node, at, remove) {
        const other = this.editor.doc.options.find((each) => each.key === node.option);
        const options = this.earlier.some((each) => each.key === node.option) ? this.earlier : [...this.earlier, other ?? { key: node.option, label: node.option || "…" }];
        const choose = ({ target }) => {
            const found = this.earlier.find((each) => each.key === target.value);
            for (const name of Object.keys(node)) delete node[name];
            Object.assign(node, { option: target.value }, found?.type === "button" ? { in: found.choices[0] ? [found.choices[0].value] : [] } : { filled: true });
            this.redraw();
        };
        const ask = ({ target }) => {
            const values = node.in ?? node.not_in ?? (other?.choices?.[0] ? [other.choices[0].value] : []);
            for (const name of ["in", "not_in", "filled"]) delete node[name];
            if (target.value === "in" || target.value === "not_in") node[target.value] = values;
            else node.filled = target.value === "filled";
            this.redraw();
        };
        const tests = [...(other?.type === "button" || "in" in node || "not_in" in node ? [["in", "is one of"], ["not_in", "is none of"]] : []), ["filled", "is answered"], ["empty", "is not answered"]];
        return h("div", { class: "te-row", "data-at": at },
            h("select", { id: `te${at}/option`, onchange: choose, "aria-label": "Option" }, options.map((each) => h("option", { value: each.key, selected: each.key === node.option }, each.label || each.key))),
            h("select", { id: `te${at}/test`, onchange: ask, "aria-label": "What is asked of it" }, tests.map(([name, label]) => h("option", { value: name, selected: name === testOf(node) }, label))),
            this.values(node, other, at),
            tool("close", "Remove the condition", () => { remove(); this.redraw(); }),
            h("ul", { class: "te-faults", role: "alert" }));
    }

    // The choices that are named, to be switched on and off.
    values(node, other, at) {
        const list = node.in ?? node.not_in;
        if (!list) return null;
        const known = other?.choices ?? [];
        const gone = list.filter((value) => !known.some((choice) => choice.value === value)).map((value) => ({ value, label: value }));
        return h("span", { class: "te-chips" }, [...known, ...gone].map((choice) => h("label", { class: "te-chip" }, h("input", {
            type: "checkbox", checked: list.includes(choice.value), id: `te${at}/${choice.value}`,
            onchange: ({ target }) => {
                if (target.checked) list.push(choice.value);
                else list.splice(list.indexOf(choice.value), 1);
                this.editor.changed();
            },
        }), choice.swatch && swatch(choice.swatch), choice.label || choice.value)));
    }

    redraw() {
        this.editor.changed();
        this.editor.render();
    }
}

export function swatch(colour) {
    const dot = h("span", { class: "te-dot", "aria-hidden": "true" });
    dot.style.background = colour;
    return dot;
}
