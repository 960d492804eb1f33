// Answers that somebody makes up, what they look like and what they cost: the shop's own judge and renderer say so.
import { swatch } from "./conditions.js";
import { h, refill } from "./dom.js";
import { isForm } from "./options.js";
import { ask } from "./server.js";

const SOON_MS = 250;
const BUSY_MS = 1200;
const MESSAGE = "With love from all of us";

function wordsFor(option) {
    if (option.type === "message") return MESSAGE.slice(0, option.max_length ?? 500);
    const classes = option.allowed ?? [];
    const words = !classes.length || classes.includes("letters") ? "Anna" : classes.includes("capitals") ? "ANNA" : classes.includes("digits") ? "2026" : "";
    return words.slice(0, option.max_length ?? 100);
}

export class Sample {
    constructor(editor, root) {
        this.editor = editor;
        this.form = root.querySelector("[data-sample-form]");
        this.costs = root.querySelector("[data-sample-costs]");
        this.note = root.querySelector("[data-sample-note]");
        this.price = root.querySelector("[data-sample-price]");
        this.price.addEventListener("input", () => this.soon());
        // By keys that staff make up: "constructor" is one too.
        this.answers = Object.create(null);
        this.legal = {};
        this.asked = 0;
        this.isLooking = false;
        this.shape = "";
    }

    // What every option is answered, asked or not.
    said() {
        const found = {};
        for (const option of isForm(this.editor.doc) ? this.editor.doc.options : []) {
            if (!option.key) continue;
            const known = this.answers[option.key];
            if (option.type === "button") {
                const values = (option.choices ?? []).map((choice) => choice.value);
                found[option.key] = known !== undefined && (known === "" || values.includes(known)) ? known : values[0] ?? "";
            } else if (option.type === "image") found[option.key] = known ?? "photo";
            else found[option.key] = known ?? (option.requires_approval ? "" : wordsFor(option));
        }
        return found;
    }

    // An option goes by another key from now on.
    rename(before, key) {
        if (!(before in this.answers)) return;
        this.answers[key] = this.answers[before];
        delete this.answers[before];
    }

    soon() {
        // What is under way is out of date.
        this.asked += 1;
        this.editor.root.setAttribute("aria-busy", "true");
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.look(), SOON_MS);
    }

    // One question at a time: the shop draws for others too, and only the newest answer is shown.
    async look() {
        if (this.isLooking) return;
        this.isLooking = true;
        const number = this.asked;
        const body = { schema: this.editor.doc, answers: this.said(), unit_price: this.price.value };
        const answer = await ask(this.editor.data.addresses.preview, body);
        this.isLooking = false;
        if (number !== this.asked) {
            clearTimeout(this.timer);
            this.look();
            return;
        }
        if (answer.status === 503) {
            this.timer = setTimeout(() => this.look(), BUSY_MS);
            return;
        }
        this.editor.root.removeAttribute("aria-busy");
        this.note.textContent = answer.ok ? "" : answer.body.detail;
        this.editor.judge(answer.body.errors ?? []);
        if (!answer.ok || !answer.body.visible) {
            this.editor.stage.stale();
            return;
        }
        this.show(answer.body);
    }

    show({ image, visible, legal, answers, surcharges, needs_approval: approvals }) {
        this.legal = legal;
        this.editor.stage.show(image);
        this.draw();
        for (const item of this.form.querySelectorAll("[data-answer]")) {
            const key = item.dataset.answer;
            item.hidden = !visible.includes(key);
            const faults = answers.filter(({ pointer }) => pointer === `/${key}`);
            item.querySelector(".te-faults").replaceChildren(...faults.map(({ detail }) => h("li", {}, detail)));
        }
        const rows = surcharges.map(({ label, amount, is_once: isOnce }) => h("div", {}, h("dt", {}, label), h("dd", {}, `+ ${amount}${isOnce ? " once" : ""}`)));
        refill(this.costs, ...(rows.length ? rows : [h("div", {}, h("dt", {}, "These answers cost nothing more"))]));
        const names = approvals.map((key) => this.editor.doc.options.find((option) => option.key === key)?.label ?? key);
        this.note.textContent = names.length ? `Staff approve an order with: ${names.join(", ")}.` : "";
    }

    // Draws the controls anew if what is asked has changed.
    draw() {
        const options = this.editor.doc.options.filter((option) => option.key);
        const shape = JSON.stringify(options.map(({ key, type, label, max_length, choices }) => [key, type, label, max_length, choices?.map((choice) => [choice.value, choice.label, choice.swatch])]));
        if (shape === this.shape) return;
        this.shape = shape;
        const said = this.said();
        refill(this.form, ...options.map((option) => this.control(option, said[option.key])));
    }

    // As if the answers had been typed.
    fill(answers) {
        for (const option of this.editor.doc.options) {
            if (option.type === "image") continue;
            this.answers[option.key] = Object.hasOwn(answers, option.key) ? answers[option.key] : "";
        }
        this.shape = "";
        this.draw();
        this.soon();
    }

    control(option, value) {
        const id = `te-sample-${option.key}`;
        const set = (answer) => {
            this.answers[option.key] = answer;
            this.soon();
        };
        const label = h("label", { for: option.type === "button" ? null : id, class: "te-title" }, option.label || option.key);
        const faults = h("ul", { class: "te-faults", role: "status" });
        return h("div", { class: "te-answer", "data-answer": option.key }, label, this.input(option, value, id, set), faults);
    }

    input(option, value, id, set) {
        if (option.type === "button") {
            const none = option.required ? [] : [{ value: "", label: "None" }];
            return h("span", { class: "te-chips", role: "radiogroup", "aria-label": option.label }, [...none, ...option.choices].map((choice) => h("label", { class: "te-chip" },
                h("input", { type: "radio", name: id, id: `${id}-${choice.value}`, checked: choice.value === value, onchange: () => set(choice.value) }),
                choice.swatch && swatch(choice.swatch), choice.label || choice.value)));
        }
        if (option.type === "image") {
            return h("label", { class: "te-check" }, h("input", { type: "checkbox", id, checked: Boolean(value), onchange: ({ target }) => set(target.checked ? "photo" : "") }), "with a sample photo");
        }
        const tag = option.type === "message" ? "textarea" : "input";
        return h(tag, { id, value, ...(tag === "textarea" ? { rows: 2 } : { type: "text" }), autocomplete: "off", oninput: ({ target }) => set(target.value) });
    }
}
