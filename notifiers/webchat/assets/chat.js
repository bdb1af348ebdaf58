// Makes the web chat live. Without it the page works by forms and visits.
(() => {
  "use strict";
  const talk = document.getElementById("talk"), line = document.getElementById("line");
  if (!talk || !window.EventSource || !window.fetch) return;
  const title = document.title, path = location.pathname;
  // A browser that has said nothing yet has no talk to listen to.
  let after = Number(talk.dataset.version) || 0, known = talk.dataset.known !== "", stream = null, again = 0, refused = 0;

  const post = (where, fields) => fetch(where, { method: "POST", body: new URLSearchParams(fields), keepalive: true, credentials: "same-origin" });
  const confirm = versions => versions && post(path + "/seen", { v: versions }).catch(() => {}); // it is shown again, and confirmed then
  const state = word => {
    line.textContent = line.dataset[word];
    line.className = word === "live" ? "small" : "late";
  };

  const show = html => {
    const hold = document.createElement("template");
    hold.innerHTML = html;
    const fresh = hold.content.firstElementChild, old = document.getElementById(fresh.id);
    if (old) old.replaceWith(fresh); else talk.append(fresh);
    fresh.scrollIntoView({ block: "nearest" });
    if (document.hidden) document.title = "● " + title;
  };

  // Who is refused is told so, and asks again by itself: later each time, and not at
  // the same moment as all the others.
  const open = () => {
    clearTimeout(again);
    if (!known || stream && stream.readyState !== EventSource.CLOSED) return;
    stream = new EventSource(path + "/events?after=" + after);
    stream.addEventListener("open", () => { refused = 0; state("live"); });
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return state("lost");
      state("busy");
      again = setTimeout(open, Math.min(60, 3 * 2 ** refused++) * 1000 * (1 + Math.random()));
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
    return p;
  };

  document.addEventListener("submit", async e => {
    const form = e.target, pressed = e.submitter;
    if (form.method !== "post") return;
    e.preventDefault();
    const fields = new FormData(form);
    if (pressed && pressed.name) fields.set(pressed.name, pressed.value);
    fields.set("live", "1");
    fields.set("nonce", Date.now().toString(36) + "-" + Math.random().toString(36).slice(2));
    const said = mine(fields.get("text") || (pressed ? pressed.textContent : ""));
    if (form.classList.contains("say")) form.reset();
    let taken = false;
    try {
      taken = (await post(form.action, fields)).ok;
    } catch { /* no answer at all */ }
    if (!taken) { // what was not taken does not stand there as if it were
      said.remove();
      if (form.classList.contains("say") && !form.elements.text.value) form.elements.text.value = fields.get("text");
      return state("unsent");
    }
    known = true;
    document.querySelectorAll("form.begin").forEach(f => f.remove());
    const hello = document.getElementById("hello");
    if (hello) hello.remove();
    if (stream && stream.readyState === EventSource.OPEN) state("live"); else open();
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    document.title = title;
    open();
  });
  confirm(talk.dataset.unseen);
  open();
})();
