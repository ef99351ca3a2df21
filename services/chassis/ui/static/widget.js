/* <script src="https://THIS-SITE/widget.js" data-unit="it" data-kind="idea" async></script>

   Puts a button in the corner of a page that opens the form in a frame; data-service, data-label and data-lang are taken, too.
   A page with a content security policy needs script-src and frame-src with this site's origin, nothing else: styles are
   constructed sheets in a shadow root, no attribute and no element of style. It leaves no name in the page's scripts. */
(() => {
  "use strict";
  const tag = document.currentScript;
  if (!tag) return; // a module has none; the tag has to be a plain script
  const home = new URL(tag.src).origin;
  const lang = tag.dataset.lang || document.documentElement.lang.slice(0, 2);
  const words = { en: ["Feedback", "Give feedback", "Close"], de: ["Feedback", "Feedback geben", "Schließen"] };
  const [label, title, close] = words[lang] || words.en;

  const STYLE = `
    :host { all: initial; position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; color-scheme: light dark; }
    button { font: 600 16px/1.25 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; cursor: pointer; border-radius: 6px; min-height: 44px; }
    button:focus-visible { outline: 3px solid #0b5a61; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
    .open { padding: 8px 20px; color: #fff; background: #0b5a61; border: 1px solid #fff; box-shadow: 0 1px 4px rgb(0 0 0 / 0.3); }
    .open:hover { background: #08454a; }
    .panel { position: fixed; inset: auto 1rem 1rem auto; box-sizing: border-box; display: flex; flex-direction: column; width: min(30rem, calc(100vw - 2rem));
      height: min(46rem, calc(100dvh - 2rem)); overflow: hidden; background: #fbfbfa; border: 1px solid #758286; border-radius: 8px; box-shadow: 0 4px 24px rgb(0 0 0 / 0.25); }
    .panel[hidden], .open[hidden] { display: none; }
    .bar { flex: none; display: flex; justify-content: flex-end; padding: 4px; border-bottom: 1px solid #dce1e1; }
    .close { padding: 4px 12px; color: #0b5a61; background: none; border: 1px solid transparent; }
    .close:hover { background: #e6f1f1; }
    iframe { flex: 1; width: 100%; border: 0; background: #fbfbfa; }
    @media (max-width: 34rem) { .panel { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; } }
    @media (prefers-color-scheme: dark) {
      .panel, iframe { background: #121719; } .panel { border-color: #7b898d; } .bar { border-color: #2d373a; }
      .close { color: #63c5c6; } .close:hover { background: #16302f; }
    }
    @media print { :host { display: none; } }`;

  function element(name, parts, children = []) {
    const made = Object.assign(document.createElement(name), parts);
    made.append(...children);
    return made;
  }

  function address() {
    const query = new URLSearchParams();
    for (const name of ["unit", "service", "kind"]) if (tag.dataset[name]) query.set(name, tag.dataset[name]);
    if (lang in words) query.set("lang", lang);
    return `${home}/widget?${query}`;
  }

  function build() {
    const host = document.createElement("div"), root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const open = element("button", { type: "button", className: "open", ariaExpanded: "false", ariaHasPopup: "dialog" }, [tag.dataset.label || label]);
    const shut = element("button", { type: "button", className: "close" }, [close]);
    const panel = element("div", { className: "panel", role: "dialog", ariaLabel: title, hidden: true }, [element("div", { className: "bar" }, [shut])]);
    let frame = null;

    function show() {
      if (!frame) { // not before somebody wants it: the page around pays nothing for a button
        frame = element("iframe", { title, src: address() });
        panel.append(frame);
      }
      panel.hidden = false;
      open.hidden = true;
      open.ariaExpanded = "true";
      frame.focus();
    }

    function hide() {
      if (panel.hidden) return;
      panel.hidden = true;
      open.hidden = false;
      open.ariaExpanded = "false";
      open.focus();
    }

    open.addEventListener("click", show);
    shut.addEventListener("click", hide);
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
    window.addEventListener("message", (event) => {
      if (frame && event.source === frame.contentWindow && event.origin === home && event.data === "liaise:close") hide();
    });
    root.append(open, panel);
    document.body.append(host);
  }

  if (document.body) build(); else document.addEventListener("DOMContentLoaded", build);
})();
