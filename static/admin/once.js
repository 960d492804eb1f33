// A button that is pressed twice in a row was meant once: what is on its way is not sent again.
"use strict";

(() => {
    // Long enough for two clicks, short enough to try again: what comes twice all the same, the server refuses.
    const PAUSE_MS = 1500;
    let sent = new WeakSet();

    addEventListener("submit", (event) => {
        const form = event.target;
        if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") {
            return;
        }
        if (sent.has(form)) {
            event.preventDefault();
            return;
        }
        sent.add(form);
        setTimeout(() => sent.delete(form), PAUSE_MS);
    });

    // A page that comes back from the browser's memory begins anew.
    addEventListener("pageshow", () => {
        sent = new WeakSet();
    });
})();
