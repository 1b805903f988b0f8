// What every page uses: light or dark, the look-up of models, copy buttons, tabs, and plots that leave one series.
(() => {
  "use strict";
  const root = document.documentElement;

  // Light or dark: what somebody chose is kept, else what the system says holds.
  const stored = (value) => {
    try { return value ? localStorage.setItem("zoo.scheme", value) : localStorage.getItem("zoo.scheme"); } catch { return null; }
  };
  const paint = (scheme) => { root.dataset.mdColorScheme = scheme; dispatchEvent(new Event("scheme")); };
  document.querySelector("[data-scheme]")?.addEventListener("click", () => {
    paint(root.dataset.mdColorScheme === "slate" ? "default" : "slate");
    stored(root.dataset.mdColorScheme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => stored() || paint(event.matches ? "slate" : "default"));

  // The same page in another language keeps what was chosen in it.
  for (const kind of ["pointerdown", "focusin", "click"]) document.addEventListener(kind, (event) => {
    const link = event.target.closest?.("a[hreflang]");
    if (link) link.href = link.href.split(/[?#]/)[0] + location.search + location.hash;
  }, true);

  // Names as people write them: DPN-98, resnet 50, ViT-B/16, Swin-T.
  const sizes = { ti: "tiny", t: "tiny", s: "small", b: "base", l: "large", xl: "xlarge", h: "huge", g: "giant" };
  const sized = /\b(vit|deit3?|swin(?:v2)?|convnext(?:v2)?|beit(?:v2)?|maxvit|cait|volo|gcvit|davit|mvit(?:v2)?)[-_ ]?(ti|xl|t|s|b|l|h|g)(?=\b|[-_ /\d])/g;
  const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const normal = (text) => plain(text.toLowerCase().replace(sized, (_, name, size) => name + sizes[size]).replace(/\/\s?(\d+)/g, "patch$1"));

  // Rows of names.json are name, page, family, other names, and counts of wrong, right and unknown claims.
  const find = (rows, text) => {
    const wants = [...new Set([plain(text), normal(text)])].filter(Boolean);
    const score = (row) => {
      row.folded ??= [row[0], ...row[3]].map(plain);
      row.family ??= plain(row[2]);
      const best = (want) => Math.min(...row.folded.map((key) => key === want ? 0 : key.startsWith(want) ? 1 : key.includes(want) ? 2 : 9), row.family === want ? 3 : row.family.startsWith(want) ? 4 : 9);
      return Math.min(9, ...wants.map(best));
    };
    for (const row of rows) row.points = score(row);
    return rows.filter(({ points }) => points < 9)
      .sort((a, b) => a.points - b.points || a[0].length - b[0].length || (a[0] < b[0] ? -1 : 1));
  };

  // Whether a text is the whole name of a row, or another name of it.
  const means = (row, text) => [plain(text), normal(text)].some((want) => want && [row[0], ...row[3]].some((key) => plain(key) === want));

  const tag = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const standing = (kind, text) => tag("span", { class: `st st--${kind}` }, text);

  const files = {};
  const script = (src) => files[src] ??= new Promise((done) => { document.head.append(Object.assign(tag("script", { src }), { onload: done })); });

  // What the scripts of single pages use, too.
  Object.assign((window.zoo ??= {}), { find, means, normal, plain, script, standing, tag });

  // A look-up works once somebody turns to it: lookup.js and all that it reads are loaded then.
  document.querySelectorAll(".lookup").forEach((box, number) => {
    const input = box.querySelector("input"), { own } = (document.querySelector(".top .lookup") ?? box).dataset;
    if (!own) return;
    for (const [key, value] of Object.entries({ role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-autocomplete": "list" })) input.setAttribute(key, value);
    if (box.hasAttribute("data-lost")) { // the page of an address that leads nowhere: its last part
      const last = location.pathname.split("/").filter(Boolean).pop() ?? "";
      try { input.value = last === "404.html" ? "" : decodeURIComponent(last).replace(/\.html?$/, ""); } catch {}
    }
    let works = false;
    const start = async () => {
      await script(own.replace("search.json", "lookup.js"));
      if (!works) zoo.lookUp(box, number);
      works = true;
    };
    input.addEventListener("focus", start, { once: true });
    if (document.activeElement === input) start();
    box.addEventListener("submit", async (event) => {
      if (works) return;
      event.preventDefault();
      await start();
      box.requestSubmit();
    });
    for (const hint of document.querySelectorAll(`[data-fill="${input.id}"]`)) {
      hint.addEventListener("click", async (event) => {
        event.preventDefault();
        input.value = hint.textContent;
        await start();
        input.focus();
        input.dispatchEvent(new Event("input"));
      });
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    const input = [...document.querySelectorAll(".lookup input")].find((field) => field.offsetParent);
    if (!input) return;
    event.preventDefault();
    event.stopPropagation(); // the theme's search takes it, too
    input.focus();
  }, true);

  // What a closed part needs is loaded when somebody opens it.
  for (const part of document.querySelectorAll("details[data-script]")) {
    part.addEventListener("toggle", () => document.head.append(tag("script", { src: part.dataset.script })), { once: true });
  }

  // Copy buttons of listings.
  const { copy } = document.getElementById("content")?.dataset ?? {};
  for (const listing of copy ? document.querySelectorAll(".code") : []) {
    const label = `${copy}: ${listing.querySelector("pre").getAttribute("aria-label")}`;
    listing.append(tag("button", { class: "button copy", type: "button", "aria-label": label }, copy));
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".copy");
    if (!button) return;
    await navigator.clipboard?.writeText(button.closest(".code").querySelector("code").textContent.trimEnd());
    const text = button.textContent;
    button.textContent = button.dataset.done || "✓";
    setTimeout(() => { button.textContent = text; }, 1500);
  });

  // Tabs are links to parts of the page; this adds the mark of the open one and the arrow keys.
  const bar = document.querySelector(".tabs-bar");
  const open = () => {
    root.classList.remove("part");
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let around = target; around; around = around.parentElement) if (around.tagName === "DETAILS") around.open = true;
    const links = bar ? [...bar.querySelectorAll("a")] : [];
    const part = target?.closest?.(".tabs > section")?.id ?? links[0]?.hash.slice(1);
    for (const link of links) link.hash === `#${part}` ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  };
  addEventListener("hashchange", open);
  open();
  bar?.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], links = [...bar.querySelectorAll("a")];
    if (!step) return;
    event.preventDefault();
    links[(links.indexOf(document.activeElement) + step + links.length) % links.length].focus();
  });
})();
