// Lists whose items are brought into order: dragged by their handles, or moved with buttons and arrow keys.
import { tool } from "./dom.js";

let dragged = null;

// The handle and the two buttons of item `place` of `items`; `moved(from, to)` redraws.
export function movers(items, place, what, moved) {
    const move = (from, to) => {
        if (to < 0 || to >= items.length || from === to) return;
        items.splice(to, 0, ...items.splice(from, 1));
        moved(from, to);
    };
    const keys = (event) => {
        const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        move(place, place + step);
    };
    const handle = tool("drag_indicator", `Move ${what}: drag, or use the arrow keys`, null, {
        class: "te-tool te-handle", draggable: "true", "data-handle": place, onkeydown: keys,
        ondragstart(event) {
            event.stopPropagation();
            dragged = { items, place };
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", String(place));
            event.target.closest("[data-item]").classList.add("te-dragged");
        },
        ondragend({ target }) {
            dragged = null;
            target.closest("[data-item]")?.classList.remove("te-dragged");
        },
    });
    return {
        handle,
        up: tool("arrow_upward", `Move ${what} up`, () => move(place, place - 1), { disabled: place === 0, "data-up": place }),
        down: tool("arrow_downward", `Move ${what} down`, () => move(place, place + 1), { disabled: place === items.length - 1, "data-down": place }),
        // What the item listens to so that others can be dropped on it.
        target: {
            ondragover(event) {
                if (dragged?.items !== items) return;
                event.preventDefault();
                event.stopPropagation();
                const { top, height } = event.currentTarget.getBoundingClientRect();
                event.currentTarget.dataset.drop = event.clientY < top + height / 2 ? "before" : "after";
            },
            ondragleave({ currentTarget }) { delete currentTarget.dataset.drop; },
            ondrop(event) {
                if (dragged?.items !== items) return;
                event.preventDefault();
                event.stopPropagation();
                const after = event.currentTarget.dataset.drop === "after" ? 1 : 0;
                delete event.currentTarget.dataset.drop;
                const from = dragged.place;
                dragged = null;
                const to = place + after;
                move(from, from < to ? to - 1 : to);
            },
        },
    };
}
