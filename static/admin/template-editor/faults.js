// What is wrong with the document, each fault at the field that it names, or at the nearest one around it.
import { h } from "./dom.js";

// Of fields that nobody has come to yet; they are told once somebody wants to save.
const UNFINISHED = ["required", "blank", "too_few", "invalid_name", "invalid"];

const plain = (pointer) => pointer.replace(/^\/schema(?=\/|$)/, "");

function placeOf(root, pointer) {
    for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
        const found = root.querySelector(`[data-at="${CSS.escape(at)}"]`);
        if (found) return found;
    }
    return null;
}

function isUnfinished(place, code) {
    const control = place?.querySelector("input, textarea");
    return UNFINISHED.includes(code) && (!control || control.value === "" || code === "too_few");
}

// Shows them; returns those that are shown nowhere.
export function showFaults(root, faults, { isPatient }) {
    for (const list of root.querySelectorAll("[data-at] > .te-faults")) list.replaceChildren();
    for (const element of root.querySelectorAll(".te-wrong")) element.classList.remove("te-wrong");
    const homeless = [];
    for (const { pointer, code, detail } of faults) {
        const place = placeOf(root, plain(pointer));
        if (isPatient && isUnfinished(place, code)) continue;
        if (!place) {
            homeless.push({ pointer, detail });
            continue;
        }
        place.classList.add("te-wrong");
        place.querySelector(":scope > .te-faults")?.append(h("li", { "data-fault": code, "data-pointer": pointer }, detail));
        place.closest("[data-option]")?.classList.add("te-wrong");
    }
    return homeless;
}

// The same faults beside the JSON.
export function listFaults(list, faults) {
    list.replaceChildren(...faults.map(({ pointer, detail }) => h("li", {}, h("code", {}, plain(pointer) || "/"), ` ${detail}`)));
}
