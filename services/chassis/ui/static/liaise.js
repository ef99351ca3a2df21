/* Small conveniences. Every page works without this file. */
(() => {
  "use strict";
  const units = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "always" });

  function relative(then) {
    const seconds = Math.round((then - Date.now()) / 1000);
    // The same rounding as the server, so that a page does not change its mind while it loads.
    const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= 0.85 * length) || ["second", 1];
    return words.format(Math.sign(seconds) * Math.round(Math.abs(seconds) / size), unit);
  }

  function tellTimes(root) {
    root.querySelectorAll("time[datetime] .ago").forEach((place) => {
      const then = Date.parse(place.closest("time").dateTime);
      if (!Number.isNaN(then)) place.textContent = relative(then);
    });
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
    } catch {
      if (source.select) source.select(); else getSelection().selectAllChildren(source); // No clipboard over plain http: leave it selected for the keyboard.
      if (!document.execCommand("copy")) return;
    }
    const label = button.querySelector("[aria-live]");
    const before = label.textContent;
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 4000);
  }

  function wake(root) {
    root.querySelectorAll("[data-copy][hidden], [data-print][hidden]").forEach((button) => { button.hidden = false; });
    tellTimes(root);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    if (event.target.closest("[data-print]")) print();
  });

  // A second press of a submit button must not send twice. The button stays enabled: a disabled one would not send its value.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => rest(form), 8000);
  });

  function rest(form) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }

  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(rest));
  document.addEventListener("htmx:load", (event) => wake(event.target));
  setInterval(() => tellTimes(document), 60000);
  wake(document);
  const problems = document.querySelector("[data-problems]");
  if (problems) problems.focus();
})();
