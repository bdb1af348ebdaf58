// Makes the web chat live. Without it the page works by forms and visits.
(() => {
  "use strict";
  const talk = document.getElementById("talk"), line = document.getElementById("line");
  if (!talk || !window.EventSource || !window.fetch) return;
  const title = document.title, path = location.pathname;
  let after = Number(talk.dataset.version) || 0, stream = null;

  const post = (where, fields) => fetch(where, { method: "POST", body: new URLSearchParams(fields), keepalive: true, credentials: "same-origin" });
  const confirm = versions => versions && post(path + "/seen", { v: versions });
  const state = word => { line.textContent = line.dataset[word] || ""; };

  const show = html => {
    const hold = document.createElement("template");
    hold.innerHTML = html;
    const fresh = hold.content.firstElementChild, old = document.getElementById(fresh.id);
    if (old) old.replaceWith(fresh); else talk.append(fresh);
    fresh.scrollIntoView({ block: "nearest" });
    if (document.hidden) document.title = "● " + title;
  };

  const open = () => {
    if (stream && stream.readyState !== EventSource.CLOSED) return;
    stream = new EventSource(path + "/events?after=" + after);
    stream.addEventListener("open", () => state("live"));
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) state("lost");
    });
    stream.addEventListener("card", e => {
      const m = JSON.parse(e.data);
      show(m.html);
      after = Math.max(after, m.version);
      confirm(String(m.version));
    });
  };

  const mine = text => {
    const p = document.createElement("p");
    p.className = "mine";
    p.textContent = text;
    talk.append(p);
    p.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("submit", async e => {
    const form = e.target, pressed = e.submitter;
    if (form.method !== "post") return;
    e.preventDefault();
    const fields = new FormData(form);
    if (pressed && pressed.name) fields.set(pressed.name, pressed.value);
    fields.set("live", "1");
    fields.set("nonce", Date.now().toString(36) + "-" + Math.random().toString(36).slice(2));
    mine(fields.get("text") || (pressed ? pressed.textContent : ""));
    if (form.classList.contains("say")) form.reset();
    document.querySelectorAll("form.begin").forEach(f => f.remove());
    const hello = document.getElementById("hello");
    if (hello) hello.remove();
    try {
      const answer = await post(form.action, fields);
      if (!answer.ok) state("lost"); else open();
    } catch {
      state("lost");
    }
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    document.title = title;
    open();
  });
  confirm(talk.dataset.unseen);
  open();
})();
