// The table of findings: search, filters, order, headings by cause. The table is complete without this script, which
// works on its rows; only the first rows of a result are in the page until somebody asks for more. What a reader
// chooses stands in the address, a step of the history each.
(() => {
  "use strict";

  const form = document.querySelector("[data-findings]");
  const table = document.querySelector(".findings");
  if (!form || !table) return;
  const CHUNK = 50; // rows shown at once of a long result
  const SHORT = 100; // rows of a result that is shown whole
  const body = table.tBodies[0];
  const count = document.querySelector(".count");
  const more = document.querySelector(".more");
  const segments = [...document.querySelectorAll("[data-by]")];
  const shows = [...form.querySelectorAll("[data-show]")];
  const keys = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.key);
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const say = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const plain = (text) => text.toLowerCase().replace(/[-_\s/]+/g, "");
  const causes = new Map(
    [...document.querySelectorAll("#by-cause > [data-cause]")].map((part) => [
      part.dataset.cause,
      [part.querySelector("h2 span").textContent, part.querySelector("p").textContent],
    ]),
  );

  const valueOf = (cell) => {
    if (!cell.classList.contains("num")) return cell.textContent.trim();
    return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
  };
  let place = 0;
  const read = (row) => ({
    row,
    place: place++, // the worst first
    ...row.dataset,
    text: plain(row.textContent),
    values: [...row.cells].map(valueOf),
  });
  const rows = [...body.rows].map(read);

  // --- state: what the address says, checked against what there is ---------------------------------------------------
  const first = shows.length ? "wrong" : "";
  const fresh = () => ({ search: "", show: first, quantity: "", publisher: "", sort: "", order: "", by: "" });
  const shown = { all: "", wrong: "wrong", right: "right" };
  const has = (name, value) => [...form.elements[name].options].some((option) => option.value === value);
  let state = fresh();
  let limit = CHUNK;

  const parse = () => {
    const query = new URLSearchParams(location.search);
    const next = fresh();
    next.search = query.get("search") ?? "";
    if (shows.length && Object.hasOwn(shown, query.get("show"))) next.show = shown[query.get("show")];
    for (const name of ["quantity", "publisher"]) if (has(name, query.get(name))) next[name] = query.get(name);
    if (keys.indexOf(query.get("sort")) > 0) next.sort = query.get("sort");
    if (next.sort) next.order = query.get("order") === "descending" ? "descending" : "ascending";
    if (query.get("by") === "cause" || location.hash === "#by-cause") next.by = "cause";
    state = next;
  };

  const address = () => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) if (value && name !== "show") query.set(name, value);
    if (state.show !== first) query.set("show", state.show || "all");
    return location.pathname + (query.size ? `?${query}` : "");
  };
  const remember = (step) => {
    if (address() !== location.pathname + location.search) history[step ? "pushState" : "replaceState"](null, "", address());
  };

  // --- rows that stand on another page -------------------------------------------------------------------------------
  let missing = form.dataset.right;
  const fetchRight = async () => {
    const source = new URL(missing, location.href).href;
    missing = undefined;
    try {
      const answer = await fetch(source);
      if (!answer.ok) throw new Error(`${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const row of page.querySelectorAll(".findings tbody tr")) {
        for (const link of row.querySelectorAll("a[href]")) link.href = new URL(link.getAttribute("href"), source).href;
        rows.push(read(document.adoptNode(row)));
      }
      draw();
    } catch {
      count.textContent = form.dataset.failed;
    }
  };

  // --- the table -----------------------------------------------------------------------------------------------------
  const compare = (at, sign) => (a, b) => {
    const [left, right] = [a.values[at], b.values[at]];
    if (left === null || right === null) return (left === null) - (right === null) || a.place - b.place;
    const by = typeof left === "number" ? left - right : order.compare(left, right);
    return sign * by || a.place - b.place;
  };

  const select = () => {
    const words = state.search.split(/\s+/).map(plain).filter(Boolean);
    const chosen = rows.filter(
      (each) =>
        (!state.show || each.st === state.show) &&
        (!state.quantity || each.q === state.quantity) &&
        (!state.publisher || each.pub === state.publisher) &&
        (words.every((word) => each.text.includes(word)) || each.text.includes(plain(state.search))),
    );
    const at = keys.indexOf(state.sort);
    return chosen.sort(at > 0 ? compare(at, state.order === "descending" ? -1 : 1) : (a, b) => a.place - b.place);
  };

  const heading = (cause, number) => {
    const [label, meaning] = causes.get(cause) ?? [cause, ""];
    const row = document.createElement("tr");
    const cell = document.createElement("th");
    const small = document.createElement("small");
    row.className = "group";
    cell.colSpan = keys.length;
    cell.scope = "rowgroup";
    small.textContent = meaning;
    cell.append(`${label}: ${number} `, small);
    row.append(cell);
    return row;
  };

  const list = (chosen) => {
    if (!state.by) return chosen.slice(0, limit).map((each) => each.row);
    const groups = new Map();
    for (const each of chosen) {
      if (!groups.has(each.cause)) groups.set(each.cause, []);
      groups.get(each.cause).push(each);
    }
    const nodes = [];
    let left = limit;
    const late = ([, [each]]) => each.st === "right"; // after all wrong ones
    for (const [cause, members] of [...groups].sort((a, b) => late(a) - late(b) || b[1].length - a[1].length)) {
      if (left <= 0) break;
      nodes.push(heading(cause, members.length), ...members.slice(0, left).map((each) => each.row));
      left -= members.length;
    }
    return nodes;
  };

  const mark = () => {
    for (const button of shows) button.setAttribute("aria-pressed", String(button.dataset.show === state.show));
    for (const link of segments) {
      if (link.dataset.by === state.by) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const name of ["search", "quantity", "publisher", "sort"])
      if (form.elements[name].value !== state[name]) form.elements[name].value = state[name];
    for (const head of table.tHead.rows[0].cells) {
      const current = head.dataset.key === (state.sort || "standing");
      head.setAttribute("aria-sort", current ? state.order || "descending" : "none");
    }
  };

  const draw = () => {
    if (missing && state.show !== "wrong") fetchRight();
    const chosen = select();
    if (chosen.length <= SHORT) limit = SHORT;
    table.classList.add("ready");
    body.replaceChildren(...list(chosen));
    const all = rows.length + (missing ? Number(form.dataset.rightCount) : 0);
    const number = (value) => value.toLocaleString("en");
    count.textContent = chosen.length
      ? say(form.dataset.count, { shown: number(chosen.length), all: number(all) })
      : form.dataset.none;
    const rest = chosen.length - limit;
    more.hidden = rest <= 0;
    more.firstElementChild.textContent = say(form.dataset.more, { count: number(Math.min(CHUNK, rest)) });
    mark();
  };

  const change = (changes, step = true) => {
    Object.assign(state, changes);
    limit = CHUNK;
    remember(step);
    draw();
  };

  const sortBy = (key) => {
    const start = ["published", "off"].includes(key) ? "descending" : "ascending";
    const turned = state.order === "ascending" ? "descending" : "ascending";
    change(key === "standing" ? { sort: "", order: "" } : { sort: key, order: state.sort === key ? turned : start });
  };

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(head.dataset.key));
    head.append(button);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target.name === "search") change({ search: event.target.value }, !state.search);
  });
  form.addEventListener("change", ({ target: { name, value } }) => {
    if (name === "sort") sortBy(value || "standing");
    else if (name !== "search") change({ [name]: value });
  });
  for (const button of shows)
    button.addEventListener("click", () => change({ show: state.show === button.dataset.show ? "" : button.dataset.show }));
  for (const link of segments)
    link.addEventListener("click", (event) => {
      event.preventDefault();
      change({ by: link.dataset.by });
    });
  more.addEventListener("click", () => {
    limit += CHUNK;
    draw();
  });
  addEventListener("popstate", () => {
    parse();
    limit = CHUNK;
    draw();
  });

  document.documentElement.classList.add("scripted");
  parse();
  remember(false);
  draw();
  addEventListener("beforeprint", () => body.replaceChildren(...select().map((each) => each.row)));
  addEventListener("afterprint", draw);
})();
