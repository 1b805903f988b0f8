// One plot of all models: any quantity on either axis, as size and as colour, budgets, the Pareto frontier. The numbers
// are those of models.json; all that a reader chooses stands in the address.
(async () => {
  "use strict";

  const place = document.getElementById("zoo-explore");
  if (!place) return;
  const source = document.getElementById("zoo-explore-data");
  const { axes, colours, budgets, tasks, verdicts, words } = JSON.parse(source.textContent);
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [900, 560, 74, 24, 20, 58];
  const SVG = "http://www.w3.org/2000/svg";
  const NAMED = 30; // names on the frontier
  const LISTED = 50; // rows of the table at first
  const query = new URLSearchParams(location.search);
  if (query.get("embed") === "1") document.documentElement.classList.add("zoo-embedded");

  const { say, make, draw } = zoo;

  let data;
  try {
    data = await zoo.load(place.dataset.models);
  } catch (error) {
    place.append(make("p", {}, say(words.failed, { reason: error.message })));
    return;
  }
  const models = data.rows();
  const families = data.families;
  const axis = new Map(axes.map((each) => [each.key, each]));
  const colour = new Map(colours.map((each) => [each.key, each]));

  // --- state ----------------------------------------------------------------------------------------------------
  const known = (key, fallback) => (axis.has(key) && models.some((model) => model[key] !== undefined) ? key : fallback);
  const usable = axes.filter(({ key }) => models.some((model) => model[key] !== undefined));
  const first = (wanted) => known(wanted, usable[0]?.key ?? "macs");
  // At first what most models state: the first metric of the table of models against the first cost.
  const firstOf = (fits, without) => usable.find((each) => fits(each) && each.key !== without)?.key;
  const usual = { task: "", x: known("macs", firstOf(({ metric, better }) => !metric && better < 0) ?? first("macs")), size: "", colour: "family" };
  usual.y = firstOf(({ metric }) => metric, usual.x) ?? firstOf(() => true, usual.x) ?? usual.x;
  const state = {
    task: query.get("task") in tasks ? query.get("task") : "",
    x: known(query.get("x"), usual.x),
    y: known(query.get("y"), usual.y),
    size: known(query.get("size"), ""),
    colour: axis.has(query.get("colour")) || colour.has(query.get("colour")) ? query.get("colour") : "family",
    xlog: query.get("xlog") !== "0",
    ylog: query.get("ylog") === "1",
    joined: query.get("joined") === "1",
    frontier: query.get("frontier") !== "0",
    names: query.get("names") !== "0",
    hidden: new Set(query.getAll("without").filter((name) => families.includes(name))),
    limits: new Map(),
  };
  // A task may have neither of the quantities that were drawn: then those that most of its models have.
  const inTask = (model) => !state.task || (model.tasks ?? []).includes(state.task);
  const settle = () => {
    if (!state.task) Object.assign(state, { x: usual.x, y: usual.y });
    const own = models.filter(inTask);
    const drawable = (key) => own.filter((model) => model[key] !== undefined).length;
    if (own.some((model) => model[state.x] !== undefined && model[state.y] !== undefined)) return;
    const most = (fits) => usable.filter(fits).map(({ key }) => key).sort((a, b) => drawable(b) - drawable(a)).find(drawable);
    if (!drawable(state.y)) state.y = most(({ metric, key }) => metric && key !== state.x) ?? most(({ key }) => key !== state.x) ?? state.y;
    const together = (key) => own.some((model) => model[key] !== undefined && model[state.y] !== undefined);
    if (!together(state.x)) state.x = most(({ key, metric, better }) => together(key) && !metric && better < 0) ?? most(({ key }) => together(key) && key !== state.y) ?? state.x;
  };
  if (state.task && !query.has("x") && !query.has("y")) settle();
  for (const key of budgets) {
    const limit = Number(query.get(`max.${key}`) ?? NaN);
    if (Number.isFinite(limit) && limit > 0) state.limits.set(key, limit);
  }
  const parameters = () => {
    const found = new URLSearchParams();
    for (const key of ["task", "x", "y", "size", "colour"]) if (state[key] !== usual[key]) found.set(key, state[key]);
    if (!state.xlog) found.set("xlog", "0");
    if (state.ylog) found.set("ylog", "1");
    if (state.joined) found.set("joined", "1");
    if (!state.frontier) found.set("frontier", "0");
    if (!state.names) found.set("names", "0");
    for (const name of state.hidden) found.append("without", name);
    for (const [key, limit] of state.limits) found.set(`max.${key}`, limit);
    return found;
  };
  const remember = () => {
    const found = parameters();
    if (query.get("embed") === "1") found.set("embed", "1");
    const text = found.toString();
    history.replaceState(history.state, "", location.pathname + (text ? `?${text}` : "") + location.hash);
  };

  // --- numbers as people read them ------------------------------------------------------------------------------
  const STEPS = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const short = (value) => {
    for (const [size, letter] of STEPS) if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(4))} ${letter}`;
    return String(Number(value.toPrecision(4)));
  };
  const UNITS = { operations: "", parameters: "", bytes: "B", "%": "%" };
  const shown = (key, value) => {
    if (value === undefined) return words.notstated;
    if (typeof value !== "number") return verdicts[value] ?? (Array.isArray(value) ? value.join(", ") : value);
    const unit = axis.get(key)?.unit ?? "";
    if (unit === "%") return `${value.toFixed(2)}%`;
    return `${short(value)}${UNITS[unit] ?? ` ${unit}`}`.trim();
  };

  // --- scales ---------------------------------------------------------------------------------------------------
  const linearTicks = (low, high) => {
    const rough = (high - low || Math.abs(high) || 1) / 6;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough) * power;
    const ticks = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) ticks.push(Number((n * step).toPrecision(12)));
    return ticks;
  };
  const logTicks = (low, high) => {
    for (const multiples of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 7]]) {
      const ticks = [];
      for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
        for (const each of multiples) {
          const tick = Number((each * 10 ** e).toPrecision(12));
          if (tick >= low && tick <= high) ticks.push(tick);
        }
      }
      if (ticks.length >= 4) return ticks;
    }
    return linearTicks(low, high);
  };
  const scale = (values, log, start, end) => {
    let low = Math.min(...values);
    let high = Math.max(...values);
    if (log && low > 0) {
      [low, high] = [low / 1.15, high * 1.15];
      const of = (value) => start + ((Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (end - start);
      return { of, ticks: logTicks(low, high) };
    }
    const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
    [low, high] = [low - room, high + room];
    return { of: (value) => start + ((value - low) / (high - low)) * (end - start), ticks: linearTicks(low, high) };
  };

  // --- markers: shape and colour tell families apart ------------------------------------------------------------
  const ring = (corners, turn, size = 1) => Array.from({ length: corners }, (_, n) => {
    const angle = turn + (2 * Math.PI * n) / corners;
    return `${(size * Math.sin(angle)).toFixed(2)} ${(-size * Math.cos(angle)).toFixed(2)}`;
  });
  const star = (points) => Array.from({ length: points * 2 }, (_, n) => {
    const [size, angle] = [n % 2 ? 0.55 : 1.25, (Math.PI * n) / points];
    return `${(size * Math.sin(angle)).toFixed(2)} ${(-size * Math.cos(angle)).toFixed(2)}`;
  });
  const SHAPES = [
    "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0Z",
    ...[ring(4, Math.PI / 4, 1.2), ring(3, 0, 1.3), ring(4, 0, 1.25), ring(3, Math.PI, 1.3), star(5), ring(6, 0, 1.1), star(4)]
      .map((corners) => `M${corners.join("L")}Z`),
  ];
  const kinds = (key) => [...new Set(models.map((model) => model[key] ?? ""))].sort((a, b) => String(a).localeCompare(b, "en", { numeric: true }));
  const ordered = (key) => (key === "family" ? families : kinds(key));
  const ends = (key) => {
    const values = models.map((model) => model[key]).filter((value) => value !== undefined);
    return [Math.min(...values), Math.max(...values)];
  };
  const look = (order, value) => {
    const n = order.indexOf(value);
    return { shape: SHAPES[(n + Math.floor(n / 8)) % 8], fill: `var(--zoo-c${n % 8})`, number: n % 8 };
  };
  const mix = (share) => `color-mix(in oklab, var(--zoo-c1) ${Math.round(share * 100)}%, var(--zoo-c6))`;

  // --- which models, and which of them are worth their cost -----------------------------------------------------
  const within = (model) => [...state.limits].every(([key, limit]) => model[key] !== undefined && model[key] <= limit);
  const frontier = (points, x, y) => {
    const [right, up] = [x.better > 0 ? -1 : 1, y.better < 0 ? 1 : -1]; // both as costs
    if (!x.better || !y.better) return [];
    const best = [];
    for (const point of [...points].sort((a, b) => right * (a.x - b.x) || up * (a.y - b.y))) {
      const last = best[best.length - 1];
      if (!last || up * point.y < up * last.y || (point.x === last.x && point.y === last.y)) best.push(point);
    }
    return best;
  };

  // --- the picture ----------------------------------------------------------------------------------------------
  const svg = draw("svg", { class: "zoo-plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group" });
  const tip = make("div", { class: "zoo-explore__tip", hidden: true, role: "tooltip", id: "zoo-tip" });
  let drawn = [];

  const tell = (point) => {
    const keys = [...new Set([state.x, state.y, state.size, "macs", "parameters", "top1"].filter((key) => axis.has(key)))];
    tip.replaceChildren(make("strong", {}, point.model.model), `${point.model.family}`);
    for (const key of keys) {
      const verdict = point.model.standings[key];
      const line = `${axis.get(key).label}: ${shown(key, point.model[key])}${verdict ? ` (${verdicts[verdict]})` : ""}`;
      tip.append(make("div", {}, line));
    }
    tip.hidden = false;
    const box = tip.parentElement.getBoundingClientRect();
    const [px, py] = [(point.px / WIDTH) * box.width, (point.py / HEIGHT) * svg.getBoundingClientRect().height];
    tip.style.left = `${Math.max(0, Math.min(px + 12, box.width - tip.offsetWidth))}px`;
    tip.style.top = `${Math.max(0, py - tip.offsetHeight - 10)}px`;
  };
  const silent = () => { tip.hidden = true; };

  const grid = (x, y, across, up) => {
    const parts = [];
    for (const tick of across.ticks) {
      const at = across.of(tick).toFixed(1);
      parts.push(draw("line", { class: "zoo-plot__grid", x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }));
      parts.push(draw("text", { class: "zoo-plot__tick", x: at, y: HEIGHT - BOTTOM + 18 }, short(tick)));
    }
    for (const tick of up.ticks) {
      const at = up.of(tick);
      parts.push(draw("line", { class: "zoo-plot__grid", x1: LEFT, x2: WIDTH - RIGHT, y1: at.toFixed(1), y2: at.toFixed(1) }));
      parts.push(draw("text", { class: "zoo-plot__tick zoo-plot__tick--y", x: LEFT - 8, y: (at + 4).toFixed(1) }, short(tick)));
    }
    const unit = (each) => (each.unit ? ` (${each.unit})` : "");
    parts.push(draw("text", { class: "zoo-plot__axis", x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 14 }, x.label + unit(x)));
    const middle = (TOP + HEIGHT - BOTTOM) / 2;
    parts.push(draw("text", { class: "zoo-plot__axis", x: 16, y: middle, transform: `rotate(-90 16 ${middle})` }, y.label + unit(y)));
    return parts;
  };

  const painter = () => {
    const order = ordered(state.colour);
    if (!axis.has(state.colour)) return (model) => look(order, model[state.colour] ?? "");
    const [low, high] = ends(state.colour);
    const log = low > 0 && high / low > 12;
    const share = (value) => (high === low ? 0.5 : log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
    return (model) => ({
      shape: look(families, model.family).shape,
      fill: model[state.colour] === undefined ? "var(--zoo-quiet)" : mix(share(model[state.colour])),
    });
  };
  const sizer = () => {
    if (!state.size) return () => 5.5;
    const values = models.map((model) => model[state.size]).filter((value) => value !== undefined);
    const most = Math.max(...values) || 1;
    return (model) => (model[state.size] === undefined ? 3 : 3 + 9 * Math.sqrt(Math.max(0, model[state.size]) / most));
  };

  const picture = () => {
    const [x, y] = [axis.get(state.x), axis.get(state.y)];
    const candidates = models.filter((model) => inTask(model) && !state.hidden.has(model.family));
    drawn = candidates.filter((model) => model[x.key] !== undefined && model[y.key] !== undefined)
      .filter((model) => (!state.xlog || model[x.key] > 0) && (!state.ylog || model[y.key] > 0))
      .map((model) => ({ model, x: model[x.key], y: model[y.key], in: within(model) }));
    svg.setAttribute("aria-label", say(words.plot, { x: x.label, y: y.label }));
    svg.replaceChildren();
    if (!drawn.length) return { x, y, candidates, best: [] };
    const across = scale(drawn.map((point) => point.x), state.xlog, LEFT, WIDTH - RIGHT);
    const up = scale(drawn.map((point) => point.y), state.ylog, HEIGHT - BOTTOM, TOP);
    for (const point of drawn) [point.px, point.py] = [across.of(point.x), up.of(point.y)];
    const best = state.frontier ? frontier(drawn.filter((point) => point.in), x, y) : [];
    svg.append(...grid(x, y, across, up));
    if (state.joined) {
      for (const [n, family] of families.entries()) {
        const line = drawn.filter((point) => point.model.family === family).sort((a, b) => a.x - b.x);
        if (line.length > 1) {
          svg.append(draw("polyline", { class: `zoo-plot__line zoo-s${n % 8}`, points: line.map((p) => `${p.px.toFixed(1)},${p.py.toFixed(1)}`).join(" ") }));
        }
      }
    }
    if (best.length) {
      const corners = [];
      for (const point of best) {
        if (corners.length) corners.push([point.px, corners[corners.length - 1][1]]);
        corners.push([point.px, point.py]);
      }
      svg.append(draw("polyline", { class: "zoo-plot__frontier", points: corners.map((c) => c.map((v) => v.toFixed(1)).join(",")).join(" ") }));
    }
    const [paint, size] = [painter(), sizer()];
    drawn.sort((a, b) => a.px - b.px || a.py - b.py);
    const onIt = new Set(best);
    drawn.forEach((point, number) => {
      const { shape, fill: colourOf } = paint(point.model);
      const marker = draw("path", { class: "zoo-plot__marker", d: shape, style: `fill:${colourOf}`,
        transform: `translate(${point.px.toFixed(1)} ${point.py.toFixed(1)}) scale(${size(point.model).toFixed(1)})`, "vector-effect": "non-scaling-stroke" });
      point.link = draw("a", { href: place.dataset.root + point.model.page, tabindex: number ? -1 : 0, "data-model": point.model.slug,
        "aria-label": `${point.model.model}: ${x.label} ${shown(x.key, point.x)}, ${y.label} ${shown(y.key, point.y)}`,
        class: point.in ? null : "zoo-plot--over" }, marker);
      point.link.addEventListener("pointerenter", () => tell(point));
      point.link.addEventListener("pointerleave", silent);
      point.link.addEventListener("focus", () => tell(point));
      point.link.addEventListener("blur", silent);
      svg.append(point.link);
    });
    for (const point of onIt) svg.insertBefore(draw("circle", { class: "zoo-plot__ring", cx: point.px.toFixed(1), cy: point.py.toFixed(1), r: size(point.model) + 4 }), drawn[0].link);
    if (state.names) label(best.slice(0, NAMED));
    return { x, y, candidates, best };
  };

  // Names stand above their points, or below where another name is.
  const label = (points) => {
    const taken = [];
    for (const point of points) {
      const width = point.model.model.length * 7;
      for (const away of [-12, 20, -26, 34]) {
        const box = [Math.min(Math.max(point.px, width / 2 + 2), WIDTH - width / 2 - 2), point.py + away];
        if (taken.some(([x, y, w]) => Math.abs(x - box[0]) < (w + width) / 2 && Math.abs(y - box[1]) < 14)) continue;
        taken.push([...box, width]);
        svg.append(draw("text", { class: "zoo-plot__label", x: box[0].toFixed(1), y: box[1].toFixed(1) }, point.model.model));
        break;
      }
    }
  };

  // Arrow keys go from point to point by the horizontal axis; the plot is one stop of the tabulator.
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const here = drawn.findIndex((point) => point.link === document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    const next = drawn[(here + step + drawn.length) % drawn.length];
    drawn[here].link.setAttribute("tabindex", "-1");
    next.link.setAttribute("tabindex", "0");
    next.link.focus();
  });

  // --- words and table beside it --------------------------------------------------------------------------------
  const answer = make("p", { class: "zoo-explore__answer", role: "status" });
  const about = make("p", { class: "zoo-none" });
  const missing = make("details", { class: "zoo-details" });
  const numbers = make("details", { class: "zoo-details" });
  numbers.addEventListener("toggle", () => tabulate());
  let last;

  const limits = () => [...state.limits].map(([key, limit]) => `${axis.get(key).label} ${say(words.limit, { limit: shown(key, limit) })}`).join("; ");
  // It speaks only of models that are drawn: the others lack a number, or one of theirs is wrong.
  const conclude = ({ y }) => {
    const goal = y.better > 0 ? y : axis.get("top1") ?? y;
    const able = drawn.filter((point) => point.in && point.model[goal.key] !== undefined).map(({ model }) => model);
    if (!goal.better || (!able.length && !state.limits.size)) return answer.replaceChildren();
    if (!able.length) return answer.replaceChildren(`${say(words.none, { budgets: limits() })} ${words.unknown}`);
    const values = able.map((model) => goal.better * model[goal.key]);
    const top = Math.max(...values);
    const winners = able.filter((model) => goal.better * model[goal.key] === top);
    const text = state.limits.size ? words.best : words.bestall;
    const [before, after] = say(text, { budgets: limits(), goal: goal.label, value: shown(goal.key, winners[0][goal.key]), models: "\0" }).split("\0");
    const links = winners.slice(0, 5).flatMap((model, n) => [n ? ", " : "", make("a", { href: place.dataset.root + model.page }, model.model)]);
    answer.replaceChildren(before, ...links, after);
  };
  const WHERE = { "-1 1": words.upleft, "1 1": words.upright, "-1 -1": words.downleft, "1 -1": words.downright };
  const describe = ({ x, y, candidates }) => {
    const where = WHERE[`${x.better} ${y.better}`];
    about.textContent = `${say(words.drawn, { shown: drawn.length, all: models.filter(inTask).length })} ${where ? say(words.better, { where }) : ""} ${words.help}`;
    const inside = new Set(drawn.map((point) => point.model));
    const names = candidates.filter((model) => !inside.has(model)).map((model) => model.model);
    missing.hidden = !names.length;
    missing.replaceChildren(make("summary", {}, say(words.missing, { models: names.length })), make("p", {}, names.join(", ")));
  };
  const tabulate = (all = false) => {
    const summary = make("summary", {}, words.table);
    numbers.replaceChildren(summary);
    if (!numbers.open) return;
    const { x, y, best } = last;
    const onIt = new Set(best);
    const points = [...drawn].sort((a, b) => (y.better < 0 ? a.y - b.y : b.y - a.y));
    const body = make("tbody");
    for (const point of points.slice(0, all ? points.length : LISTED)) {
      body.append(make("tr", {},
        make("th", { scope: "row" }, make("a", { href: place.dataset.root + point.model.page }, point.model.model)),
        make("td", {}, point.model.family),
        make("td", { class: "zoo-number" }, shown(x.key, point.x)), make("td", { class: "zoo-number" }, shown(y.key, point.y)),
        make("td", {}, onIt.has(point) ? words.onit : "")));
    }
    const head = [words.model, words.families, x.label, y.label, words.frontier].map((text) => make("th", { scope: "col" }, text));
    numbers.append(make("div", { class: "zoo-scroll", role: "region", tabindex: 0, "aria-label": words.table },
      make("table", { class: "zoo-table" }, make("thead", {}, make("tr", {}, ...head)), body)));
    if (!all && points.length > LISTED) {
      numbers.append(make("button", { type: "button", class: "zoo-button", on: { click: () => tabulate(true) } }, say(words.more, { count: points.length })));
    }
  };

  const show = () => {
    silent();
    last = picture();
    conclude(last);
    describe(last);
    tabulate();
    refresh();
    remember();
  };

  // --- files of the picture -------------------------------------------------------------------------------------
  const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-family", "font-weight", "opacity", "text-anchor", "paint-order"];
  const standalone = () => {
    const copy = svg.cloneNode(true);
    const pairs = [svg, ...svg.querySelectorAll("*")].map((node, n) => [node, [copy, ...copy.querySelectorAll("*")][n]]);
    for (const [from, to] of pairs) {
      const style = getComputedStyle(from);
      to.setAttribute("style", STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
      for (const name of ["class", "tabindex", "aria-label", "data-model"]) to.removeAttribute(name);
      if (to.tagName === "a") to.setAttribute("href", new URL(to.getAttribute("href"), location.href).href);
    }
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("width", WIDTH);
    copy.setAttribute("height", HEIGHT);
    const back = getComputedStyle(document.body).getPropertyValue("--md-default-bg-color") || "#fff";
    copy.prepend(draw("title", {}, svg.getAttribute("aria-label")), draw("rect", { width: WIDTH, height: HEIGHT, style: `fill:${back}` }));
    return new XMLSerializer().serializeToString(copy);
  };
  const save = (blob, name) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const FILES = {
    SVG: () => save(new Blob([standalone()], { type: "image/svg+xml" }), "models.svg"),
    PNG: () => {
      const image = new Image();
      image.onload = () => {
        const canvas = make("canvas", { width: WIDTH * 2, height: HEIGHT * 2 });
        canvas.getContext("2d").drawImage(image, 0, 0, WIDTH * 2, HEIGHT * 2);
        canvas.toBlob((blob) => save(blob, "models.png"));
      };
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone())}`;
    },
  };

  // --- controls -------------------------------------------------------------------------------------------------
  const controls = [];
  const refresh = () => controls.forEach((update) => update());
  const select = (name, label, options, then = () => {}) => {
    const node = make("select", { id: `zoo-${name}`, on: { change: () => { state[name] = node.value; then(); show(); } } },
      ...options.map(([value, text]) => make("option", { value }, text)));
    controls.push(() => { node.value = state[name]; });
    return make("label", { class: "zoo-field" }, make("span", {}, label), node);
  };
  const check = (name, label) => {
    const node = make("input", { type: "checkbox", on: { change: () => { state[name] = node.checked; show(); } } });
    controls.push(() => { node.checked = state[name]; });
    return make("label", { class: "zoo-check" }, node, ` ${label}`);
  };
  const slider = (key) => {
    const values = models.map((model) => model[key]).filter((value) => value > 0);
    if (values.length < 2) return null;
    const least = Math.min(...values);
    const [low, high] = [Math.log(least), Math.log(Math.max(...values))];
    const output = make("output");
    const node = make("input", { type: "range", min: 0, max: 100, step: 1, "data-budget": key, on: { input: () => {
      const limit = Number(Math.exp(low + ((high - low) * node.value) / 100).toPrecision(3));
      if (Number(node.value) >= 100) state.limits.delete(key);
      else state.limits.set(key, Math.max(limit, least));
      show();
    } } });
    controls.push(() => {
      const limit = state.limits.get(key);
      if (document.activeElement !== node) node.value = limit === undefined ? 100 : Math.round(((Math.log(limit) - low) / (high - low || 1)) * 100);
      output.textContent = limit === undefined ? words.nolimit : say(words.limit, { limit: shown(key, limit) });
      node.setAttribute("aria-valuetext", output.textContent);
    });
    return make("label", { class: "zoo-field zoo-budget" }, make("span", {}, axis.get(key).label), node, output);
  };
  const sign = (shape, paint) => draw("svg", { viewBox: "-1.6 -1.6 3.2 3.2", "aria-hidden": "true" }, draw("path", { d: shape, style: `fill:${paint}` }));
  // What the colours mean, where they are not the families'.
  const colourKey = () => {
    const list = make("ul", { class: "zoo-explore__families" });
    controls.push(() => {
      list.replaceChildren();
      list.hidden = state.colour === "family";
      if (list.hidden) return;
      if (axis.has(state.colour)) {
        const [low, high] = ends(state.colour);
        const entries = Number.isFinite(low) ? [[low, 0], [high, 1]] : [];
        for (const [value, share] of entries) list.append(make("li", {}, sign(SHAPES[0], mix(low === high ? 0.5 : share)), ` ${shown(state.colour, value)}`));
        return;
      }
      const order = kinds(state.colour);
      for (const value of order.slice(0, LISTED)) {
        const mark = look(order, value);
        list.append(make("li", {}, sign(mark.shape, mark.fill), ` ${value === "" ? words.notstated : shown(state.colour, value)}`));
      }
    });
    return list;
  };
  const familyList = () => {
    const list = make("ul", { class: "zoo-explore__families" });
    families.forEach((family, n) => {
      if (!models.some((model) => model.family === family)) return;
      const box = make("input", { type: "checkbox", on: { change: () => {
        if (box.checked) state.hidden.delete(family);
        else state.hidden.add(family);
        show();
      } } });
      controls.push(() => { box.checked = !state.hidden.has(family); });
      const mark = look(families, family);
      const icon = sign(mark.shape, mark.fill);
      controls.push(() => { // where points are coloured by something else, a family has its shape or nothing
        icon.firstChild.style.fill = state.colour === "family" ? mark.fill : "var(--zoo-quiet)";
        icon.style.visibility = state.colour === "family" || axis.has(state.colour) ? "" : "hidden";
      });
      const item = make("li", {}, make("label", {}, box, " ", icon, ` ${family}`));
      controls.push(() => { item.hidden = !models.some((model) => model.family === family && inTask(model)); });
      list.append(item);
    });
    return list;
  };

  const options = usable.map(({ key, label }) => [key, label]);
  const group = (title, ...children) => make("fieldset", {}, make("legend", {}, title), ...children.filter(Boolean));
  const code = make("pre", {}, make("code"));
  const embed = make("details", { class: "zoo-details" }, make("summary", {}, words.embed), make("p", {}, words.embedhow), code);
  controls.push(() => {
    const found = parameters();
    found.set("embed", "1");
    const source = `${location.origin}${location.pathname}?${found}`;
    code.firstChild.textContent = `<iframe src="${source.replaceAll("&", "&amp;")}" width="900" height="620" title="${svg.getAttribute("aria-label") ?? ""}"></iframe>`;
  });
  const back = make("p", { class: "zoo-explore__back" }, make("a", { target: "_top" }, words.back));
  controls.push(() => { back.firstChild.href = `${location.pathname}?${parameters()}`; });
  const files = Object.entries(FILES).map(([name, write]) => make("button", { type: "button", class: "zoo-button", on: { click: write } }, name));

  place.replaceChildren(make("div", { class: "zoo-explore" },
    make("div", {}, answer, make("div", { class: "zoo-explore__plot" }, svg, tip), about, back,
      make("div", { class: "zoo-explore__rest" }, make("p", {}, words.downloads, " ", ...files), numbers, missing, embed)),
    make("div", { class: "zoo-explore__side" }, ...[
      Object.keys(tasks).length > 1 && group(words.task, select("task", words.task,
        [["", words.everytask], ...Object.entries(tasks)], settle)),
      group(words.x, select("x", words.quantity, options), check("xlog", words.log)),
      group(words.y, select("y", words.quantity, options), check("ylog", words.log)),
      group(words.colour, select("colour", words.quantity, [...colours.map(({ key, label }) => [key, label]), ...options]),
        colourKey(), select("size", words.size, [["", words.equal], ...options])),
      group(words.frontier, check("frontier", words.frontier), check("names", words.names), check("joined", words.joined)),
      group(words.budgets, ...budgets.map(slider)),
      group(words.families, familyList())].filter(Boolean))));
  show();
})();
