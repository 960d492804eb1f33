// Passkeys in the admin: asks the server what to sign, the browser to sign it, and sends the form on.
"use strict";

(() => {
    const isSupported = typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

    async function optionsFor(form) {
        const answer = await fetch(form.dataset.options, {
            method: "POST",
            headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
        });
        const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
        if (!answer.ok || !isJson) {
            throw new Error(isJson ? (await answer.json()).detail : "This page has expired. Load it again.");
        }
        return answer.json();
    }

    async function credentialFor(kind, { publicKey }) {
        if (kind === "create") {
            return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
        }
        return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
    }

    function explain(error) {
        if (error.name === "NotAllowedError") return "No passkey was used. Try again when you are ready.";
        if (error.name === "InvalidStateError") return "This device holds a passkey of yours already.";
        if (error.name === "SecurityError") return "Passkeys work under the shop's own address only.";
        return error.message;
    }

    async function sign(form) {
        const trouble = form.querySelector("[role=alert]");
        const button = form.querySelector("button");
        trouble.hidden = true;
        button.disabled = true;
        try {
            const { options, state } = await optionsFor(form);
            const credential = await credentialFor(form.dataset.passkey, options);
            form.elements.credential.value = JSON.stringify(credential.toJSON());
            form.elements.state.value = state;
            form.submit();
        } catch (error) {
            trouble.textContent = explain(error);
            trouble.hidden = false;
            button.disabled = false;
        }
    }

    for (const form of document.querySelectorAll("form[data-passkey]")) {
        if (!isSupported) continue;
        form.hidden = false;
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            sign(form);
        });
    }
})();
