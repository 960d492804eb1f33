// Answers that shoppers can begin with: kept from the sample answers, each saved at once.
import { h, icon, refill, tool } from "./dom.js";
import { ask } from "./server.js";

export class Presets {
    constructor(editor, root) {
        this.editor = editor;
        this.root = root;
        this.trouble = "";
        this.draw();
    }

    draw() {
        const { data } = this.editor;
        refill(this.root,
            h("ul", { class: "fz-list te-presets" }, data.presets.map((preset, place) => this.item(preset, place))),
            !data.presets.length && h("p", { class: "te-hint" }, data.id ? "None yet. Try answers above, and keep them under a name." : "Save the template first; then the answers above can be kept."),
            data.may_keep_presets && this.keeper(),
            h("p", { class: "te-trouble", role: "alert", hidden: !this.trouble }, this.trouble));
    }

    item(preset, place) {
        const { data } = this.editor;
        const answers = Object.values(preset.answers).join(", ");
        return h("li", { "data-preset": preset.name },
            h("span", { class: "fz-two" }, h("span", {}, preset.name), h("small", {}, preset.is_offered ? answers : "Not offered: the template does not take it any more")),
            h("span", { class: "te-tools" },
                tool("play_arrow", `Try ${preset.name}`, () => this.editor.sample.fill(preset.answers)),
                data.may_keep_presets && place > 0 && tool("arrow_upward", `Move ${preset.name} up`, () => this.raise(place)),
                data.may_keep_presets && tool("sync", `Replace ${preset.name} by the answers above`, () => this.post(this.address("preset", preset.id), { answers: this.answers() })),
                data.may_remove_presets && tool("delete", `Remove ${preset.name}`, () => confirm(`Remove “${preset.name}”?`) && this.post(this.address("remove_preset", preset.id), {}))));
    }

    keeper() {
        const name = h("input", { type: "text", maxlength: 100, placeholder: "Name of the preset", "aria-label": "Name of the preset", id: "te-preset-name", autocomplete: "off" });
        const keep = async () => {
            if (await this.post(this.editor.data.addresses.presets, { name: name.value, answers: this.answers() })) name.value = "";
        };
        name.addEventListener("keydown", (event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            keep();
        });
        return h("div", { class: "te-keeper" }, name, h("button", { type: "button", class: "te-add", onclick: keep, "data-keep": true }, icon("bookmark_add"), "Keep these answers"));
    }

    // The legal answers but pictures, which are somebody's own.
    answers() {
        const pictures = this.editor.doc.options.filter((option) => option.type === "image").map((option) => option.key);
        return Object.fromEntries(Object.entries(this.editor.sample.legal).filter(([key]) => !pictures.includes(key)));
    }

    address(name, id) {
        return this.editor.data.addresses[name].replace("/0/", `/${id}/`);
    }

    // Moves one up; whoever has another place then is told so.
    async raise(place) {
        const order = [...this.editor.data.presets];
        order.splice(place - 1, 2, order[place], order[place - 1]);
        for (const [position, preset] of order.entries()) {
            if (preset.position !== position && !(await this.post(this.address("preset", preset.id), { position }))) return;
        }
    }

    async post(address, body) {
        const answer = await ask(address, body);
        if (answer.ok) this.editor.data.presets = answer.body.presets;
        this.trouble = answer.ok ? "" : [answer.body.detail, ...(answer.body.errors ?? []).map(({ detail }) => detail)].join(" ");
        if (!answer.ok && this.editor.isDirty) this.trouble += " Save the template first: presets are answers to what is saved.";
        this.draw();
        return answer.ok;
    }
}
