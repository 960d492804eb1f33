// The preview's picture, and on it the places of options as boxes that are moved, sized and drawn.
import { h, refill } from "./dom.js";
import { newPlace } from "./places.js";

const LEAST = 8;
const CORNERS = ["nw", "ne", "sw", "se"];

export class Stage {
    constructor(editor, root) {
        this.editor = editor;
        this.root = root;
        this.image = h("img", { class: "te-picture", alt: "Preview with the sample answers", hidden: true, draggable: "false" });
        this.boxes = h("div", { class: "te-boxes", onpointerdown: (event) => this.begin(event) });
        this.frame = h("div", { class: "te-stage" }, this.image, this.boxes);
        root.append(this.frame);
    }

    show(address) {
        if (address) this.image.src = address;
        this.image.hidden = !this.image.src || !this.editor.doc.canvas;
        this.frame.classList.remove("te-stale");
    }

    stale() {
        this.frame.classList.add("te-stale");
    }

    placed() {
        return (this.editor.doc.options ?? []).map((option, place) => ({ option, place, box: option?.placement ?? (typeof option?.tint === "object" ? option.tint : null) })).filter(({ box }) => box);
    }

    // Draws the boxes anew.
    draw() {
        const { canvas } = this.editor.doc;
        this.root.hidden = !canvas;
        if (!canvas) return;
        this.frame.style.aspectRatio = `${canvas.width || 1} / ${canvas.height || 1}`;
        refill(this.boxes, this.placed().map(({ option, place }) => h("div", {
            class: "te-box", tabindex: 0, role: "button", id: `te-box-${place}`, "data-box": option.key,
            "aria-label": `Place of ${option.label || option.key}. Arrow keys move it, with Shift they size it.`,
            onkeydown: (event) => this.key(event, option), onfocus: () => this.editor.select(option),
        }, h("span", {}, option.label || option.key), CORNERS.map((corner) => h("i", { "data-corner": corner })))));
        this.place();
    }

    // Puts the boxes where the numbers say.
    place() {
        const { canvas } = this.editor.doc;
        for (const { option, place, box } of this.placed()) {
            const element = document.getElementById(`te-box-${place}`);
            if (!element) continue;
            element.style.left = `${(100 * box.x) / canvas.width}%`;
            element.style.top = `${(100 * box.y) / canvas.height}%`;
            element.style.width = `${(100 * box.width) / canvas.width}%`;
            element.style.height = `${(100 * box.height) / canvas.height}%`;
            element.style.rotate = `${box.rotation ?? 0}deg`;
            element.classList.toggle("te-selected", this.editor.selected === option);
        }
    }

    find(element) {
        return this.placed().find(({ place }) => element?.id === `te-box-${place}`);
    }

    begin(event) {
        if (!this.editor.data.may_write || event.button !== 0) return;
        const hit = this.find(event.target.closest("[data-box]"));
        const drawn = hit ? null : this.newBox(event);
        if (!hit && !drawn) return;
        event.preventDefault();
        const option = hit?.option ?? drawn;
        const box = option.placement ?? option.tint;
        this.editor.select(option);
        document.getElementById(`te-box-${this.editor.doc.options.indexOf(option)}`)?.focus({ preventScroll: true });
        const corner = drawn ? "se" : event.target.dataset.corner;
        this.follow(event, box, corner, drawn ? { ...box, width: 0, height: 0 } : { ...box });
    }

    // The option that is being written gets its place where it is drawn, if it has none yet.
    newBox(event) {
        const { selected } = this.editor;
        if (!selected || selected.type === "button" || selected.placement) return null;
        const at = this.point(event);
        selected.placement = { ...newPlace(this.editor, selected.type), x: Math.round(at.x), y: Math.round(at.y), width: LEAST, height: LEAST };
        this.editor.render();
        return selected;
    }

    point(event) {
        const { left, top, width, height } = this.frame.getBoundingClientRect();
        const { canvas } = this.editor.doc;
        return { x: ((event.clientX - left) / width) * canvas.width, y: ((event.clientY - top) / height) * canvas.height };
    }

    follow(start, box, corner, before) {
        const from = this.point(start);
        const move = (event) => {
            const to = this.point(event);
            this.change(box, before, corner, to.x - from.x, to.y - from.y);
        };
        const stop = () => {
            removeEventListener("pointermove", move);
            removeEventListener("pointerup", stop);
            removeEventListener("pointercancel", stop);
            this.editor.changed();
        };
        addEventListener("pointermove", move);
        addEventListener("pointerup", stop);
        addEventListener("pointercancel", stop);
    }

    // Moves a box, or one of its corners, from where it was; it stays on the canvas.
    change(box, before, corner, across, down) {
        const { canvas } = this.editor.doc;
        const within = (value, least, most) => Math.round(Math.min(Math.max(value, least), Math.max(least, most)));
        if (!corner) {
            box.x = within(before.x + across, 0, canvas.width - before.width);
            box.y = within(before.y + down, 0, canvas.height - before.height);
        } else {
            const right = before.x + before.width;
            const bottom = before.y + before.height;
            if (corner.includes("w")) {
                box.x = within(before.x + across, 0, right - LEAST);
                box.width = right - box.x;
            } else box.width = within(before.width + across, LEAST, canvas.width - before.x);
            if (corner.includes("n")) {
                box.y = within(before.y + down, 0, bottom - LEAST);
                box.height = bottom - box.y;
            } else box.height = within(before.height + down, LEAST, canvas.height - before.y);
        }
        this.numbers(box);
        this.place();
    }

    // The numbers of the open card follow.
    numbers(box) {
        const found = this.placed().find((each) => each.box === box);
        const member = found?.option.placement === box ? "placement" : "tint";
        for (const name of ["x", "y", "width", "height"]) {
            const control = document.getElementById(`te/options/${found?.place}/${member}/${name}`);
            if (control) control.value = box[name];
        }
    }

    key(event, option) {
        const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
        if (across === undefined || !this.editor.data.may_write) return;
        event.preventDefault();
        const box = option.placement ?? option.tint;
        const step = event.ctrlKey ? 10 : 1;
        this.change(box, { ...box }, event.shiftKey ? "se" : "", across * step, down * step);
        this.editor.changed();
    }
}
