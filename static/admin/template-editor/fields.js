// Controls that are bound to a member of the document. A member without a value is left out of it.
import { h } from "./dom.js";

// A labelled control; faults whose pointer is `at` are shown below it.
export function field(at, label, control, { hint, wide, note } = {}) {
    const target = control.matches("input, select, textarea") ? control : control.querySelector("input, select, textarea");
    if (target && !target.id) target.id = `te${at}`;
    return h("div", { class: `te-field${wide ? " te-wide" : ""}`, "data-at": at },
        h("label", { for: target?.id }, label, note && h("small", {}, ` ${note}`)),
        control,
        hint && h("small", { class: "te-hint" }, hint),
        h("ul", { class: "te-faults", role: "alert" }));
}

export function put(owner, name, value) {
    if (value === undefined || value === "") delete owner[name];
    else owner[name] = value;
}

export function text(editor, owner, name, more = {}) {
    const { keepEmpty, after, ...properties } = more;
    return h("input", {
        type: "text", autocomplete: "off", value: owner[name] ?? "", ...properties,
        oninput({ target }) {
            const before = owner[name] ?? "";
            if (keepEmpty) owner[name] = target.value;
            else put(owner, name, target.value);
            after?.(target.value, before);
            editor.changed();
        },
    });
}

export function area(editor, owner, name, more = {}) {
    return h("textarea", {
        rows: 2, value: owner[name] ?? "", ...more,
        oninput({ target }) {
            put(owner, name, target.value);
            editor.changed();
        },
    });
}

// A whole number; `empty` is what the document says when there is none.
export function number(editor, owner, name, { empty, after, ...more } = {}) {
    return h("input", {
        type: "number", step: 1, value: owner[name] ?? "", ...more,
        oninput({ target }) {
            const value = target.value === "" ? empty : Number(target.value);
            if (value === undefined) delete owner[name];
            else owner[name] = value;
            after?.();
            editor.changed();
        },
    });
}

export function check(editor, owner, name, label, more = {}) {
    return h("label", { class: "te-check" }, h("input", {
        type: "checkbox", checked: owner[name] === true, ...more,
        onchange({ target }) {
            if (target.checked) owner[name] = true;
            else delete owner[name];
            editor.changed();
            editor.summarise();
        },
    }), label);
}

// `choices`: [value, label]; the value "" stands for the member being left out.
export function select(editor, owner, name, choices, { after, ...more } = {}) {
    const value = owner[name] ?? "";
    const known = choices.some(([each]) => each === value) ? choices : [...choices, [value, value]];
    return h("select", {
        ...more,
        onchange({ target }) {
            put(owner, name, target.value);
            after?.(target.value);
            editor.changed();
        },
    }, known.map(([each, label]) => h("option", { value: each, selected: each === value }, label)));
}

// A colour, picked or written.
export function colour(editor, owner, name, { optional = true, ...more } = {}) {
    const shown = (value) => (/^#[0-9a-f]{6}$/i.test(value ?? "") ? value : "#ffffff");
    const written = h("input", {
        type: "text", class: "te-hex", maxlength: 7, spellcheck: "false", placeholder: optional ? "none" : "#rrggbb", value: owner[name] ?? "", ...more,
        oninput({ target }) {
            put(owner, name, target.value.trim());
            picked.value = shown(owner[name]);
            well.classList.toggle("te-none", !owner[name]);
            editor.changed();
        },
    });
    const picked = h("input", {
        type: "color", value: shown(owner[name]), "aria-label": "Pick a colour",
        oninput({ target }) {
            owner[name] = written.value = target.value;
            well.classList.remove("te-none");
            editor.changed();
        },
    });
    const well = h("span", { class: `te-well${owner[name] ? "" : " te-none"}` }, picked);
    return h("span", { class: "te-colour" }, written, well);
}

const MODES = {
    "": "No extra charge", fixed: "Per piece", percent: "Percent of the price", once: "Once, however many",
    per_character: "Per character", per_line: "Per line",
};
const COUNTED = ["per_character", "per_line"];

function priceOf(owner) {
    const { price } = owner;
    if (price === undefined || price === null) return { mode: "", amount: "" };
    return typeof price === "object" ? { mode: "fixed", ...price } : { mode: "fixed", amount: price };
}

// A price: what it is for, how much, and how many characters or lines cost nothing.
export function price(editor, owner, at, { counted = false } = {}) {
    const { mode, amount, free } = priceOf(owner);
    const zero = editor.data.decimals ? `0.${"0".repeat(editor.data.decimals)}` : "0";
    const now = { mode, amount, free };
    const store = () => {
        if (!now.mode) delete owner.price;
        else if (now.mode === "fixed" && typeof owner.price !== "object") owner.price = now.amount;
        else {
            owner.price = { mode: now.mode, amount: now.amount };
            if (COUNTED.includes(now.mode) && now.free !== undefined) owner.price.free = now.free;
        }
        editor.changed();
    };
    const choose = ({ target }) => {
        now.mode = target.value;
        now.amount ||= zero;
        if (now.mode === "fixed") delete owner.price;
        store();
        editor.render();
    };
    const modes = Object.entries(MODES).filter(([each]) => counted || !COUNTED.includes(each));
    const money = h("input", {
        type: "text", inputmode: "decimal", class: "te-amount", autocomplete: "off", id: `te${at}/price/amount`, "aria-label": "Amount", value: amount,
        oninput({ target }) { now.amount = target.value.trim(); store(); },
        onchange({ target }) {
            const [, whole, part = ""] = /^(\d+)\.?(\d*)$/.exec(target.value.trim()) ?? [];
            if (whole === undefined || now.mode === "percent" || part.length > editor.data.decimals) return;
            now.amount = target.value = editor.data.decimals ? `${whole}.${part.padEnd(editor.data.decimals, "0")}` : whole;
            store();
        },
    });
    const spare = h("input", {
        type: "number", min: 0, step: 1, class: "te-amount", id: `te${at}/price/free`, "aria-label": "How many are free", value: free ?? "",
        oninput({ target }) { now.free = target.value === "" ? undefined : Number(target.value); store(); },
    });
    return h("span", { class: "te-price" },
        h("select", { onchange: choose, id: `te${at}/price`, "aria-label": "Price" }, modes.map(([each, label]) => h("option", { value: each, selected: each === mode }, label))),
        mode && h("span", { class: "te-joined" }, money, h("i", {}, mode === "percent" ? "%" : editor.data.currency)),
        COUNTED.includes(mode) && h("span", { class: "te-joined" }, spare, h("i", {}, "free")));
}
