/* The queue as an instrument: keys, the case beside the list, the mail while it is written. Every page works without this file. */
(() => {
  "use strict";
  const beside = matchMedia("(min-width: 60rem)");
  const rows = () => [...document.querySelectorAll(".queue__row")];
  const current = () => document.querySelector('.queue__row[aria-current="true"]');

  function mark(row) {
    rows().forEach((other) => other.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const from = all.includes(document.activeElement) ? document.activeElement : current();
    const next = all[Math.min(Math.max(all.indexOf(from) + step, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const help = () => document.getElementById("keys");

  // Who speaks to the computer, or whose hand trembles, must be able to switch single letters off (WCAG 2.1.4).
  const KEYS_OFF = "liaise.keys.off";
  const keysWork = () => !localStorage.getItem(KEYS_OFF);

  function press(key) {
    if (key === "j") return move(1);
    if (key === "k") return move(-1);
    if (key === "?") return help()?.showModal();
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    if (target.matches("input")) target.focus(); else target.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!keysWork()) return;
    if (event.target.closest("input, textarea, select, dialog[open]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (press(event.key) !== false) {
      if ("jk?/aqdxmsnor".includes(event.key)) event.preventDefault();
    }
  });

  // On a narrow screen there is no room beside the list: the row's plain link opens the page instead.
  document.addEventListener("htmx:confirm", (event) => {
    const row = event.target.closest(".queue__row");
    if (row && !beside.matches) {
      event.preventDefault();
      location.assign(row.href);
    } else if (row && row === current() && document.querySelector(`#case [data-case="${row.href.split("/").pop()}"]`)) {
      event.preventDefault(); // It is open already: go into it, past the rest of the list.
      document.getElementById("case").focus();
    }
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest(".queue__row");
    if (row) mark(row);
  });
  // A case that is gone, or a sign-in that ran out, is a page of its own.
  document.addEventListener("htmx:responseError", (event) => {
    location.assign(event.target.closest("a").href);
  });

  const drafts = () => [...document.querySelectorAll("[data-draft]")];

  function startFromDraft(select) {
    const field = document.querySelector('[data-part="explanation"]');
    const untouched = !field.value.trim() || drafts().some((draft) => draft.textContent === field.value.trim());
    const draft = drafts().find((one) => one.dataset.draft === select.value);
    if (untouched) field.value = draft ? draft.textContent : "";
    show("reason", draft ? draft.dataset.because : "");
    show("explanation", field.value);
  }

  function show(name, text) {
    const place = document.querySelector(`[data-show="${CSS.escape(name)}"]`);
    if (!place) return;
    place.textContent = text.trim() ? (place.dataset.before || "") + text.trim() : "";
    place.hidden = !text.trim();
  }

  document.addEventListener("input", (event) => {
    const { target } = event;
    if (target.matches("[data-reason]")) startFromDraft(target);
    else if (target.dataset.part) show(target.dataset.part, target.value);
  });

  function wake() {
    document.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-show-keys]")) help().showModal(); });
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-single-keys]")) target.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "yes");
  });
  document.querySelectorAll("[data-show-keys]").forEach((button) => { button.hidden = false; });
  document.querySelectorAll("[data-single-keys]").forEach((box) => { box.checked = keysWork(); });
  document.addEventListener("htmx:load", wake);
  document.addEventListener("htmx:afterSettle", () => {
    wake();
    document.querySelector("#case [data-first]")?.focus();
  });
  wake();
})();
