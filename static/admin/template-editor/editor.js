// The page on which a template is written: one document, shown as a form, as a picture and as JSON.
import { Canvas } from "./canvas.js";
import { renameIn } from "./conditions.js";
import { listFaults, showFaults } from "./faults.js";
import { isForm, Options, TYPES } from "./options.js";
import { Presets } from "./presets.js";
import { Sample } from "./sample.js";
import { ask } from "./server.js";
import { Stage } from "./stage.js";
import { Targets } from "./targets.js";

class Editor {
    constructor(root) {
        const part = (name) => root.querySelector(`[data-${name}]`);
        this.root = root;
        this.data = JSON.parse(document.getElementById("template-editor-data").textContent);
        this.doc = this.data.schema;
        this.fresh = new WeakSet();
        this.known = new WeakMap();
        this.selected = null;
        this.isDirty = this.isSaving = this.isBroken = false;
        this.isPatient = true;
        this.faults = [];
        this.name = part("name");
        this.json = part("json");
        this.said = part("said");
        this.options = new Options(this, part("options"));
        this.canvas = new Canvas(this, part("canvas-fields"));
        this.stage = new Stage(this, part("stage"));
        this.sample = new Sample(this, root);
        this.presets = new Presets(this, part("presets"));
        this.targets = ["products", "packages"].map((kind) => new Targets(this, part("targets"), kind));
        this.listen();
        this.render();
        this.writeJson();
        this.sample.soon();
    }

    listen() {
        this.name.addEventListener("input", () => this.touched());
        this.json.addEventListener("input", () => this.readJson());
        this.json.addEventListener("blur", () => this.isBroken || this.writeJson());
        this.root.addEventListener("submit", (event) => {
            event.preventDefault();
            this.save(event.submitter?.dataset.save ?? "");
        });
        this.root.addEventListener("keydown", (event) => {
            // Enter in a field saves nothing by itself.
            if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
        });
        for (const button of document.querySelectorAll("[data-dialog]")) {
            const dialog = document.getElementById(button.dataset.dialog);
            button.addEventListener("click", () => dialog.showModal());
            dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
        }
        addEventListener("beforeunload", (event) => {
            if (this.isDirty && !this.isSaving) event.preventDefault();
        });
    }

    // --- what has changed ---

    touched() {
        this.isDirty = true;
        this.root.classList.add("te-dirty");
    }

    changed() {
        this.touched();
        if (document.activeElement !== this.json) this.writeJson();
        this.sample.soon();
        this.summarise();
    }

    render() {
        this.options.draw();
        if (!isForm(this.doc)) return;
        this.canvas.draw();
        this.stage.draw();
        this.summarise();
        this.judge(this.faults);
    }

    select(option) {
        if (this.selected === option) return;
        this.selected = option;
        for (const item of this.root.querySelectorAll("[data-option]")) {
            item.classList.toggle("te-selected", item.dataset.at === `/options/${this.doc.options.indexOf(option)}`);
        }
        this.stage.place();
    }

    focusMover(at) {
        this.root.querySelector(`[data-at="${CSS.escape(at)}"] [data-handle]`)?.focus();
    }

    // The heads of the cards, and what an open box is called.
    summarise() {
        for (const [place, option] of this.doc.options.entries()) {
            const name = this.root.querySelector(`[data-summary="${place}"]`);
            if (!name) continue;
            name.textContent = option.label || `New ${TYPES[option.type].label.toLowerCase()}`;
            const about = [option.key, option.required && "must be answered", option.when && "only if …", option.requires_approval && "needs approval", option.choices && `${option.choices.length} choices`];
            this.root.querySelector(`[data-badges="${place}"]`).textContent = about.filter(Boolean).join(" · ");
            const box = document.getElementById(`te-box-${place}`)?.querySelector("span");
            if (box) box.textContent = option.label || option.key;
        }
    }

    // --- names that others speak of ---

    renameOption(option, before, key) {
        option.key = key;
        const others = this.doc.options.filter((each) => each !== option).map((each) => each.key);
        this.renamed(option, before, key, others, (old) => {
            for (const other of this.doc.options) renameIn(other.when, old, key);
            this.sample.rename(old, key);
        });
    }

    renameChoice(option, choice, before, value) {
        const others = option.choices.filter((each) => each !== choice).map((each) => each.value);
        this.renamed(choice, before, value, others, (old) => {
            for (const other of this.doc.options) renameIn(other.when, option.key, null, old, value);
        });
    }

    // While a name is being typed it is nothing for a moment, or somebody else's: until it is its own, others go on
    // speaking of the one that they know.
    renamed(thing, before, name, others, tell) {
        const known = this.known.get(thing) ?? before;
        this.known.set(thing, known);
        if (!name || others.includes(name)) return;
        this.known.delete(thing);
        if (known && !others.includes(known)) tell(known);
    }

    // --- JSON ---

    writeJson() {
        this.isBroken = false;
        this.root.querySelector("[data-json-trouble]").textContent = "";
        this.json.value = JSON.stringify(this.doc, null, 2);
        this.json.closest("details").classList.remove("te-wrong");
    }

    readJson() {
        const trouble = this.root.querySelector("[data-json-trouble]");
        let read;
        try {
            read = JSON.parse(this.json.value);
        } catch (error) {
            this.isBroken = true;
            trouble.textContent = `This is not JSON: ${error.message}`;
            return;
        }
        this.isBroken = false;
        trouble.textContent = "";
        this.doc = read;
        this.selected = null;
        this.touched();
        this.render();
        this.sample.soon();
    }

    // --- what is wrong ---

    judge(faults) {
        this.faults = faults;
        const homeless = showFaults(this.root, faults, { isPatient: this.isPatient });
        listFaults(this.root.querySelector("[data-json-faults]"), faults);
        if (!this.isPatient) this.count(faults, homeless);
    }

    count(faults, homeless) {
        const many = faults.length === 1 ? "One thing is" : `${faults.length} things are`;
        const more = homeless.map(({ detail }) => ` ${detail}`).join("");
        this.say(faults.length ? `${many} to be corrected.${more}` : "", "wrong");
    }

    say(text, tone, ...links) {
        this.said.hidden = !text;
        this.said.dataset.tone = tone;
        this.said.replaceChildren(text, ...links);
    }

    // --- saving ---

    // `state`: published, or nothing for what it is already.
    async save(state) {
        if (this.isSaving) return;
        if (this.isBroken) {
            this.say("Nothing was saved: what stands below as JSON is none yet.", "wrong");
            return;
        }
        const body = { name: this.name.value, schema: this.doc };
        for (const { kind, chosen } of this.targets) body[kind] = chosen.map(({ id }) => id);
        if (state) body.state = state;
        if (this.data.version !== null) body.version = this.data.version;
        this.isSaving = true;
        const answer = await ask(this.data.addresses.save, body);
        if (answer.ok) {
            location.assign(answer.body.address);
            return;
        }
        this.isSaving = false;
        if (answer.status === 412) this.conflict(answer.body);
        else if (answer.body.errors?.length) this.refused(answer.body.errors);
        else this.say(answer.body.detail, "wrong");
    }

    refused(faults) {
        this.isPatient = false;
        for (const { pointer } of faults) {
            const [, place] = /^\/schema\/options\/(\d+)/.exec(pointer) ?? [];
            const option = place && this.doc.options[place];
            if (option) this.options.open.add(option);
        }
        this.faults = faults;
        this.render();
        const first = this.root.querySelector("[data-fault]")?.closest("[data-at]");
        first?.scrollIntoView({ block: "center" });
        first?.querySelector("input, select, textarea")?.focus({ preventScroll: true });
    }

    conflict({ current_version: current }) {
        const link = (text, properties) => Object.assign(document.createElement("a"), { textContent: text, className: "fz-link", href: location.href, ...properties });
        const load = link("Discard mine and load theirs", { onclick: () => { this.isSaving = true; } });
        this.say(`Somebody saved version ${current} while you were writing. Nothing of yours was saved. `, "conflict",
            link("See theirs in a new tab", { target: "_blank" }), " · ", load);
        this.said.scrollIntoView({ block: "center" });
    }
}

const root = document.querySelector("[data-template-editor]");
if (root) new Editor(root);
