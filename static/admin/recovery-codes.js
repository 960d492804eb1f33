// Recovery codes are shown once: copy, download or print them.
"use strict";

(() => {
    const list = document.querySelector("[data-codes]");
    if (!list) return;
    const text = () => [...list.children].map((item) => item.textContent.trim()).join("\n") + "\n";

    function download() {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
        link.download = "fantasize-recovery-codes.txt";
        link.click();
        URL.revokeObjectURL(link.href);
    }

    async function copy(button) {
        await navigator.clipboard.writeText(text());
        button.querySelector("[data-label]").textContent = "Copied";
    }

    const deeds = { copy, download, print: () => window.print() };
    for (const button of document.querySelectorAll("[data-do]")) {
        button.addEventListener("click", () => deeds[button.dataset.do](button));
    }
})();
