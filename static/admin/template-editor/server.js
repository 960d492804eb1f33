// Asking the shop. An answer has `ok`, `status` and a `body`; one that never came has a detail that says so.

const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

async function answered(address, options) {
    try {
        const answer = await fetch(address, { redirect: "error", ...options });
        const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
        const body = isJson ? await answer.json() : { detail: answer.status === 403 ? "You may not do that, or this page has expired. Load it again." : "Something went wrong. Try again." };
        return { ok: answer.ok && isJson, status: answer.status, body };
    } catch {
        return { ok: false, status: 0, body: { detail: "The shop cannot be reached. Try again." } };
    }
}

export function ask(address, body) {
    return answered(address, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": token() } });
}

export function send(address, file) {
    const body = new FormData();
    body.append("file", file);
    return answered(address, { method: "POST", body, headers: { "X-CSRFToken": token() } });
}

export function find(address, query) {
    return answered(`${address}?${new URLSearchParams(query)}`, { method: "GET", headers: { Accept: "application/json" } });
}
