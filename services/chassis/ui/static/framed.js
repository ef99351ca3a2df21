/* Inside the widget's frame: tells the page around it that Escape was pressed. It says nothing else, to whoever listens. */
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) window.parent.postMessage("liaise:close", "*");
  });
  const here = document.querySelector("[data-problems], h1");
  if (here && !document.querySelector("[data-problems]")) { here.tabIndex = -1; here.focus(); }
})();
