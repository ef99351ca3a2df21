/* Lists the files that were chosen, lets one be taken out, and says before sending what would not be kept.
   Without this file the input works as the browser has it. */
(() => {
  "use strict";

  function size(bytes) {
    const [unit, one] = bytes < 1e3 ? ["byte", 1] : bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
    return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / one);
  }

  function same(one, other) {
    return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
  }

  function wake(field) {
    const input = field.querySelector("input[type=file]");
    const list = field.querySelector("[data-list]");
    const row = field.querySelector("template");
    const status = field.querySelector("[role=status]");
    const limits = field.dataset;
    let chosen = [];

    function problem(file, before) {
      if (file.size === 0) return limits.empty;
      if (file.size > Number(limits.each)) return limits.tooLarge;
      if (before.length >= Number(limits.most)) return limits.tooMany;
      const together = before.reduce((sum, one) => sum + one.size, 0) + file.size;
      return together > Number(limits.together) ? limits.tooMuch : "";
    }

    function hold() {
      const transfer = new DataTransfer();
      chosen.forEach((file) => transfer.items.add(file));
      input.files = transfer.files;
    }

    function show() {
      list.replaceChildren();
      const fine = [];
      chosen.forEach((file, index) => {
        const item = row.content.firstElementChild.cloneNode(true);
        const why = problem(file, fine);
        if (!why) fine.push(file);
        item.querySelector("[data-name]").textContent = file.name;
        item.querySelector("[data-size]").textContent = size(file.size);
        item.querySelector("[data-why]").textContent = why;
        const button = item.querySelector("button");
        button.querySelector("[data-of]").textContent = file.name;
        button.addEventListener("click", () => remove(index));
        list.append(item);
      });
      list.hidden = chosen.length === 0;
      status.textContent = chosen.length ? limits.chosen.replace("#", String(fine.length)) : "";
    }

    function remove(index) {
      chosen.splice(index, 1);
      hold();
      show();
      const buttons = list.querySelectorAll("button");
      (buttons[Math.min(index, buttons.length - 1)] || input).focus();
    }

    input.addEventListener("change", () => {
      const fresh = [...input.files].filter((file) => !chosen.some((one) => same(one, file)));
      chosen = [...chosen, ...fresh];
      hold();
      show();
    });
    // The browser's "back" brings the chosen files again.
    window.addEventListener("pageshow", () => { chosen = [...input.files]; show(); });
  }

  document.querySelectorAll("[data-files]").forEach(wake);
})();
