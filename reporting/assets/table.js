// The table of all models: facets, search, sorting, choice of columns, files of what is shown. The table is complete
// without this script. Values are read from it once; only the first rows of a result are in the page until somebody
// asks for all, so that a choice among 1,500 models takes a few milliseconds. All state stands in the address.
(() => {
  "use strict";

  const FIRST = 100; // rows shown at once
  const CHUNK = 150; // rows added at a time when all are wanted
  const MOST = 4; // models to compare

  const table = document.getElementById("zoo-models");
  const data = document.getElementById("zoo-table-data");
  if (!table || !data) return;
  const { columns, words, ...labels } = JSON.parse(data.textContent); // labels of values, by column
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const at = new Map(columns.map((column, number) => [column.key, number]));

  const say = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };

  const valueOf = (cell, column) => {
    const raw = cell.dataset.v ?? cell.textContent.trim();
    if (raw === "") return null;
    return column.kind === "number" ? Number(raw) : column.kind === "list" ? raw.split("|") : raw;
  };
  const rows = [...body.rows].map((row, place) => ({
    row, place,
    slug: row.id.slice(2),
    values: columns.map((column, number) => valueOf(row.cells[number + 1], column)),
    text: row.textContent.toLowerCase(),
  }));
  const shownAs = (column, value) => (labels[column.key]?.[value] ?? value);

  // --- state: what the address says, checked against what there is --------------------------------------------
  const choices = columns.filter((column) => column.facet === "choice");
  const ranges = columns.filter((column) => column.facet === "range");
  const SCALES = { operations: ["G", 1e9], parameters: ["M", 1e6], bytes: ["MB", 1e6] };
  const scale = (column) => SCALES[column.unit] ?? [column.unit, 1];

  const fresh = () => ({
    search: "", sort: "", order: "ascending", all: false, compare: [], chosen: new Map(), limits: new Map(),
    hidden: new Set(columns.filter((column) => !column.listed).map((column) => column.key)),
  });
  let state = fresh();

  const read = () => {
    const query = new URLSearchParams(location.search);
    const next = fresh();
    next.search = query.get("search") ?? "";
    next.sort = at.has(query.get("sort")) ? query.get("sort") : "";
    next.order = query.get("order") === "descending" ? "descending" : "ascending";
    next.all = query.get("all") === "1";
    const known = new Set(rows.map((each) => each.slug));
    next.compare = (query.get("compare") ?? "").split(",").filter((slug) => known.has(slug)).slice(0, MOST);
    if (query.has("columns")) {
      const wanted = new Set(query.get("columns").split(","));
      next.hidden = new Set(columns.map((column) => column.key).filter((key) => key !== "model" && !wanted.has(key)));
    }
    for (const { key } of choices) if (query.has(key)) next.chosen.set(key, new Set(query.getAll(key)));
    for (const { key } of ranges) {
      const [low, high] = [query.get(`${key}.min`), query.get(`${key}.max`)].map((text) => {
        const number = text === null || text.trim() === "" ? NaN : Number(text);
        return Number.isFinite(number) ? number : null;
      });
      if (low !== null || high !== null) next.limits.set(key, [low, high]);
    }
    state = next;
  };

  const address = () => {
    const query = new URLSearchParams();
    if (state.search.trim()) query.set("search", state.search.trim());
    if (state.sort) { query.set("sort", state.sort); query.set("order", state.order); }
    for (const [key, values] of state.chosen) for (const value of values) query.append(key, value);
    for (const [key, [low, high]] of state.limits) {
      if (low !== null) query.set(`${key}.min`, low);
      if (high !== null) query.set(`${key}.max`, high);
    }
    const usual = fresh().hidden;
    if (state.hidden.size !== usual.size || [...state.hidden].some((key) => !usual.has(key))) {
      query.set("columns", columns.map((column) => column.key).filter((key) => !state.hidden.has(key)).join(","));
    }
    if (state.all) query.set("all", "1");
    if (state.compare.length) query.set("compare", state.compare.join(","));
    const text = query.toString().replaceAll("%2C", ",");
    return location.pathname + (text ? `?${text}` : "") + location.hash;
  };

  // A step of its own in the history for what is clicked; typing and sliding replace the last one.
  const remember = (step) => {
    const next = address();
    if (next === location.pathname + location.search + location.hash) return;
    history[step ? "pushState" : "replaceState"](history.state, "", next);
  };

  // --- choosing and sorting -----------------------------------------------------------------------------------
  const UNKNOWN = "~"; // the choice of those that state nothing
  const has = (value, wanted) => {
    if (value === null) return wanted.has(UNKNOWN);
    return Array.isArray(value) ? value.some((each) => wanted.has(each)) : wanted.has(value);
  };
  const fits = (each, without) => {
    for (const [key, wanted] of state.chosen) {
      if (key !== without && wanted.size && !has(each.values[at.get(key)], wanted)) return false;
    }
    for (const [key, [low, high]] of state.limits) {
      const value = each.values[at.get(key)];
      if (value === null || (low !== null && value < low) || (high !== null && value > high)) return false;
    }
    return state.terms.every((word) => each.text.includes(word));
  };

  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  // What is not known comes last both ways; equals keep the order they came in.
  const sorted = (found) => {
    const number = at.get(state.sort);
    if (number === undefined) return found;
    const way = state.order === "descending" ? -1 : 1;
    const plain = columns[number].kind === "number";
    return found.slice().sort((a, b) => {
      const [x, y] = [a.values[number], b.values[number]];
      if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place;
      return way * (plain ? x - y : collator.compare(String(x), String(y))) || a.place - b.place;
    });
  };

  // --- showing ------------------------------------------------------------------------------------------------
  const parts = {};
  let result = rows;
  let turn = 0;

  const attach = (wanted) => {
    const mine = ++turn;
    body.replaceChildren(...wanted.slice(0, FIRST).map((each) => each.row));
    let next = FIRST;
    const more = () => {
      if (mine !== turn || next >= wanted.length) return;
      body.append(...wanted.slice(next, next + CHUNK).map((each) => each.row));
      next += CHUNK;
      setTimeout(more, 16);
    };
    if (state.all) setTimeout(more, 16);
  };

  const show = () => {
    state.terms = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    result = sorted(rows.filter((each) => fits(each)));
    attach(result);
    parts.count.textContent = say(words.shown, { shown: result.length, all: rows.length });
    parts.empty.hidden = result.length > 0;
    parts.more.hidden = state.all || result.length <= FIRST;
    parts.more.textContent = say(words.all, { count: result.length });
    heads.forEach((head) => {
      if (head.dataset.key === state.sort) head.setAttribute("aria-sort", state.order);
      else head.removeAttribute("aria-sort");
    });
    for (const [key, facet] of parts.facets) facet.refresh(key);
    parts.compare.refresh();
  };
  const change = (step = true) => { show(); remember(step); };

  const hide = () => {
    const numbers = columns.flatMap((column, number) => (state.hidden.has(column.key) ? [number + 2] : []));
    const chosen = numbers.map((number) => `#zoo-models :is(td, th):nth-child(${number})`).join(",");
    parts.style.textContent = chosen ? `${chosen}{display:none}` : "";
  };

  // --- controls -----------------------------------------------------------------------------------------------
  const title = (column) => (column.note ? `${column.label}, ${column.note}` : column.label);

  const choiceFacet = (column) => {
    const number = at.get(column.key);
    const values = new Map();
    for (const each of rows) {
      const value = each.values[number];
      for (const one of value === null ? [UNKNOWN] : Array.isArray(value) ? value : [value]) {
        values.set(one, (values.get(one) ?? 0) + 1);
      }
    }
    if (values.size < 2 || values.size > rows.length * 0.8) return null;
    const boxes = new Map();
    const list = make("ul");
    for (const value of [...values.keys()].sort(collator.compare)) {
      const box = make("input", { type: "checkbox", on: { change: () => {
        const chosen = state.chosen.get(column.key) ?? new Set();
        if (box.checked) chosen.add(value);
        else chosen.delete(value);
        if (chosen.size) state.chosen.set(column.key, chosen);
        else state.chosen.delete(column.key);
        change();
      } } });
      const count = make("span", { class: "zoo-facet__count" });
      const label = value === UNKNOWN ? words.unknown : shownAs(column, value);
      list.append(make("li", {}, make("label", {}, box, ` ${label} `, count)));
      boxes.set(value, [box, count]);
    }
    const summary = make("summary", {}, title(column));
    const node = make("details", { class: "zoo-facet" }, summary, list);
    const refresh = () => {
      const chosen = state.chosen.get(column.key) ?? new Set();
      summary.classList.toggle("zoo-facet--on", chosen.size > 0);
      const counts = new Map();
      if (node.open) {
        for (const each of rows) {
          if (!fits(each, column.key)) continue;
          const value = each.values[number];
          for (const one of value === null ? [UNKNOWN] : Array.isArray(value) ? value : [value]) {
            counts.set(one, (counts.get(one) ?? 0) + 1);
          }
        }
      }
      for (const [value, [box, count]] of boxes) {
        box.checked = chosen.has(value);
        count.textContent = node.open ? `(${counts.get(value) ?? 0})` : "";
      }
    };
    node.addEventListener("toggle", refresh);
    return { node, refresh };
  };

  const rangeFacet = (column) => {
    const known = rows.map((each) => each.values[at.get(column.key)]).filter((value) => value !== null);
    if (known.length < 2) return null;
    const [unit, factor] = scale(column);
    const ends = [0, 1].map((end) => make("input", { type: "number", step: "any", inputmode: "decimal",
      "aria-label": `${title(column)}, ${end ? words.to : words.from} (${unit})`,
      placeholder: String(Number(((end ? Math.max(...known) : Math.min(...known)) / factor).toPrecision(3))),
      on: { input: () => {
        const pair = ends.map((input) => (input.value.trim() === "" || !Number.isFinite(Number(input.value))
          ? null : Number((Number(input.value) * factor).toPrecision(12))));
        if (pair[0] === null && pair[1] === null) state.limits.delete(column.key);
        else state.limits.set(column.key, pair);
        parts.typing = ends.find((input) => input === document.activeElement);
        change(false);
        parts.typing = undefined;
      } } }));
    const summary = make("summary", {}, title(column));
    const inside = make("div", { class: "zoo-facet__range" }, ends[0], " – ", ends[1], ` ${unit}`);
    const node = make("details", { class: "zoo-facet" }, summary, inside);
    const refresh = () => {
      const pair = state.limits.get(column.key) ?? [null, null];
      summary.classList.toggle("zoo-facet--on", state.limits.has(column.key));
      ends.forEach((input, end) => {
        const text = pair[end] === null ? "" : String(Number((pair[end] / factor).toPrecision(9)));
        if (parts.typing !== input) input.value = text;
      });
    };
    return { node, refresh };
  };

  const columnChoice = () => {
    const boxes = new Map();
    const list = make("ul");
    for (const column of columns.slice(1)) {
      const box = make("input", { type: "checkbox", on: { change: () => {
        if (box.checked) state.hidden.delete(column.key);
        else state.hidden.add(column.key);
        hide();
        remember(true);
      } } });
      boxes.set(column.key, box);
      list.append(make("li", {}, make("label", {}, box, ` ${title(column)}`)));
    }
    const node = make("details", { class: "zoo-facet" }, make("summary", {}, words.columns), list);
    return { node, refresh: () => boxes.forEach((box, key) => { box.checked = !state.hidden.has(key); }) };
  };

  // --- files of exactly what is shown -------------------------------------------------------------------------
  const shownColumns = () => columns.filter((column) => !state.hidden.has(column.key));
  const save = (name, type, content) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const plainText = (value) => (value === null ? "" : Array.isArray(value) ? value.join(", ") : String(value));
  // A cell that a spreadsheet would run as a formula gets an apostrophe.
  const cellText = (value) => {
    const text = typeof value !== "number" && /^[=+\-@\t\r\n]/.test(plainText(value)) ? `'${plainText(value)}` : plainText(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const WRITERS = {
    CSV: () => {
      const shown = shownColumns();
      const lines = [shown.map((column) => column.key), ...result.map((each) => shown.map((column) => each.values[at.get(column.key)]))];
      save("models.csv", "text/csv", lines.map((line) => line.map(cellText).join(",")).join("\n") + "\n");
    },
    JSON: () => {
      const shown = shownColumns();
      const list = result.map((each) => Object.fromEntries(shown.map((column) => [column.key, each.values[at.get(column.key)]])));
      save("models.json", "application/json", JSON.stringify(list, null, 1) + "\n");
    },
    Parquet: async () => {
      const { parquetWriteBuffer } = await import(new URL("vendor/parquet.js", script).href);
      const columnData = shownColumns().map((column) => {
        const number = column.kind === "number";
        const values = result.map((each) => each.values[at.get(column.key)]);
        return { name: column.key, type: number ? "DOUBLE" : "STRING", nullable: true,
          data: values.map((value) => (value === null ? null : number ? value : plainText(value))) };
      });
      save("models.parquet", "application/vnd.apache.parquet", parquetWriteBuffer({ columnData }));
    },
  };
  const script = document.currentScript.src;

  // --- comparing ----------------------------------------------------------------------------------------------
  const comparing = () => {
    const link = make("a", { class: "md-button zoo-compare" });
    const refresh = () => {
      for (const each of rows) each.box.checked = state.compare.includes(each.slug);
      for (const each of rows) each.box.disabled = !each.box.checked && state.compare.length >= MOST;
      const ready = state.compare.length > 1;
      link.textContent = ready ? `${words.compare} (${state.compare.length})` : words.choose2;
      link.classList.toggle("zoo-compare--none", !ready);
      if (ready) link.href = `../compare/?models=${state.compare.map(encodeURIComponent).join(",")}`;
      else link.removeAttribute("href");
    };
    return { node: link, refresh };
  };

  // --- start --------------------------------------------------------------------------------------------------
  const build = () => {
    const search = make("input", { type: "search", id: "zoo-search", autocomplete: "off", on: { input: () => {
      state.search = search.value;
      change(false);
    } } });
    parts.search = search;
    parts.count = make("span", { role: "status", class: "zoo-count" });
    parts.empty = make("p", { class: "zoo-empty", hidden: true }, words.none);
    parts.more = make("button", { type: "button", class: "md-button", on: { click: () => { state.all = true; change(); } } });
    parts.style = table.parentElement.querySelector("style");
    parts.compare = comparing();
    parts.facets = new Map();
    for (const column of columns) {
      const facet = column.facet === "choice" ? choiceFacet(column) : column.facet === "range" ? rangeFacet(column) : null;
      if (facet) parts.facets.set(column.key, facet);
    }
    parts.facets.set(":columns", columnChoice());
    const clear = make("button", { type: "button", class: "zoo-button", on: { click: () => {
      state = { ...fresh(), compare: state.compare, hidden: state.hidden };
      search.value = "";
      change();
    } } }, words.clear);
    const files = Object.entries(WRITERS).map(([name, write]) => make("button", { type: "button", class: "zoo-button",
      on: { click: async () => {
        try { await write(); } catch (error) { parts.count.textContent = say(words.failed, { reason: error.message }); }
      } } }, name));
    const wide = matchMedia("(min-width: 44em)").matches;
    const facets = make("details", { class: "zoo-all-facets", open: wide }, make("summary", {}, words.filters),
      make("div", { class: "zoo-facets", role: "group", "aria-label": words.filters }, ...[...parts.facets.values()].map((facet) => facet.node)));
    document.getElementById("zoo-controls").append(
      make("div", { class: "zoo-filter" }, make("label", {}, `${words.search} `, search), parts.count, clear),
      facets,
      make("div", { class: "zoo-filter" }, parts.compare.node, make("span", {}, words.download, " ", ...files)),
      parts.empty);
    document.getElementById("zoo-more").append(parts.more);
    for (const head of heads) {
      const button = make("button", { type: "button", on: { click: () => {
        const column = columns[at.get(head.dataset.key)];
        const first = column.better > 0 ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        state.order = state.sort === head.dataset.key && state.order === first ? other : first;
        state.sort = head.dataset.key;
        change();
      } } }, head.firstChild);
      head.prepend(button);
    }
    for (const each of rows) {
      const name = each.values[0];
      each.box = make("input", { type: "checkbox", "aria-label": say(words.choose, { model: name }), on: { change: () => {
        state.compare = each.box.checked ? [...state.compare, each.slug] : state.compare.filter((slug) => slug !== each.slug);
        parts.compare.refresh();
        remember(false);
      } } });
      each.row.cells[0].append(each.box);
    }
  };
  const restore = () => {
    read();
    parts.search.value = state.search;
    hide();
    show();
  };
  build();
  restore();
  addEventListener("popstate", restore);
})();
