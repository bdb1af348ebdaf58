// The desk works without this file. It shows previews while an officer types and
// progress while a notice goes out, copies texts, and asks for passkeys.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  // What people read, while it is typed.
  for (const form of document.querySelectorAll("form[data-live]")) {
    let timer, running;
    const look = async () => {
      if (running) running.abort();
      running = new AbortController();
      const said = new URLSearchParams(new FormData(form));
      for (const name of ["code", "passkey"]) said.delete(name);
      said.set("do", "preview");
      try {
        const answer = await fetch(form.action, {method: "POST", body: said, headers: {"X-Part": "preview"}, signal: running.signal});
        if (answer.status === 429) timer = setTimeout(look, 1000); // what is shown is what will be read
        if (answer.status !== 200) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("preview");
        const old = document.getElementById("preview");
        if (!fresh || !old) return;
        const code = old.querySelector("input[name=code]"), next = fresh.querySelector("input[name=code]");
        if (code && next) next.value = code.value;
        old.replaceWith(fresh);
        passkeys(fresh);
      } catch (gone) { /* the next word tries again; the form itself needs nobody */ }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 250); });
  }

  // How far a notice has gone.
  for (const at of document.querySelectorAll("[data-stream]")) {
    const stream = new EventSource(at.dataset.stream);
    const show = (e) => { at.innerHTML = e.data; };
    stream.addEventListener("progress", show);
    stream.addEventListener("ended", () => { stream.close(); location.reload(); }); // the visit is over: nothing of it stays on a screen
    stream.addEventListener("done", (e) => { show(e); stream.close(); });
  }

  // Texts that are posted by hand.
  for (const text of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    });
    text.parentElement.querySelector(".copy").prepend(button);
  }

  // Passkeys.
  const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const word = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const asked = async (what) => {
    const answer = await fetch("/desk/passkey", {method: "POST", body: new URLSearchParams({for: what}), headers: {Accept: "application/json"}});
    if (!answer.ok) throw new Error((await answer.json()).detail || "The passkey could not be asked.");
    const o = (await answer.json()).publicKey;
    o.challenge = bytes(o.challenge);
    if (o.user) o.user.id = bytes(o.user.id);
    for (const list of [o.allowCredentials, o.excludeCredentials]) for (const c of list || []) c.id = bytes(c.id);
    return o;
  };
  const told = (c) => {
    const r = c.response, out = {id: c.id, rawId: word(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(), response: {clientDataJSON: word(r.clientDataJSON)}};
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (r[name]) out.response[name] = word(r[name]);
    if (r.getTransports) out.response.transports = r.getTransports();
    return JSON.stringify(out);
  };
  const passkeys = (within) => {
    if (!window.PublicKeyCredential) return;
    for (const form of within.querySelectorAll("[data-needs-passkey]")) form.hidden = false;
    for (const button of within.querySelectorAll("[data-passkey]")) {
      button.hidden = false;
      button.addEventListener("click", async (e) => {
        const what = button.dataset.passkey, form = button.form, field = form.elements[what === "new" ? "credential" : "passkey"];
        if (field.value) return; // it is there: now the form is sent
        e.preventDefault();
        if (what === "new" && !form.reportValidity()) return;
        try {
          const publicKey = await asked(what);
          const key = what === "new" ? await navigator.credentials.create({publicKey}) : await navigator.credentials.get({publicKey});
          field.value = told(key);
          form.requestSubmit(button);
        } catch (no) {
          let say = button.parentElement.querySelector(".passkey-said");
          if (!say) {
            say = document.createElement("p");
            say.className = "passkey-said late";
            say.setAttribute("role", "alert");
            button.after(say);
          }
          say.textContent = no.name === "NotAllowedError" ? "The passkey was not used." : no.message;
        }
      });
    }
  };
  passkeys(document);
})();
