// The boxes that look up names; zoo.js reads this once somebody turns to a box.
(() => {
  "use strict";
  const { find, normal, plain, script, standing, tag } = zoo;
  const files = {};
  const load = (url) => files[url] ??= fetch(url).then((answer) => answer.json());

  // Models, and rows of search.json: title, address, what it is, other words, a line. Many digits are a number.
  const look = async (names, own, text) => {
    const models = find(await load(names), text), digits = text.replace(/[\s,.'_]/g, "");
    const numbers = own && /^\d{5,}$/.test(digits) ? find(await load(own.replace("search.json", "numbers.json")), digits) : [];
    return [models, own ? [...find(await load(own), text), ...numbers] : []];
  };

  // The look-up lists what has that name, models first; its last line looks through the words of all pages. Nothing is
  // read before somebody uses it, and the words of pages only once somebody asks for them, or no name fits.
  zoo.lookUp = (box, number) => {
    const input = box.querySelector("input"), id = `lookup-${number}`;
    const { names, own, index, base, words: said } = (document.querySelector(".top .lookup") ?? box).dataset;
    const [nothing, wrong, right, unknown, more, everywhere] = said.split("|");
    const list = tag("ul", { id, role: "listbox", "aria-label": input.getAttribute("aria-label") || input.labels[0]?.textContent || "", hidden: "" });
    box.append(list);
    input.setAttribute("aria-controls", id);
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
    const read = () => {
      load(names);
      if (own && !adds) load(own);
      if (input.value) show();
    };
    input.addEventListener("focus", read);
    if (document.activeElement === input) read();
  };
})();
