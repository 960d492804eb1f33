"use strict";

// Follows the order over the socket. Whatever happens, the page is read anew and takes the old one's place; what it says
// is written in one place only, and nobody without this script misses anything.
const SHORTEST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
const CLOSED_BY_US = 1000;

const order = document.querySelector("[data-order]")?.dataset.order;
const token = location.pathname.split("/").filter(Boolean).pop();
let pause = SHORTEST_PAUSE;
let reading = null;

const main = () => document.querySelector("main");
const seq = () => Number(main().dataset.seq);
const isOpen = () => main().dataset.order === order;

function showLive(isLive) {
    document.documentElement.toggleAttribute("data-live", isLive);
    document.querySelector(".live")?.toggleAttribute("hidden", !isLive);
}

// A form that somebody is filling in stays as it is, as long as there is one on the new page.
function keepWhatWasTyped(page) {
    for (const form of main().querySelectorAll("form[data-typed]")) {
        page.querySelector(`form[data-line="${form.dataset.line}"]`)?.replaceWith(document.adoptNode(form));
    }
}

async function readAgain() {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isOpened = main().querySelector("details")?.open;
    const focused = document.activeElement;
    keepWhatWasTyped(page);
    main().replaceWith(document.adoptNode(page.querySelector("main")));
    main().querySelector("details")?.toggleAttribute("open", Boolean(isOpened));
    focused?.focus({ preventScroll: true });
    document.title = page.title;
    document.querySelector(".heard").textContent = main().querySelector("h1").textContent;
    showLive(document.documentElement.hasAttribute("data-live") && isOpen());
}

// One reading after the other, so that an older page never replaces a newer one.
function look(socket) {
    reading = (reading ?? Promise.resolve())
        .then(readAgain)
        .then(() => isOpen() || socket.close(CLOSED_BY_US))
        .catch(() => socket.close(CLOSED_BY_US));
}

function connect() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/`);
    socket.addEventListener("open", () => {
        socket.send(JSON.stringify({ event: "track_order", data: { order, token } }));
    });
    socket.addEventListener("message", ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.event === "tracking") {
            pause = SHORTEST_PAUSE;
            showLive(true);
        }
        if (frame.event === "error" || frame.data.seq > seq()) {
            look(socket);
        }
    });
    socket.addEventListener("close", () => {
        showLive(false);
        if (isOpen()) {
            setTimeout(connect, pause * (0.5 + Math.random()));
            pause = Math.min(pause * 2, LONGEST_PAUSE);
        }
    });
}

document.addEventListener("input", ({ target }) => target.form?.toggleAttribute("data-typed", true));

if (order) {
    connect();
}
