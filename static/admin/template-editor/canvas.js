// The canvas: how large it is, and the colour or picture behind everything.
import { h, icon, refill } from "./dom.js";
import { colour, field, number } from "./fields.js";
import { send } from "./server.js";

const NEW = { width: 800, height: 600, background: "#ffffff" };
const isPicture = (background) => /^[0-9a-f]{64}$/.test(background ?? "");

export class Canvas {
    constructor(editor, root) {
        this.editor = editor;
        this.root = root;
        this.trouble = "";
    }

    draw() {
        const { editor } = this;
        const { canvas } = editor.doc;
        const toggle = () => {
            if (canvas) delete editor.doc.canvas;
            else editor.doc.canvas = { ...NEW };
            editor.changed();
            editor.render();
        };
        const after = () => editor.stage.draw();
        refill(this.root,
            canvas && h("div", { class: "te-fields" },
                field("/canvas/width", "Width", number(editor, canvas, "width", { min: 16, max: 6000, after }), { note: "px" }),
                field("/canvas/height", "Height", number(editor, canvas, "height", { min: 16, max: 6000, after }), { note: "px" }),
                this.background(canvas)),
            canvas && h("p", { class: "te-hint" }, this.inches(canvas)),
            h("div", { "data-at": "/canvas" },
                h("button", { type: "button", class: "te-add", onclick: toggle, "data-canvas": true }, icon(canvas ? "hide_image" : "add"), canvas ? "Nothing is shown: take the canvas away" : "Show answers on a canvas"),
                h("ul", { class: "te-faults", role: "alert" })));
    }

    inches({ width, height }) {
        const size = (pixels) => `${((pixels / 300) * 2.54).toFixed(1)} cm`;
        return width > 0 && height > 0 ? `Printed at 300 dots per inch: ${size(width)} by ${size(height)}.` : "";
    }

    background(canvas) {
        const { editor } = this;
        const picture = isPicture(canvas.background);
        const file = h("input", { type: "file", class: "fz-unseen", accept: "image/jpeg,image/png,image/webp", "data-background": true, onchange: ({ target }) => this.upload(target.files[0]) });
        const upload = h("label", { class: "te-add" }, icon("add_photo_alternate"), picture ? "Another picture" : "Use a picture", file);
        const plain = () => {
            canvas.background = NEW.background;
            editor.changed();
            this.draw();
        };
        const shown = picture
            ? h("span", { class: "te-background" }, h("img", { src: editor.data.addresses.picture.replace(/0{64}/, canvas.background), alt: "Background" }), h("button", { type: "button", class: "te-add", onclick: plain }, icon("format_color_fill"), "Use a colour"))
            : colour(editor, canvas, "background", { optional: false });
        const box = field("/canvas/background", "Background", shown, { wide: true });
        shown.append(upload);
        box.append(h("p", { class: "te-hint", role: "status", "data-background-note": true }, this.trouble));
        return box;
    }

    async upload(file) {
        if (!file) return;
        const { editor } = this;
        this.root.querySelector("[data-background-note]").textContent = `Adding ${file.name} …`;
        const answer = await send(editor.data.addresses.background, file);
        this.trouble = answer.ok ? "" : answer.body.detail;
        if (answer.ok) {
            editor.doc.canvas.background = answer.body.id;
            editor.changed();
        }
        this.draw();
    }
}
