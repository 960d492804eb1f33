// Pictures and videos on the page of what they show: added, ordered, described and removed, each saved at once.
"use strict";

(() => {
    const BUSY_MS = 2000;
    const MOST_LOOKS = 90;

    class Panel {
        constructor(root) {
            this.root = root;
            this.address = root.dataset.mediaPanel;
            this.section = root.closest("section");
            this.looks = 0;
            this.dragged = null;
            this.listen();
            this.load();
        }

        listen() {
            const { root } = this;
            // Before the theme, which takes every input for one of the page's form.
            root.addEventListener("change", (event) => this.onChange(event), { capture: true });
            root.addEventListener("click", (event) => this.onClick(event));
            root.addEventListener("keydown", (event) => this.onKey(event));
            for (const name of ["dragstart", "dragover", "drop", "dragend"]) {
                root.addEventListener(name, (event) => this[name](event));
            }
        }

        // --- asking the server ---

        async load() {
            await this.ask(this.address, { method: "GET" });
        }

        async post(address, fields) {
            const body = new FormData();
            for (const [name, value] of Object.entries(fields)) body.append(name, value);
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            return this.ask(address, { method: "POST", body, headers: { "X-CSRFToken": token } });
        }

        // What went wrong, or nothing; the panel shows what the server has now.
        async ask(address, options) {
            let answer;
            try {
                answer = await fetch(address, { redirect: "error", ...options });
            } catch {
                return "The shop cannot be reached. Try again.";
            }
            const type = answer.headers.get("Content-Type") ?? "";
            if (answer.ok) {
                this.show(await answer.text());
                return "";
            }
            if (type.startsWith("application/json")) return (await answer.json()).detail;
            return answer.status === 400 || answer.status === 413 ? "The file is too large." : "This page has expired. Load it again.";
        }

        async attempt(address, fields) {
            this.complain(await this.post(address, fields));
        }

        show(html) {
            const place = this.focused();
            this.root.innerHTML = html;
            this.focus(place);
            clearTimeout(this.timer);
            const isBusy = this.root.querySelector("[data-busy]") !== null;
            this.looks = isBusy ? this.looks + 1 : 0;
            if (isBusy && this.looks < MOST_LOOKS) this.timer = setTimeout(() => this.look(), BUSY_MS);
        }

        // Looks again whether pictures are ready, unless somebody is at work here.
        look() {
            const isTyping = this.root.contains(document.activeElement) && document.activeElement.matches("input[type=text]");
            if (this.dragged || isTyping) this.timer = setTimeout(() => this.look(), BUSY_MS);
            else this.load();
        }

        complain(text) {
            const trouble = this.section.querySelector("[data-trouble]");
            trouble.textContent = text;
            trouble.hidden = !text;
        }

        say(text) {
            this.section.querySelector("[data-progress]").textContent = text;
        }

        // --- keeping the focus where it was ---

        focused() {
            const item = document.activeElement?.closest?.("[data-media]");
            if (!item || !this.root.contains(item)) return null;
            const kind = ["data-handle", "data-alt", "data-post"].find((name) => document.activeElement.hasAttribute(name));
            return kind && { id: item.dataset.media, kind };
        }

        focus(place) {
            if (place) this.root.querySelector(`[data-media="${place.id}"] [${place.kind}]`)?.focus();
        }

        // --- adding, describing, removing ---

        onChange(event) {
            const { target } = event;
            event.stopPropagation();
            if (target.matches("[data-upload]")) this.upload([...target.files]);
            if (target.matches("[data-alt]")) this.attempt(target.dataset.alt, { alt: target.value });
        }

        onClick(event) {
            const button = event.target.closest("[data-post]");
            if (!button || (button.dataset.confirm && !confirm(button.dataset.confirm))) return;
            this.attempt(button.dataset.post, {});
        }

        async upload(files) {
            const troubles = [];
            for (const [index, file] of files.entries()) {
                this.say(`Adding ${index + 1} of ${files.length}: ${file.name}`);
                const trouble = await this.post(this.address, { file });
                if (trouble) troubles.push(`${file.name}: ${trouble}`);
            }
            this.say(troubles.length < files.length ? `${files.length - troubles.length} added.` : "");
            this.complain(troubles.join("\n"));
        }

        // --- ordering ---

        items() {
            return [...this.root.querySelectorAll("[data-media]")];
        }

        save() {
            const ids = this.items().map((item) => item.dataset.media).join(",");
            this.attempt(this.root.querySelector("[data-order]").dataset.order, { ids });
        }

        onKey(event) {
            if (event.key === "Enter" && event.target.matches("[data-alt]")) {
                // The page's form is none of its business.
                event.preventDefault();
                event.target.blur();
            }
            const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
            if (step && event.target.matches("[data-handle]")) this.shift(event, step);
        }

        shift(event, step) {
            event.preventDefault();
            const items = this.items();
            const from = items.indexOf(event.target.closest("[data-media]"));
            const to = from + step;
            if (to < 0 || to >= items.length) return;
            items[to].insertAdjacentElement(step < 0 ? "beforebegin" : "afterend", items[from]);
            event.target.focus();
            this.save();
        }

        dragstart(event) {
            const item = event.target.closest?.("[data-media]");
            if (!item || !item.querySelector("[data-handle]")) return;
            this.dragged = item;
            item.classList.add("fz-media-dragged");
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", item.dataset.media);
        }

        dragover(event) {
            if (this.dragged) {
                event.preventDefault();
                this.make_room(event);
            } else if (event.dataTransfer.types.includes("Files") && this.root.querySelector("[data-upload]")) {
                event.preventDefault();
            }
        }

        make_room(event) {
            const item = event.target.closest("[data-media]");
            if (!item || item === this.dragged) return;
            const { left, width } = item.getBoundingClientRect();
            const isBefore = event.clientX < left + width / 2;
            item.insertAdjacentElement(isBefore ? "beforebegin" : "afterend", this.dragged);
        }

        drop(event) {
            if (this.dragged) {
                event.preventDefault();
                this.save();
            } else if (event.dataTransfer.files.length && this.root.querySelector("[data-upload]")) {
                event.preventDefault();
                this.upload([...event.dataTransfer.files]);
            }
        }

        dragend() {
            this.dragged?.classList.remove("fz-media-dragged");
            this.dragged = null;
        }
    }

    for (const root of document.querySelectorAll("[data-media-panel]")) new Panel(root);
})();
