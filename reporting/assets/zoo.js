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

  // What the scripts of single pages use, too.
  Object.assign((window.zoo ??= {}), { find, means, standing, tag });

  const files = {};
  const load = (url) => files[url] ??= fetch(url).then((answer) => answer.json());

  const script = (src) => files[src] ??= new Promise((done) => { document.head.append(Object.assign(tag("script", { src }), { onload: done })); });

  // Models, and rows of search.json: title, address, what it is, other words, a line. Many digits are a number.
  const look = async (names, own, text) => {
    const models = find(await load(names), text), digits = text.replace(/[\s,.'_]/g, "");
    const numbers = own && /^\d{5,}$/.test(digits) ? find(await load(own.replace("search.json", "numbers.json")), digits) : [];
    return [models, own ? [...find(await load(own), text), ...numbers] : []];
  };

  // The look-up lists what has that name, models first; its last line looks through the words of all pages. Nothing is
  // read before somebody uses it, and the words of pages only once somebody asks for them, or no name fits.
  document.querySelectorAll(".lookup").forEach((box, number) => {
    const input = box.querySelector("input"), id = `lookup-${number}`;
    const { names, own, index, base, words: said } = (document.querySelector(".top .lookup") ?? box).dataset;
    const [nothing, wrong, right, unknown, more, everywhere] = said.split("|");
    const list = tag("ul", { id, role: "listbox", "aria-label": input.getAttribute("aria-label") || input.labels[0]?.textContent || "", hidden: "" });
    box.append(list);
    for (const [key, value] of Object.entries({ role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" })) input.setAttribute(key, value);
    let at = -1, acts = [];
    const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const mark = (to) => {
      const option = (n) => document.getElementById(`${id}-${n}`);
      option(at)?.setAttribute("aria-selected", "false");
      at = to;
      option(at)?.setAttribute("aria-selected", "true");
      option(at)?.scrollIntoView({ block: "nearest" });
      at < 0 ? input.removeAttribute("aria-activedescendant") : input.setAttribute("aria-activedescendant", `${id}-${at}`);
    };
    // Options are pairs of what is shown and what choosing it does: an address or a function.
    const open = (options, note, first) => {
      acts = options.map(([, act]) => act);
      list.replaceChildren(...options.map(([parts], n) => tag("li", { role: "option", id: `${id}-${n}`, "aria-selected": "false" }, ...parts)));
      if (note) list.prepend(tag("li", { class: "none", role: "option", "aria-disabled": "true" }, note));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      at = -1;
      if (first && !note) mark(0);
    };
    // A box on a page may do something else with a chosen model than go to its page: it takes the event `pick`.
    const adds = box.hasAttribute("data-picks");
    const pick = (row, text) => {
      close();
      const event = new CustomEvent("pick", { cancelable: true, detail: { row, text } });
      if (box.dispatchEvent(event)) row ? location.href = box.action + row[1] : box.submit();
      else input.value = "";
    };
    const isModel = (row) => row.length > 5;
    const choose = (row, text) => { if (!row || isModel(row)) pick(row, text); else location.href = base + row[1]; };
    const isSure = (hits, text) => hits.length === 1 || hits.length > 0 && normal(text) === plain(hits[0][0]);
    const go = (act) => typeof act === "function" ? act() : act && (location.href = act);
    const pages = async () => {
      const text = input.value.trim();
      await script(own.replace("search.json", "search.js"));
      const hits = zoo.searchPages(await load(index), text).slice(0, 12);
      if (input.value.trim() !== text) return;
      open(hits.map(({ title, line, location: there }) => [[tag("b", {}, title), tag("span", {}), tag("span", { class: "text" }, line)], base + there]), hits.length ? "" : `${nothing} “${text}”`, true);
    };
    const hitsOf = async (text) => {
      const [models, others] = await look(names, adds ? "" : own, text);
      return [models.length, [...models.slice(0, 8), ...others.slice(0, 6)].sort((a, b) => a.points - b.points)];
    };
    const parts = (row) => isModel(row)
      ? [tag("b", {}, row[0]), row[4] ? standing("wrong", `${row[4]} ${wrong}`) : row[5] ? standing("right", `${row[5]} ${right}`) : standing("unknown", unknown), tag("span", {}, row[2])]
      : [tag("b", {}, row[0]), tag("span", { class: "quiet" }, row[2]), tag("span", { class: "text" }, row[4])];
    const show = async () => {
      const text = input.value.trim();
      if (!text) return close();
      const [count, hits] = await hitsOf(text);
      if (input.value.trim() !== text) return;
      if (!hits.length && index && !adds) return pages();
      const options = hits.map((row) => [parts(row), () => choose(row, text)]);
      if (count > 8 && !adds) options.push([[`+ ${(count - 8).toLocaleString("en")} ${more}`], `${box.action}?search=${encodeURIComponent(text)}`]);
      if (index && !adds) options.push([[`${everywhere} “${text}”`], pages]);
      open(options, hits.length ? "" : `${nothing} “${text}”`, isSure(hits, text));
    };
    input.addEventListener("input", show);
    input.addEventListener("focus", () => { load(names); if (own && !adds) load(own); if (input.value) show(); });
    input.addEventListener("blur", () => setTimeout(close, 150));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return close();
      if (event.key === "Enter" && !list.hidden && acts[at]) { event.preventDefault(); go(acts[at]); }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || list.hidden || !acts.length) return;
      event.preventDefault();
      mark((at + step + acts.length + (at < 0 && step < 0)) % acts.length);
    });
    box.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = input.value.trim(), [, hits] = text ? await hitsOf(text) : [0, []];
      if (!text) return adds || box.submit();
      if (!hits.length && index && !adds) return pages();
      choose(isSure(hits, text) || hits.length && !isModel(hits[0]) ? hits[0] : null, text);
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[id]");
      if (option !== list) go(acts[option.id.split("-").pop()]);
    });
    for (const hint of document.querySelectorAll(`[data-fill="${input.id}"]`)) {
      hint.addEventListener("click", (event) => { event.preventDefault(); input.value = hint.textContent; input.focus(); show(); });
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
