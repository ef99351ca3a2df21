/* The public form: drafts that survive a reload, what others have said while typing, one "Sending". It works without this file. */
(() => {
  "use strict";
  const SENT = "liaise-sent", LIVES = 24 * 3600 * 1000, SHORTEST = 12;
  const form = document.querySelector("form.say");

  // A browser may refuse to keep anything, and in a frame on another site it often does.
  function store(kind) {
    try { return window[kind]; } catch { return null; }
  }
  const lasting = store("localStorage"), passing = store("sessionStorage");

  if (!form) {
    const key = passing && passing.getItem(SENT);
    if (key && document.querySelector("[data-received]")) {
      if (lasting) lasting.removeItem(key);
      passing.removeItem(key);
      passing.removeItem(SENT);
    }
    return;
  }

  const key = `liaise-draft:${location.pathname}?unit=${new URLSearchParams(location.search).get("unit") || ""}`;
  const fields = () => [...form.elements].filter((one) => one.name && one.type !== "hidden" && one.type !== "file" && one.localName !== "button");

  function typed() {
    const values = {};
    for (const one of fields()) {
      if (one.type === "radio") { if (one.checked) values[one.name] = one.value; }
      else values[one.name] = one.type === "checkbox" ? one.checked : one.value;
    }
    return values;
  }

  function put(values) {
    for (const one of fields()) {
      if (one.type === "radio") one.checked = values[one.name] === one.value;
      else if (one.type === "checkbox") one.checked = Boolean(values[one.name]);
      else if (one.localName !== "select" || [...one.options].some((option) => option.value === values[one.name])) one.value = values[one.name] || "";
    }
    follow();
  }

  /* ---- drafts: on a shared computer nothing of an anonymous one outlives this tab ---- */
  function keep() {
    const values = typed(), home = values.anonymous ? passing : lasting, other = values.anonymous ? lasting : passing;
    try {
      if (other) other.removeItem(key);
      if (!home) return;
      if (values.text || values.name || values.email) home.setItem(key, JSON.stringify({ at: Date.now(), values }));
      else home.removeItem(key);
    } catch { /* full or refused: the form itself still holds every word */ }
  }

  function forget() {
    for (const place of [lasting, passing]) if (place) place.removeItem(key);
  }

  function found() {
    for (const place of [passing, lasting]) {
      try {
        const draft = JSON.parse(place && place.getItem(key));
        if (draft && Date.now() - draft.at < LIVES) return draft.values;
      } catch { /* not ours, or cut short */ }
    }
    return null;
  }

  function restore() {
    const draft = "fresh" in form.dataset && found();
    if (!draft) return;
    const empty = typed();
    put({ ...empty, ...draft });
    const notice = document.createElement("div"), words = document.createElement("p"), button = document.createElement("button");
    notice.className = "notice";
    const row = document.createElement("div");
    row.className = "kept";
    row.setAttribute("role", "status");
    button.type = "button";
    button.className = "button button--secondary button--small";
    row.append(words, button);
    notice.append(row);
    form.before(notice);
    let gone = false;
    const say = () => {
      words.textContent = gone ? form.dataset.emptied : form.dataset.kept;
      button.textContent = gone ? form.dataset.undo : form.dataset.again;
    };
    button.addEventListener("click", () => {
      gone = !gone;
      if (gone) { put(empty); forget(); } else { put({ ...empty, ...draft }); keep(); }
      say();
    });
    say();
  }

  /* ---- what follows from a choice ---- */
  function follow() {
    const chosen = form.elements.unit.selectedOptions[0], line = document.getElementById("f-unit-promise");
    const promise = (chosen && chosen.dataset.promise) || "";
    if (line.textContent.trim() !== promise) line.textContent = promise;
    for (const name of ["name", "email"]) form.elements[name].disabled = form.elements.anonymous.checked;
  }

  /* ---- what others have said ---- */
  const place = document.getElementById("similar"), count = document.getElementById("similar-count");
  let asked = "", asking = null, waiting = 0;

  async function look() {
    const said = form.elements.text.value.trim(), question = `${form.elements.unit.value}\n${said}`;
    if (question === asked) return;
    asked = question;
    if (asking) asking.abort();
    if (said.length < SHORTEST) { show(""); return; }
    asking = new AbortController();
    const body = new URLSearchParams({ fragment: "yes", unit: form.elements.unit.value, text: said.slice(0, 2000), form_token: form.elements.form_token.value });
    if (form.elements.csrf_token) body.set("csrf_token", form.elements.csrf_token.value);
    try {
      const answer = await fetch(form.dataset.similar, { method: "POST", body, signal: asking.signal, credentials: "same-origin" });
      if (answer.ok) show(await answer.text());
    } catch { /* it only helps */ }
  }

  function show(markup) {
    place.innerHTML = markup; // our own page's words, escaped by it
    const section = place.firstElementChild;
    count.textContent = section ? section.dataset.count : "";
  }

  /* ---- sending ---- */
  function sending(event) {
    if (event.defaultPrevented) return;
    leaving = true;
    keep();
    if (passing) {
      try { passing.setItem(SENT, key); } catch { /* then the draft is offered once more */ }
      if (form.elements.anonymous.checked) passing.removeItem(key);
    }
    form.querySelector("[data-send]").setAttribute("aria-disabled", "true");
    form.querySelector("[data-state]").textContent = form.dataset.sending;
  }

  window.addEventListener("pageshow", () => {
    leaving = false;
    form.querySelector("[data-send]").removeAttribute("aria-disabled");
    form.querySelector("[data-state]").textContent = "";
  });
  let saving = 0, leaving = false;
  form.addEventListener("input", () => {
    clearTimeout(saving);
    saving = setTimeout(keep, 300);
    clearTimeout(waiting);
    waiting = setTimeout(look, 400);
  });
  form.addEventListener("change", follow);
  form.addEventListener("submit", sending);
  window.addEventListener("pagehide", () => { if (saving && !leaving) keep(); });
  restore();
  follow();
  if (form.elements.text.value) waiting = setTimeout(look, 400); // typed before this file arrived, or put back
})();
