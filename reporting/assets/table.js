// The page of models: limits, choices, sorting, columns, files of what is shown, models to compare. The page holds its
// best rows; this takes all models from models.json and keeps only the rows in view in the page. All state stands in the
// address, and each step is one of the history.
(async () => {
  "use strict";
  const script = document.currentScript.src;
  const form = document.querySelector("[data-models]"), source = document.getElementById("models-data");
  if (!form || !source) return;
  const { say, make, number } = zoo;
  const { columns, filters, words, ...page } = JSON.parse(source.textContent);
  const box = document.querySelector(".view"), grid = box.querySelector("table"), body = grid.tBodies[0];
  const count = document.querySelector("[data-count]"), chips = document.querySelector("[data-chips]"), tray = document.querySelector(".tray");
  const fields = form.elements, usual = count.textContent;
  const MOST = 4, AROUND = 8, NEAREST = 3, UNKNOWN = "~";
  const STANDINGS = ["wrong", "right", "unknown"];
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const narrow = matchMedia("(max-width: 719px)");

  let table;
  try {
    table = await zoo.load(form.dataset.src);
  } catch (error) {
    count.textContent = say(words.failed, { reason: error.message });
    return;
  }
  const value = (key, n) => (key === "claims" ? table.value("wrong", n) : table.value(key, n));
  const text = (key, n) => {
    const raw = value(key, n);
    if (key === "tasks" && raw) return raw.map((task) => page.tasks[task] ?? task).join(", ");
    return zoo.show(table.columns.get(key), raw);
  };
  const metric = page.primary && table.columns.get(page.primary);
  const every = table.slugs.map((_, n) => n);
  const metrics = columns.filter(({ member }) => member).map(({ key }) => table.columns.get(key).standing);
  const members = metrics.length ? every.filter((n) => metrics.some((letters) => letters && letters[n] !== "-")) : every;

  // --- state: what the address says, checked against what there is --------------------------------------------------
  const fresh = () => ({ search: "", all: false, sort: "", down: true, reveal: false, columns: null, compare: [], filters: new Map() });
  let state = fresh();
  const read = (query) => {
    state = fresh();
    state.search = query.get("search")?.trim() ?? "";
    state.all = query.get("board") === "all";
    if (byKey.has(query.get("sort"))) Object.assign(state, { sort: query.get("sort"), down: query.get("order") === "descending" });
    state.reveal = query.get("unmeasured") === "1";
    if (query.has("columns")) state.columns = new Set(query.get("columns").split(",").filter((key) => byKey.has(key)));
    state.compare = [...new Set((query.get("compare") ?? "").split(","))].filter((slug) => table.numbers.has(slug)).slice(0, MOST);
    for (const { name, kind, options } of filters) {
      const given = query.get(name)?.trim();
      if (given && (kind === "choice" ? options.some(([option]) => option === given) : zoo.limit(given) !== null)) state.filters.set(name, given);
    }
  };
  const compose = () => {
    const query = new URLSearchParams();
    if (state.search) query.set("search", state.search);
    if (state.all) query.set("board", "all");
    for (const [name, given] of state.filters) query.set(name, given);
    if (state.sort) { query.set("sort", state.sort); query.set("order", state.down ? "descending" : "ascending"); }
    if (state.reveal) query.set("unmeasured", "1");
    if (state.columns) query.set("columns", columns.filter(({ key }) => state.columns.has(key)).map(({ key }) => key).join(","));
    if (state.compare.length) query.set("compare", state.compare.join(","));
    return query;
  };

  // --- which models fit ----------------------------------------------------------------------------------------------
  // Filters in use, with the values they ask: limits in the column's own unit.
  const active = () => filters.filter(({ name }) => state.filters.has(name)).map((filter) => {
    const given = state.filters.get(filter.name), column = table.columns.get(filter.key);
    if (filter.kind === "choice") return { ...filter, given, values: column?.values };
    return { ...filter, given, limit: zoo.limit(given) * zoo.unit(column).factor, values: column.values };
  });
  const ROUNDING = 1e-9; // 5 GMACs are 5 GMACs, whatever the last bit says
  const over = ({ kind, limit, values }, n) => (kind === "min" ? limit - values[n] : values[n] - limit) - Math.abs(limit) * ROUNDING;
  const has = ({ key, given, values }, n) => {
    if (key === "standing") {
      const [wrong, right] = STANDINGS.map((kind) => table.value(kind, n));
      return given === "wrong" ? wrong > 0 : given === "none" ? !wrong : !wrong && !right;
    }
    const raw = values[n];
    return raw === null ? given === UNKNOWN : Array.isArray(raw) ? raw.includes(given) : raw === given;
  };
  const select = () => {
    const uses = active(), limits = uses.filter(({ kind }) => kind !== "choice"), choices = uses.filter(({ kind }) => kind === "choice");
    let pool = state.all ? every : members, hits = null, elsewhere = 0, only = false;
    if (state.search) {
      hits = zoo.find(table.names(), state.search).map(({ n }) => n);
      const own = new Set(pool), within = hits.filter((n) => own.has(n));
      only = !within.length && hits.length > 0;
      elsewhere = only ? 0 : hits.length - within.length;
      pool = only ? hits : within;
    }
    const base = choices.length ? pool.filter((n) => choices.every((use) => has(use, n))) : pool;
    const fits = [], blank = [], beyond = [];
    for (const n of base) {
      let lacks = false, fails = false;
      for (const use of limits) {
        if (use.values[n] === null) lacks = true;
        else if (over(use, n) > 0) fails = true;
      }
      if (fails) { if (!lacks) beyond.push(n); } else (lacks ? blank : fits).push(n);
    }
    return { limits, pool, base, fits, blank, beyond, elsewhere, only, uses };
  };

  // --- sorting: unknown values come last both ways, equal ones by their cost -----------------------------------------
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const ranks = new Map(); // texts sort as people count: their places, made once for a column
  const keys = (key) => {
    const values = key === "claims" ? table.columns.get("wrong").values : table.columns.get(key).values;
    if (byKey.get(key).kind === "number") return values;
    if (!ranks.has(key)) {
      const order = [...new Set(values.filter((raw) => raw !== null).map(String))].sort(collator.compare);
      const places = new Map(order.map((name, place) => [name, place]));
      ranks.set(key, values.map((raw) => (raw === null ? null : places.get(String(raw)))));
    }
    return ranks.get(key);
  };
  const sorting = () => {
    if (state.sort) return [state.sort, state.down];
    return page.primary && !state.search ? [page.primary, metric.better >= 0] : ["", false];
  };
  const sorted = (list) => {
    const [key, down] = sorting();
    if (!key) return list;
    const values = keys(key), costs = table.columns.get("macs")?.values ?? table.columns.get("flops")?.values, way = down ? -1 : 1;
    return list.slice().sort((a, b) => {
      const x = values[a], y = values[b];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return way * (x - y) || (costs ? (costs[a] ?? 0) - (costs[b] ?? 0) : 0) || a - b;
    });
  };

  // --- rows: those in view, and some on each side; a row is a copy of a model row ------------------------------------
  let shown = [], rows = [], first = null, from = 0, to = 0, high = narrow.matches ? 45 : 37;
  const visible = () => {
    const wanted = columns.filter((column) => column.key === "model" || (state.columns ? state.columns.has(column.key) : column.shown));
    const [key] = sorting(), at = wanted.findIndex((column) => column.key === key);
    const before = wanted.findIndex((column) => column.key === "claims") + 1 || 1;
    if (narrow.matches && at > before) wanted.splice(before, 0, ...wanted.splice(at, 1)); // it is in view on a telephone
    return wanted;
  };
  const isNumber = ({ key, kind }) => kind === "number" || key === "input";
  const style = (column) => ({ model: "c-name", claims: "c-claims" })[column.key] ?? (isNumber(column) ? "num" : "text");
  const signs = Object.fromEntries(STANDINGS.map((kind) => [kind, make("span", { class: `st st--${kind}` }, "", make("span", { class: "vh" }, ` ${words[kind]}`))]));
  const sign = (kind, amount) => {
    const copy = signs[kind].cloneNode(true);
    copy.firstChild.data = number(amount, 0);
    return copy;
  };
  const model = () => {
    const name = make("th", { scope: "row", class: "c-name" }, make("label", { class: "tick" }, make("input", { type: "checkbox" })), make("a"));
    const cells = shown.map((column) => (column.key === "model" ? name : make("td", { class: column.kind === "number" || column.key === "input" ? "num" : column.key === "claims" ? "c-claims" : null })));
    for (const [at, column] of shown.entries()) if (column.key === "claims") cells[at].className = "c-claims";
    return make("tr", {}, ...cells);
  };
  const link = (anchor, n) => `${form.dataset.base}${encodeURIComponent(table.slugs[n])}/${anchor ? `#${anchor}` : ""}`;
  const row = (n, place) => {
    const copy = first.cloneNode(true), on = state.compare.includes(table.slugs[n]);
    copy.ariaRowIndex = String(place + 2);
    if (on) copy.className = "on";
    for (const [at, { key }] of shown.entries()) {
      const cell = copy.cells[at];
      if (key === "model") {
        const [tick, anchor] = cell.children, [field] = tick.children, name = table.name(n);
        field.dataset.slug = table.slugs[n];
        field.setAttribute("aria-label", say(words.choose, { model: name }));
        field.checked = on;
        field.disabled = !on && state.compare.length >= MOST;
        anchor.textContent = anchor.title = name;
        anchor.href = link("", n);
      } else if (key === "claims") {
        for (const kind of STANDINGS) if (table.value(kind, n)) cell.append(sign(kind, table.value(kind, n)));
      } else if (value(key, n) === null) {
        if (table.standing(key, n) === "wrong") cell.append(make("a", { href: link(table.anchor(key, n), n) }, make("span", { class: "st st--wrong" }, words.wrong)));
      } else cell.textContent = text(key, n);
    }
    return copy;
  };
  const space = (amount) => make("tr", { class: "space", "aria-hidden": "true" }, make("td", { colspan: shown.length, style: `height:${amount * high}px` }));
  const lines = (a, b) => rows.slice(a, b).map((n, at) => row(n, a + at));
  const paint = (anew, whole = false) => {
    if (!rows.length) return;
    const top = Math.floor(box.scrollTop / high), low = Math.min(rows.length, top + Math.ceil(box.clientHeight / high) + 1);
    if (!anew && (top - 4 >= from || !from) && (low + 4 <= to || to === rows.length) && top >= from && low <= to) return;
    const [a, b] = whole ? [0, Math.min(rows.length, 400)] : [Math.max(0, top - AROUND), Math.min(rows.length, low + AROUND)];
    if (anew || a >= to || b <= from) body.replaceChildren(space(a), ...lines(a, b), space(rows.length - b));
    else {
      const head = body.firstElementChild, tail = body.lastElementChild;
      for (; from < a; from++) head.nextElementSibling.remove();
      for (; to > b; to--) tail.previousElementSibling.remove();
      if (a < from) head.after(...lines(a, from));
      if (b > to) tail.before(...lines(to, b));
      head.firstChild.style.height = `${a * high}px`;
      tail.firstChild.style.height = `${(rows.length - b) * high}px`;
    }
    [from, to] = [a, b];
  };

  // --- header -------------------------------------------------------------------------------------------------------
  const heads = () => {
    const [key, down] = sorting(), line = grid.tHead.rows[0];
    const wanted = visible();
    if (!first || wanted.map((column) => column.key).join() !== shown.map((column) => column.key).join()) {
      shown = wanted;
      first = model();
      line.replaceChildren(...shown.map((column) => make("th", { scope: "col", "data-key": column.key, class: style(column) },
        make("button", { type: "button", class: "sort", title: column.label }, column.title, column.aside && " ", column.aside && make("small", {}, column.aside)))));
    }
    for (const head of line.cells) {
      if (head.dataset.key === key) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  };

  // --- the answer in words --------------------------------------------------------------------------------------------
  const named = (n) => make("a", { href: link("", n) }, table.name(n));
  // A sentence with nodes in the places of names.
  const phrase = (sentence, nodes, values = {}) => sentence.split(/(%\(\w+\)s)/).map((part) => {
    const name = /^%\((\w+)\)s$/.exec(part)?.[1];
    return name in nodes ? nodes[name] : say(part, values);
  });
  const bestOf = (list) => {
    if (!metric) return null;
    const way = metric.better < 0 ? -1 : 1;
    return list.reduce((best, n) => (metric.values[n] !== null && (best === null || way * (metric.values[n] - metric.values[best]) > 0) ? n : best), null);
  };
  const missing = ({ limits, blank }) => {
    const lacks = limits.map((use) => [use, blank.filter((n) => use.values[n] === null).length]).filter(([, amount]) => amount);
    return lacks.map(([use, amount]) => say(use.missing, { count: number(amount, 0) })).join(", ");
  };
  const tell = ({ limits, base, fits, blank, elsewhere, only, uses }) => {
    const parts = [], total = number(base.length, 0);
    if (uses.length || state.search) {
      const whole = only || state.all ? every : state.search || uses.length > limits.length ? members : base;
      parts.push(say(words.some, { shown: number(fits.length, 0), count: number(whole.length, 0) }));
    } else parts.push(state.all ? say(every.length === 1 ? words.oneall : words.all, { count: total }) : usual);
    if (only) parts.push(words.others);
    const best = uses.length && fits.length ? bestOf(fits) : null;
    if (best !== null) parts.push(make("span", {}, ...phrase(metric.better < 0 ? words.lowest : words.highest, { model: named(best) }, { metric: page.metric, value: zoo.showUnit(metric, metric.values[best]) })));
    if (blank.length) {
      parts.push(make("span", {}, say(words.lacking, { missing: missing({ limits, blank }) }), " ", make("button", { type: "button", "data-reveal": true }, state.reveal ? words.conceal : words.reveal)));
    }
    if (elsewhere) parts.push(make("button", { type: "button", "data-elsewhere": true }, say(words.elsewhere, { count: number(elsewhere, 0) })));
    count.replaceChildren(...parts.flatMap((part, at) => (at ? [" ", part] : [part])));
  };
  // Who comes nearest where no model fits: of those that have all numbers, the fewest limits missed, then the least over.
  const nearest = ({ limits, beyond }) => beyond.map((n) => {
    const missed = limits.filter((use) => over(use, n) > 0);
    return { n, missed, far: missed.reduce((sum, use) => sum + over(use, n) / (Math.abs(use.limit) || 1), 0) };
  }).sort((a, b) => a.missed.length - b.missed.length || a.far - b.far).slice(0, NEAREST);
  const explain = (found) => {
    const near = nearest(found), best = bestOf(found.blank);
    const amounts = (each) => each.missed.map((use) => `${zoo.show({ ...table.columns.get(use.key) }, over(use, each.n))} ${use.miss}`.trim()).join(words.and);
    const items = near.map((each) => {
      const numbers = [metric, ...found.limits.map((use) => table.columns.get(use.key))].filter((column, at, all) => column && all.indexOf(column) === at && column.values[each.n] !== null);
      return make("li", {}, named(each.n), ` ${say(words.misses, { amounts: amounts(each) })}`, make("span", { class: "quiet" }, ` (${numbers.map((column) => zoo.showUnit(column, column.values[each.n])).join(", ")})`));
    });
    const told = found.pool.length ? words.none : say(words.nothing, { text: zoo.seen(state.search) });
    const lines = [make("p", {}, make("strong", {}, told))];
    if (items.length) lines.push(make("ul", {}, ...items));
    if (found.blank.length) {
      const sentence = [say(words.unmeasured, { missing: missing(found), all: number(found.base.length, 0) })];
      if (best !== null) sentence.push(" ", ...phrase(metric.better < 0 ? words.lowestof : words.highestof, { model: named(best) }, { value: zoo.showUnit(metric, metric.values[best]) }));
      lines.push(make("p", {}, ...sentence));
    }
    body.replaceChildren(make("tr", {}, make("td", { class: "none", colspan: shown.length }, make("div", {}, ...lines))));
  };

  // --- controls -----------------------------------------------------------------------------------------------------
  const chip = (name, label) => make("button", { type: "button", class: "chip", "data-off": name, "aria-label": say(words.remove, { filter: label }) }, label);
  const controls = (uses) => {
    const labels = uses.map((use) => [use.name, say(use.chip, { value: use.kind === "choice" ? use.options.find(([option]) => option === use.given)[1] : use.given })]);
    if (state.search) labels.unshift(["search", `“${zoo.seen(state.search)}”`]);
    const clear = labels.length > 1 && make("button", { type: "button", class: "button button--bare", "data-off": "" }, words.clear);
    chips.replaceChildren(...labels.map(([name, label]) => chip(name, label)), ...(clear ? [clear] : []));
    form.querySelector("[data-active]").textContent = uses.length ? ` (${uses.length})` : "";
    for (const { name, shown: always } of filters) {
      const field = fields[name], given = state.filters.get(name) ?? "";
      if (field !== document.activeElement || !given) field.value = field === document.activeElement && zoo.limit(field.value) === null ? field.value : given;
      if (!always && given) field.closest("label").hidden = false;
    }
    if (fields.search !== document.activeElement) fields.search.value = state.search;
    if (fields.board) fields.board.value = state.all ? "all" : page.board;
  };
  const shelf = () => {
    const names = state.compare.map((slug) => [slug, table.name(table.numbers.get(slug))]);
    tray.hidden = !names.length;
    tray.querySelector("ul").replaceChildren(...names.map(([slug, name]) => make("li", {}, make("button", { type: "button", class: "chip", "data-drop": slug, "aria-label": say(words.drop, { model: name }) }, name))));
    const go = tray.querySelector("a");
    go.textContent = names.length > 1 ? say(words.compare, { count: names.length }) : words.choose2;
    if (names.length > 1) go.href = `${form.dataset.compare}?models=${state.compare.map(encodeURIComponent).join(",")}`;
    else go.removeAttribute("href");
  };
  const show = (jump = true) => {
    const found = select();
    rows = sorted(found.fits);
    if (state.reveal) rows = [...rows, ...sorted(found.blank)];
    heads();
    grid.setAttribute("aria-rowcount", rows.length + 1);
    if (jump) box.scrollTop = 0;
    if (rows.length) paint(true);
    else explain(found);
    tell(found);
    controls(found.uses);
    shelf();
  };
  const remember = zoo.keepAddress(compose, (query) => { read(query); refill(); show(); });
  const change = (field = null) => { show(); remember(field); };
  const refill = () => { // after a step back, fields have what the address says, and those that nobody sees are hidden
    for (const { name, shown: always } of filters) {
      fields[name].value = state.filters.get(name) ?? "";
      if (!always) fields[name].closest("label").hidden = !state.filters.has(name);
    }
    fields.search.value = state.search;
    for (const field of document.querySelectorAll("[data-columns] input")) field.checked = isShown(field.value);
  };
  const isShown = (key) => (state.columns ? state.columns.has(key) : byKey.get(key).shown);

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if ("add" in target.dataset) {
      if (!target.value) return;
      const field = fields[target.value];
      field.closest("label").hidden = false;
      target.value = "";
      return field.focus();
    }
    if (target.name === "search") state.search = target.value.trim();
    else if (target.name === "board") {
      if (target.value !== "all" && target.value !== page.board || target.value === "all" && page.board) {
        const query = compose();
        target.value === "all" ? query.set("board", "all") : query.delete("board");
        location.href = target.selectedOptions[0].dataset.page + (query.size ? `?${query}` : "");
        return undefined;
      }
      state.all = target.value === "all";
    } else {
      const given = target.value.trim();
      if (given && (target.tagName === "SELECT" || zoo.limit(given) !== null)) state.filters.set(target.name, given);
      else state.filters.delete(target.name);
    }
    return change(target.tagName === "SELECT" ? null : target);
  });
  const opener = form.querySelector("[data-open]"); // on narrow screens
  opener.addEventListener("click", () => opener.setAttribute("aria-expanded", opener.getAttribute("aria-expanded") !== "true"));
  chips.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-off]")?.dataset.off;
    if (name === undefined) return;
    if (name) name === "search" ? state.search = "" : state.filters.delete(name);
    else Object.assign(state, { search: "", filters: new Map() });
    if (!state.filters.size) state.reveal = false;
    refill();
    change();
    (chips.querySelector("button") ?? fields.search).focus({ preventScroll: true });
  });
  count.addEventListener("click", ({ target }) => {
    if ("reveal" in target.dataset) state.reveal = !state.reveal;
    else if ("elsewhere" in target.dataset) state.all = true;
    else return;
    change();
  });
  grid.tHead.addEventListener("click", ({ target }) => {
    const key = target.closest("button")?.parentElement.dataset.key;
    if (!key) return;
    const [now, down] = sorting();
    Object.assign(state, { sort: key, down: now === key ? !down : byKey.get(key).better > 0 });
    change();
    if (!target.isConnected) grid.tHead.querySelector(`[data-key="${CSS.escape(key)}"] button`).focus({ preventScroll: true });
  });
  body.addEventListener("change", ({ target }) => {
    const { slug } = target.dataset;
    if (!slug) return;
    state.compare = target.checked ? [...state.compare, slug].slice(0, MOST) : state.compare.filter((other) => other !== slug);
    ticks();
    remember(null, false);
  });
  const ticks = () => {
    for (const field of body.querySelectorAll("input")) {
      field.checked = state.compare.includes(field.dataset.slug);
      field.disabled = !field.checked && state.compare.length >= MOST;
      field.closest("tr").classList.toggle("on", field.checked);
    }
    shelf();
  };
  tray.addEventListener("click", ({ target }) => {
    if (target.dataset.drop) state.compare = state.compare.filter((slug) => slug !== target.dataset.drop);
    else if ("clear" in target.dataset) state.compare = [];
    else return;
    ticks();
    remember(null, false);
  });
  const menu = document.querySelector("[data-columns]");
  menu.lastElementChild.append(...columns.filter(({ key }) => key !== "model").map(({ key, label }) => make("label", {},
    make("input", { type: "checkbox", value: key, on: { change: ({ target }) => {
      state.columns ??= new Set(columns.filter((column) => column.shown).map((column) => column.key));
      target.checked ? state.columns.add(key) : state.columns.delete(key);
      change();
    } } }), label)));
  zoo.closable(menu);

  // --- files of exactly what is shown ---------------------------------------------------------------------------------
  const exported = () => shown.flatMap(({ key }) => (key === "claims" ? STANDINGS : [key])).map((key) => table.columns.get(key));
  const save = (name, type, content) => zoo.save(new Blob([content], { type }), name);
  const plainText = (raw) => (raw === null ? "" : Array.isArray(raw) ? raw.join(", ") : String(raw));
  // A cell that a spreadsheet would run as a formula gets an apostrophe.
  const cellText = (raw) => {
    const plain = typeof raw !== "number" && /^[=+\-@\t\r\n]/.test(plainText(raw)) ? `'${plainText(raw)}` : plainText(raw);
    return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  const WRITERS = {
    CSV: () => {
      const written = exported();
      const listed = [written.map(({ key }) => key), ...rows.map((n) => written.map(({ values }) => values[n]))];
      save("models.csv", "text/csv", listed.map((line) => line.map(cellText).join(",")).join("\n") + "\n");
    },
    JSON: () => {
      const written = exported();
      const list = rows.map((n) => Object.fromEntries(written.map(({ key, values }) => [key, values[n]])));
      save("models.json", "application/json", JSON.stringify(list, null, 1) + "\n");
    },
    Parquet: async () => {
      const { parquetWriteBuffer } = await import(new URL("vendor/parquet.js", script).href);
      const columnData = exported().map(({ key, kind, values }) => ({ name: key, type: kind === "number" ? "DOUBLE" : "STRING", nullable: true,
        data: rows.map((n) => (values[n] === null ? null : kind === "number" ? values[n] : plainText(values[n]))) }));
      save("models.parquet", "application/vnd.apache.parquet", parquetWriteBuffer({ columnData }));
    },
  };
  for (const button of document.querySelectorAll("[data-file]")) {
    button.addEventListener("click", async () => {
      try { await WRITERS[button.dataset.file](); } catch (error) { count.textContent = say(words.unsaved, { reason: error.message }); }
    });
  }

  // --- start ----------------------------------------------------------------------------------------------------------
  let waiting;
  box.addEventListener("scroll", () => (waiting ??= requestAnimationFrame(() => { waiting = null; paint(false); })), { passive: true });
  const measure = () => { // rows are as high as the reader's letters make them
    high = body.querySelector("tr:not(.space) > th")?.parentElement.getBoundingClientRect().height || high;
    paint(true);
  };
  const resize = () => { heads(); paint(true); measure(); };
  addEventListener("resize", resize);
  narrow.addEventListener("change", () => { show(false); resize(); });
  addEventListener("beforeprint", () => paint(true, true));
  addEventListener("afterprint", () => paint(true));
  read(new URLSearchParams(location.search));
  refill();
  show(false);
  measure();
  form.classList.add("ready");
})();
