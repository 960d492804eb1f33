// Follows an import or export while it runs, and shows the page anew once it has ended.
"use strict";

(() => {
    const box = document.querySelector("[data-progress]");
    if (!box) return;
    const bar = box.querySelector("progress");
    const done = box.querySelector("[data-done]");
    let wait = 500;

    async function look() {
        try {
            const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
            if (!answer.ok) throw new Error(String(answer.status));
            const facts = await answer.json();
            if (!facts.is_running) {
                window.location.reload();
                return;
            }
            done.textContent = facts.done;
            if (facts.total && facts.state === "applying") {
                bar.max = facts.total;
                bar.value = facts.done;
            }
            wait = Math.min(wait * 1.3, 2000);
        } catch {
            wait = 5000; // the shop restarts, or the network is away
        }
        window.setTimeout(look, wait);
    }

    window.setTimeout(look, wait);
})();
