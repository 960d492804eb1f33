// Making elements.

const real = (children) => children.flat().filter((child) => child !== undefined && child !== null && child !== false);

// An element with properties, attributes, listeners (on...) and children; what is null or false is left out.
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name === "value" || name === "checked" || name === "selected" || name === "disabled") element[name] = value;
        else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...real(children));
    return element;
}

export function icon(name) {
    return h("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, name);
}

// A button with a sign alone; what it does is its name.
export function tool(name, label, onclick, more = {}) {
    return h("button", { type: "button", class: "te-tool", title: label, "aria-label": label, onclick, ...more }, icon(name));
}

// Replaces what is in an element, and leaves the focus, and the caret, in the control of the same id.
export function refill(element, ...children) {
    const { id, selectionStart, selectionEnd } = document.activeElement ?? {};
    element.replaceChildren(...real(children));
    const again = id && document.getElementById(id);
    if (!again || again === document.activeElement || !element.contains(again)) return;
    again.focus({ preventScroll: true });
    if (selectionStart !== null && selectionStart !== undefined) again.setSelectionRange(selectionStart, selectionEnd);
}

// A name for machines out of a label.
export function slug(label) {
    const plain = label.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 50);
}
