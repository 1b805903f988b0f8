// The plot of all models: any quantity on either axis, typed limits, the frontier in front and named, the rest small.
// Dots are on a canvas; axes, frontier and names are SVG above it. The numbers are those of models.json, all that a
// reader chooses stands in the address, and the page is complete without this script.
(async () => {
  "use strict";
  const form = document.querySelector("[data-explore]");
  const figure = document.querySelector(".explore");
  if (!form || !figure) return;
  const { say, make, draw, show, showUnit, unit, limit, number } = zoo;
  const page = JSON.parse(document.getElementById("explore-data").textContent);
  const { axes, words, usual } = page;
  const part = (name) => document.querySelector(`[data-${name}]`);
  const [host, live] = [part("plot"), part("live")];
  const canvas = host.querySelector("canvas"), svg = host.querySelector("svg.axis"), tip = host.querySelector(".tip");
  const pen = canvas.getContext("2d");
  const query = new URLSearchParams(location.search);
  if (query.get("embed") === "1") document.documentElement.classList.add("embedded");

  let table;
  try { table = await zoo.load(figure.dataset.models); } catch (error) {
    figure.classList.add("failed");
    part("left").textContent = say(words.failed, { reason: error.message });
    return;
  }
  const { columns, value } = table;
  const plotted = [...columns.values()].filter((column) => column.axis && axes[column.key]);
  const amount = (key, n) => showUnit(columns.get(key), value(key, n));

  // --- state: what the address says, checked against what there is -------------------------------------------------
  const MOST_TICKS = 400, FEW = 60, NEAR = 1.2, MOST_NEAR = 3, MOST_TIES = 2, NAMED = 3, SERIES = 6, LONG = 30;
  const ROBUST = 0.012, ROBUST_FROM = 50; // the share of points that may lie beyond an axis, where there are so many
  const boards = Object.keys(page.boards);
  const offers = (key, board) => plotted.some((c) => c.key === key && (c.board === undefined || c.board === board));
  let state;
  const parse = (asked) => {
    const next = { ...usual, find: asked.get("find") ?? "", limits: new Map(), view: null, scales: {} };
    if (boards.includes(asked.get("board"))) next.board = asked.get("board");
    if (next.board !== usual.board) next.y = metricOf(next.board) ?? next.y;
    for (const axis of ["x", "y"]) if (offers(asked.get(axis), next.board)) next[axis] = asked.get(axis);
    if (offers(asked.get("size"), next.board)) next.size = asked.get("size");
    if (asked.has("colour") && (asked.get("colour") === "none" || page.colours.includes(asked.get("colour")))) next.colour = asked.get("colour");
    for (const [name, text] of asked) {
      const key = name.slice(4), typed = limit(text);
      if (/^m(ax|in)\./.test(name) && offers(key, next.board) && typed) next.limits.set(key, typed);
    }
    for (const axis of ["x", "y"]) if (["log", "linear"].includes(asked.get(`${axis}scale`))) next.scales[axis] = asked.get(`${axis}scale`);
    const view = (asked.get("view") ?? "").split(",").map(Number);
    if (view.length === 4 && view.every(Number.isFinite) && view[0] < view[1] && view[2] < view[3]) next.view = view;
    state = next;
  };
  const metricOf = (board) => plotted.find((c) => c.board === board && c.values.some((v) => v !== null))?.key;
  const isLeast = (key) => columns.get(key).better > 0; // its limit is a least one
  const compose = () => {
    const out = new URLSearchParams();
    const own = state.board === usual.board ? usual : { ...usual, y: metricOf(state.board) };
    for (const key of ["board", "x", "y", "size", "colour"]) if (state[key] !== own[key]) out.set(key, state[key]);
    for (const [axis, scale] of Object.entries(state.scales)) out.set(`${axis}scale`, scale);
    for (const [key, typed] of state.limits) out.set(`${isLeast(key) ? "min" : "max"}.${key}`, typed);
    if (state.find) out.set("find", state.find);
    if (state.view) out.set("view", state.view.map((v) => Number(v.toPrecision(5))).join(","));
    if (query.get("embed") === "1") out.set("embed", "1");
    return out;
  };

  // --- scales: a value to a place on the axis and back --------------------------------------------------------------
  const SCALES = {
    linear: [(v) => v, (t) => t],
    log: [Math.log10, (t) => 10 ** t],
    error: [(v) => -Math.log10(100.6 - v), (t) => 100.6 - 10 ** -t], // of a share in percent: of what is wrong
  };
  const isShare = (column) => column.unit === "%" && column.better > 0;
  const spread = (column, list) => {
    const values = list.map((n) => value(column.key, n)).filter((v) => v > 0);
    return values.length ? Math.max(...values) / Math.min(...values) : 1;
  };
  const scaleOf = (axis, column, list) => {
    const usualScale = isShare(column) || (column.better && spread(column, list) > 4) ? "log" : "linear";
    const scale = state.scales[axis] ?? usualScale;
    return scale === "log" && isShare(column) ? "error" : scale;
  };

  // --- which models are drawn, and which of them are worth their cost -----------------------------------------------
  let plot; // what is drawn, from the state
  const hasMetric = (board) => {
    const own = plotted.filter((c) => c.board === board);
    return (n) => !own.length || own.some((c) => c.values[n] !== null || c.standing?.[n] === "w");
  };
  const collect = () => {
    const [x, y] = [columns.get(state.x), columns.get(state.y)], on = hasMetric(state.board);
    const every = Array.from({ length: table.count }, (_, n) => n).filter((n) => on(n));
    const pool = every.filter((n) => y.values[n] !== null);
    const both = pool.filter((n) => x.values[n] !== null);
    const scales = [scaleOf("x", x, both), scaleOf("y", y, both)];
    const fits = (scale, v) => (scale === "log" ? v > 0 : scale === "error" ? v <= 100 : true);
    const list = both.filter((n) => fits(scales[0], x.values[n]) && fits(scales[1], y.values[n]));
    const [right, up] = [x.better > 0 ? -1 : 1, y.better < 0 ? 1 : -1]; // both as costs
    list.sort((a, b) => right * (x.values[a] - x.values[b]) || up * (y.values[a] - y.values[b]) || a - b);
    const places = scales.map((scale, axis) => {
      const to = SCALES[scale][0], column = axis ? y : x, of = new Float64Array(table.count);
      for (const n of list) of[n] = to(column.values[n] / unit(column).factor);
      return of;
    });
    const wrong = every.filter((n) => [x, y].some((c) => c.values[n] === null && c.standing?.[n] === "w"));
    const lost = pool.filter((n) => x.values[n] === null && !wrong.includes(n));
    plot = { x, y, scales, places, list, pool, lost, wrong, right, up, hasBest: Boolean(x.better && y.better) && Math.max(x.better, y.better) > 0 };
    plot.within = new Set(list.filter((n) => [...state.limits].every(([key, typed]) => isInside(key, typed, n))));
    const others = [...state.limits].filter(([key]) => key !== state.x && key !== state.y);
    plot.able = list.filter((n) => others.every(([key, typed]) => isInside(key, typed, n)));
    plot.front = plot.hasBest ? frontier(plot.able) : [];
    plot.onIt = new Set(plot.front);
    plot.home = homeView();
    plot.bounds = bounds();
    plot.groups = groups();
    plot.winners = winners();
  };
  const isInside = (key, typed, n) => {
    const column = columns.get(key), own = value(key, n);
    if (own === null) return false;
    const shown = own / unit(column).factor;
    return isLeast(key) ? shown >= typed : shown <= typed;
  };
  const frontier = (list) => {
    const { x, y, up } = plot, best = [];
    for (const n of list) {
      const last = best.at(-1);
      if (last === undefined || up * y.values[n] < up * y.values[last] || (x.values[n] === x.values[last] && y.values[n] === y.values[last])) best.push(n);
    }
    return best;
  };
  // The best of the models within the limits: by y, or by x where only y has a limit. Of equal ones the cheapest.
  const winners = () => {
    const { x, y, right, up } = plot, list = plot.list.filter((n) => plot.within.has(n));
    const cheapest = state.limits.size === 1 && state.limits.has(state.y) && x.better;
    if (!list.length || !plot.hasBest) return [];
    const order = (a, b) => (cheapest ? right * (x.values[a] - x.values[b]) : 0) || up * (y.values[a] - y.values[b]) || right * (x.values[a] - x.values[b]);
    const first = list.reduce((a, b) => (order(b, a) < 0 ? b : a));
    return list.filter((n) => order(n, first) === 0);
  };
  const extent = (list, of) => list.reduce(([low, high], n) => [Math.min(low, of[n]), Math.max(high, of[n])], [Infinity, -Infinity]);
  const padded = ([low, high], share, most = Infinity) => {
    const room = (high - low) * share || Math.abs(high) * 0.05 || 1;
    return [low - room, Math.min(most, high + room)];
  };
  // The first view leaves out the few points that lie far on the worse side of an axis: the others are readable then.
  const homeView = () => {
    const { list, places, x, y, scales } = plot;
    if (!list.length) return [0, 1, 0, 1];
    const cut = (axis, column, least) => {
      const sorted = list.map((n) => places[axis][n]).sort((a, b) => a - b), last = sorted.length - 1;
      const skip = sorted.length > ROBUST_FROM && scales[axis] !== "log" ? Math.floor(sorted.length * ROBUST) : 0;
      return least ? [sorted[0], sorted[last - skip]] : [sorted[skip], sorted[last]];
    };
    const top = scales[1] === "error" ? SCALES.error[0](100) : Infinity;
    // Of few points the intervals are drawn, too.
    const reach = (axis, column, [low, high]) => {
      const ends = column.low && list.length <= FEW ? list.flatMap((n) => [column.low[n], column.high[n]]).filter((v) => v !== null) : [];
      const at = ends.map((v) => SCALES[scales[axis]][0](v / unit(column).factor)).filter(Number.isFinite);
      return [Math.min(low, ...at), Math.max(high, ...at)];
    };
    return [...padded(reach(0, x, cut(0, x, x.better <= 0)), 0.04), ...padded(reach(1, y, cut(1, y, y.better < 0)), 0.05, top)];
  };
  const bounds = () => (plot.list.length ? [...padded(extent(plot.list, plot.places[0]), 0.2), ...padded(extent(plot.list, plot.places[1]), 0.2)] : plot.home);

  // --- colours: the largest groups have one and a shape, the rest is grey --------------------------------------------
  const SHAPES = [
    null, // a disc
    [[0, -5], [5, 4], [-5, 4]],
    [[-4, -4], [4, -4], [4, 4], [-4, 4]],
    [[0, -5.5], [5.5, 0], [0, 5.5], [-5.5, 0]],
    [[0, 5], [5, -4], [-5, -4]],
    [[-1.7, -5], [1.7, -5], [1.7, -1.7], [5, -1.7], [5, 1.7], [1.7, 1.7], [1.7, 5], [-1.7, 5], [-1.7, 1.7], [-5, 1.7], [-5, -1.7], [-1.7, -1.7]],
  ];
  const groups = () => {
    if (state.colour === "none") return [];
    if (state.colour === "wrong") {
      const members = plot.list.filter((n) => value("wrong", n) > 0);
      return members.length ? [{ label: words.wrong, members, colour: "--wrong", shape: 3 }] : [];
    }
    const by = new Map();
    for (const n of plot.list) {
      const own = state.colour === "publisher" ? table.publisher(state.y, n) ?? "" : show(columns.get(state.colour) ?? {}, value(state.colour, n));
      if (!by.has(own)) by.set(own, []);
      by.get(own).push(n);
    }
    const sorted = [...by].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
    const named = sorted.slice(0, SERIES).map(([label, members], n) => ({ label: label || words.unstated, members, colour: `--c${n + 1}`, shape: n }));
    const rest = sorted.slice(SERIES).flatMap(([, members]) => members);
    return rest.length ? [...named, { label: words.others, members: rest, colour: "--dot", shape: 0, rest: true }] : named;
  };

  // --- from places to pixels ----------------------------------------------------------------------------------------
  let [width, height, ratio, style] = [0, 0, 1, null];
  const M = { left: 46, right: 16, top: 26, bottom: 46 };
  let view = [0, 1, 0, 1], pixels;
  const point = () => {
    const [x0, x1, y0, y1] = view, kx = (width - M.left - M.right) / (x1 - x0), ky = (height - M.top - M.bottom) / (y1 - y0);
    const low = height - M.bottom;
    pixels = { ax: (t) => M.left + (t - x0) * kx, ay: (t) => low - (t - y0) * ky, kx, ky };
  };
  const px = (n) => pixels.ax(plot.places[0][n]), py = (n) => pixels.ay(plot.places[1][n]);
  const isSeen = (n) => {
    const [a, b] = [px(n), py(n)];
    return a >= M.left - 2 && a <= width - M.right + 2 && b >= M.top - 10 && b <= height - M.bottom + 2;
  };
  const small = () => width < 600;
  const radius = (n) => {
    if (!state.size) return small() ? 2 : 2.6;
    const column = columns.get(state.size), own = value(state.size, n);
    return own === null ? 1.6 : 1.6 + 12 * Math.sqrt(own / plot.largest);
  };

  // --- dots: one layer a colour, for the canvas and for files --------------------------------------------------------
  const trace = (to, shape, x, y, r) => {
    if (!SHAPES[shape]) { to.moveTo(x + r, y); to.arc(x, y, r, 0, 2 * Math.PI); return; }
    SHAPES[shape].forEach(([dx, dy], n) => to[n ? "lineTo" : "moveTo"](x + (dx * r) / 3.4, y + (dy * r) / 3.4));
    to.closePath();
  };
  const layers = () => {
    const { list, within } = plot, out = [];
    plot.largest = state.size ? Math.max(...list.map((n) => value(state.size, n) ?? 0)) || 1 : 1;
    const order = state.size ? [...list].sort((a, b) => (value(state.size, b) ?? 0) - (value(state.size, a) ?? 0)) : list;
    const dim = found ? 0.5 : 1, alone = Boolean(state.size);
    const coloured = new Set(plot.groups.filter((g) => !g.rest).flatMap((g) => g.members));
    const grey = order.filter((n) => !coloured.has(n));
    out.push({ points: grey.filter((n) => !within.has(n)), colour: "--dot", alpha: 0.18, shape: 0, grow: 0, alone });
    out.push({ points: grey.filter((n) => within.has(n)), colour: "--dot", alpha: (alone ? 0.25 : list.length > FEW ? 0.5 : 0.8) * dim, shape: 0, grow: 0, alone });
    for (const group of plot.groups.filter((g) => !g.rest)) {
      const members = new Set(group.members), own = order.filter((n) => members.has(n)), grow = alone ? 0 : list.length > FEW ? 0.6 : 1.6;
      out.push({ points: own.filter((n) => !within.has(n)), colour: group.colour, alpha: 0.2, shape: group.shape, grow, alone });
      out.push({ points: own.filter((n) => within.has(n)), colour: group.colour, alpha: (alone ? 0.4 : 0.8) * dim, shape: group.shape, grow, alone });
    }
    if (found) out.push({ points: list.filter((n) => found.has(n)), colour: "--ink", alpha: 1, shape: 0, grow: 1.4, alone: false });
    return out.filter((layer) => layer.points.length);
  };
  const colourOf = (name) => style.getPropertyValue(name).trim();
  const paint = () => {
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = colourOf("--rule"); // of the grid: bars are quicker than a path
    for (const [, y] of plot.ticks[1]) pen.fillRect(M.left, y - 0.5, width - M.left - M.right, 1);
    for (const [, x] of plot.ticks[0]) pen.fillRect(x - 0.5, M.top, 1, height - M.top - M.bottom);
    pen.save();
    pen.beginPath();
    pen.rect(M.left - 6, M.top - 12, width - M.left - M.right + 16, height - M.top - M.bottom + 16);
    pen.clip();
    for (const { points, colour, alpha, shape, grow } of plot.layers) {
      pen.fillStyle = colourOf(colour);
      pen.globalAlpha = alpha;
      for (const n of points) {
        const [a, b] = [px(n), py(n)];
        if (a < -20 || a > width + 20 || b < -20 || b > height + 20) continue;
        pen.beginPath();
        trace(pen, shape, a, b, radius(n) + grow);
        pen.fill();
      }
    }
    pen.restore();
  };

  // --- ticks --------------------------------------------------------------------------------------------------------
  // Multiples of a power of ten, and between two of them as many round numbers as have room.
  const roundTicks = (low, high, place, room) => {
    const ticks = [], step = 10 ** Math.ceil(Math.log10(high - low || 1));
    const fill = (a, size) => {
      const lead = Math.round(size / 10 ** Math.floor(Math.log10(size) + 1e-9)); // 1, 2 or 5
      for (const parts of { 1: [10, 5, 2], 2: [2], 5: [5] }[lead] ?? []) {
        const cuts = Array.from({ length: parts + 1 }, (_, n) => a + (size * n) / parts), at = cuts.map(place);
        if (at.some((p, n) => n && Math.abs(p - at[n - 1]) < room)) continue;
        for (let n = 0; n < parts; n++) {
          if (ticks.length > MOST_TICKS || cuts[n + 1] < low || cuts[n] > high) continue;
          ticks.push(cuts[n]);
          fill(cuts[n], size / parts);
        }
        return;
      }
    };
    for (let n = Math.floor(low / step); n * step <= high; n++) { ticks.push(n * step); fill(n * step, step); }
    return [...new Set(ticks.map((t) => Number(t.toPrecision(10))))].filter((t) => t >= low && t <= high);
  };
  const powerTicks = (low, high, place, room) => {
    for (const factors of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) {
      const ticks = [];
      for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) for (const f of factors) ticks.push(Number(`${f}e${e}`));
      const inside = ticks.filter((t) => t >= low && t <= high), at = inside.map(place);
      if (!at.some((p, n) => n && Math.abs(p - at[n - 1]) < room)) return inside.length > 1 ? inside : roundTicks(low, high, place, room);
    }
    return [low, high].map((t) => Number(t.toPrecision(2)));
  };
  const ticks = (axis) => {
    const scale = plot.scales[axis], [to, back] = SCALES[scale], place = (v) => (axis ? pixels.ay : pixels.ax)(to(v));
    const [low, high] = [back(view[axis * 2]), back(view[axis * 2 + 1])];
    const safe = scale === "error" ? (v) => place(Math.min(v, 100.5)) : place;
    const list = scale === "log" ? powerTicks(low, high, place, 46) : roundTicks(low, scale === "error" ? Math.min(100, high) : high, safe, axis ? 28 : 58);
    return list.map((v) => [v, place(v)]);
  };
  const tickText = (v) => (Math.abs(v) >= 1000 ? number(v, 0) : String(Number(v.toPrecision(6))));

  // --- names ----------------------------------------------------------------------------------------------------------
  const widths = new Map();
  const wide = (text, strong) => {
    const key = strong ? `b${text}` : text;
    if (!widths.has(key)) {
      pen.font = `${strong ? "650 " : ""}${small() ? 11 : 12}px ${style.getPropertyValue("--font-text")}`;
      widths.set(key, pen.measureText(text).width + 4);
    }
    return widths.get(key);
  };
  const stem = (name) => name.split(".")[0];
  const brief = (n) => {
    const name = table.name(n), alike = plot.front.some((m) => m !== n && stem(table.name(m)) === stem(name));
    const text = alike ? name : stem(name);
    return text.length > LONG ? `${text.slice(0, LONG - 2)}…` : text;
  };
  const hits = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
  // Names of the frontier stand on its outer side, further out with a line where it is crowded; of no room, none.
  const nameFrontier = (seen, taken, put) => {
    const { right, up } = plot, lines = [];
    const main = plot.winners[0], order = new Map(seen.map((n, at) => [n, Math.abs(0.5 - at / seen.length)]));
    const rank = (n) => (n === main ? -3 : n === seen.at(-1) ? -2 : found?.has(n) ? -1 : order.get(n));
    for (const n of [...seen].sort((a, b) => rank(a) - rank(b))) {
      const strong = n === main, text = brief(n), w = wide(text, strong), [x, y] = [px(n), py(n)];
      const next = seen[seen.indexOf(n) + 1], run = next === undefined ? width : right * (px(next) - x); // of the step behind it
      for (const [dx, dy, inner] of [[8, 8], [12, 24], [18, 42], [26, 62], [-2, 8, true], [-8, -16, true]]) {
        if (inner && (dy > 0 ? run < w + 8 : !strong)) continue;
        const [ex, ey] = [x - right * dx, y + up * dy + (up > 0 ? 8 : 0)];
        const box = right > 0 === !inner ? [ex - w, ey - 11, ex, ey + 4] : [ex, ey - 11, ex + w, ey + 4];
        if (box[0] < M.left || box[2] > width - 2 || box[1] < 0 || box[3] > height - M.bottom) continue;
        if (taken.some((other) => hits(box, other)) || lines.some((line) => line.some(([a, b]) => a > box[0] && a < box[2] && b > box[1] && b < box[3]))) continue;
        const far = Math.abs(dy) > 10, steps = far ? [0.1, 0.25, 0.4, 0.55, 0.7, 0.85].map((k) => [x + (ex - x) * k, y + (ey - 4 - y) * k]) : [];
        if (steps.some(([a, b]) => taken.some((t) => t[2] - t[0] > 10 && a > t[0] && a < t[2] && b > t[1] && b < t[3]))) continue;
        taken.push(box);
        if (far) { lines.push(steps); put("leader", [x, y + up * 4, ex, ey + (up < 0 ? 3 : -11)]); }
        put("name", [right > 0 === !inner ? ex : ex, ey, text, right > 0 === !inner ? "end" : "start", strong]);
        break;
      }
    }
  };
  const nameOthers = (list, taken, put) => {
    for (const n of list) {
      const strong = found?.has(n) ?? false, text = found && table.name(n).length < 37 ? table.name(n) : brief(n), w = wide(text, strong), [x, y] = [px(n), py(n)];
      for (const [dx, dy, end] of [[8, 4], [-8, 4, true], [8, -8], [8, 16], [-8, -8, true], [-8, 16, true]]) {
        const box = end ? [x + dx - w, y + dy - 11, x + dx, y + dy + 4] : [x + dx, y + dy - 11, x + dx + w, y + dy + 4];
        if (box[0] < M.left || box[2] > width || box[1] < 0 || box[3] > height - M.bottom || taken.some((other) => hits(box, other))) continue;
        taken.push(box);
        put("name", [x + dx, y + dy, text, end ? "end" : "start", strong]);
        break;
      }
    }
  };

  // --- axes, frontier, limits, names ----------------------------------------------------------------------------------
  const fixed = (v) => v.toFixed(1);
  const text = (x, y, words_, attributes = {}) => draw("text", { x: fixed(x), y: fixed(y), ...attributes }, words_);
  const shapePath = (shape, x, y, r) => { const out = vectorPen(); trace(out, shape, x, y, r); return out.d(); };
  const vectorPen = () => {
    const parts = [];
    return {
      moveTo: (x, y) => parts.push(`M${fixed(x)} ${fixed(y)}`), lineTo: (x, y) => parts.push(`L${fixed(x)} ${fixed(y)}`), closePath: () => parts.push("Z"),
      arc: (x, y, r) => parts.push(`a${fixed(r)} ${fixed(r)} 0 1 0 ${fixed(-2 * r)} 0a${fixed(r)} ${fixed(r)} 0 1 0 ${fixed(2 * r)} 0`), d: () => parts.join(""),
    };
  };
  const grid = () => {
    const low = height - M.bottom;
    return plot.ticks[1].map(([, at]) => `M${M.left} ${fixed(at)}H${width - M.right}`).join("") + plot.ticks[0].map(([, at]) => `M${fixed(at)} ${M.top}V${low}`).join("");
  };
  const drawAxes = () => {
    const low = height - M.bottom, [xs, ys] = plot.ticks;
    const nodes = [];
    for (const [v, at] of ys) nodes.push(text(M.left - 8, at + 4, tickText(v), { class: "faint", "text-anchor": "end" }));
    for (const [v, at] of xs) nodes.push(text(Math.min(at, width - wide(tickText(v)) / 2), low + 18, tickText(v), { class: "faint", "text-anchor": "middle" }));
    nodes.push(text(width - M.right, height - 6, axisTitle(0), { "text-anchor": "end" }), text(0, 11, axisTitle(1)));
    return nodes;
  };
  const axisTitle = (axis) => {
    const key = axis ? state.y : state.x, scale = plot.scales[axis];
    return axes[key].title + (scale === "linear" ? "" : `, ${scale === "log" ? words.log : words.error}`);
  };
  const drawLimits = (taken) => {
    const nodes = [], low = height - M.bottom;
    for (const [axis, key] of [[0, state.x], [1, state.y]]) {
      const typed = state.limits.get(key);
      if (!typed) continue;
      const at = (axis ? pixels.ay : pixels.ax)(SCALES[plot.scales[axis]][0](typed));
      if (!Number.isFinite(at) || (axis ? at < M.top || at > low : at < M.left || at > width - M.right)) continue;
      const said = say(axes[key].limit, { value: typed }), w = wide(said), left = at - w - 6 < M.left;
      const [tx, ty] = axis ? [M.left + 6, at - 6] : [left ? at + 6 : at - 6, low - 8];
      nodes.push(draw("path", { class: "limit", d: axis ? `M${M.left} ${fixed(at)}H${width - M.right}` : `M${fixed(at)} ${M.top}V${low}` }));
      nodes.push(text(tx, ty, said, { class: "halo", "text-anchor": axis || left ? "start" : "end" }));
      taken.push(axis || left ? [tx, ty - 11, tx + w, ty + 4] : [tx - w, ty - 11, tx, ty + 4]);
    }
    return nodes;
  };
  // Intervals of 95%, where they are known: of all points while they are few, else of those in front.
  const drawIntervals = (seen) => {
    const parts = [], list = plot.list.length <= FEW ? plot.list : [...seen, ...(found ?? []), ...(at === null ? [] : [at])];
    for (const [axis, column] of [plot.x, plot.y].entries()) {
      if (!column.low) continue;
      const to = SCALES[plot.scales[axis]][0], pixel = axis ? pixels.ay : pixels.ax, { factor } = unit(column);
      for (const n of list) {
        if (column.low[n] === null || !plot.drawn.has(n) || !isSeen(n)) continue;
        const [a, b] = [column.low[n], column.high[n]].map((v) => pixel(to(v / factor)));
        if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
        parts.push(axis ? `M${fixed(px(n))} ${fixed(a)}V${fixed(b)}m-3 0h6M${fixed(px(n) - 3)} ${fixed(a)}h6` : `M${fixed(a)} ${fixed(py(n))}H${fixed(b)}m0-3v6M${fixed(a)} ${fixed(py(n) - 3)}v6`);
      }
    }
    return parts.length ? [draw("path", { class: "interval", d: parts.join("") })] : [];
  };
  const groupOf = (n) => plot.groups.find((group) => !group.rest && plot.members.get(group).has(n));
  const drawFrontier = (seen) => {
    const { front } = plot, from = Math.max(0, front.indexOf(seen[0]) - 1), to = front.indexOf(seen.at(-1)) + 2;
    const d = front.slice(from, to).map((n, at) => (at ? `H${fixed(px(n))}V${fixed(py(n))}` : `M${fixed(px(n))} ${fixed(py(n))}`)).join("");
    const nodes = seen.length && front.length > 1 ? [draw("path", { class: "front", d })] : [];
    for (const n of seen) {
      const group = groupOf(n), colour = !plot.within.has(n) ? "--dot" : group?.colour ?? "--accent";
      nodes.push(draw("path", { class: "ahead", fill: `var(${colour})`, d: shapePath(group?.shape ?? 0, px(n), py(n), group ? 4.4 : 3.6) }));
    }
    return nodes;
  };
  // The steps of the frontier as boxes: names of others do not stand on them.
  const steps = (seen) => seen.slice(1).flatMap((n, before) => {
    const [x, y, nx, ny] = [px(seen[before]), py(seen[before]), px(n), py(n)];
    return [[Math.min(x, nx), y - 1, Math.max(x, nx), y + 1], [nx - 1, Math.min(y, ny), nx + 1, Math.max(y, ny)]];
  });
  const ring = (n, name, r) => (n !== null && n !== undefined && isSeen(n) ? [draw("circle", { class: name, cx: fixed(px(n)), cy: fixed(py(n)), r })] : []);
  const drawOver = () => {
    const seen = plot.front.filter(isSeen), taken = seen.map((n) => [px(n) - 4, py(n) - 4, px(n) + 4, py(n) + 4]), names = [];
    taken.push([0, 0, wide(axisTitle(1)), 15]);
    const limits = drawLimits(taken);
    const put = (kind, [x, y, ...rest]) => names.push(kind === "leader"
      ? draw("path", { class: "leader", d: `M${fixed(x)} ${fixed(y)}L${fixed(rest[0])} ${fixed(rest[1])}` })
      : text(x, y, rest[0], { class: rest[2] ? "halo strong" : "halo", "text-anchor": rest[1] }));
    if (found && found.size < 40) nameOthers([...found].filter((n) => plot.drawn.has(n) && isSeen(n)), taken, put);
    nameFrontier(seen, taken, put);
    const rest = plot.list.filter((n) => !plot.onIt.has(n) && !found?.has(n) && isSeen(n));
    if (rest.length <= FEW / 2) {
      taken.push(...steps(seen));
      for (const n of rest) taken.push([px(n) - 3, py(n) - 3, px(n) + 3, py(n) + 3]);
      nameOthers(rest, taken, put);
    }
    return [...limits, ...drawIntervals(seen), ...drawFrontier(seen), ...names, ...ring(plot.winners[0], "best", 8), ...ring(at, "here", 7)];
  };

  let waiting = null, at = null, found = null;
  const fingers = new Map(); // on the plot, by the number of the pointer
  // While a finger drags, frontier and names move as they are; they are laid out anew at the end, or after a good way.
  const AWAY = 80;
  const area = draw("clipPath", { id: "plot-area" }), under = draw("g"), over = draw("g");
  svg.append(area, under, draw("g", { "clip-path": "url(#plot-area)" }, over));
  let laid = null;
  const frame = () => {
    waiting = null;
    point();
    plot.ticks = [ticks(0), ticks(1)];
    paint();
    under.replaceChildren(...drawAxes());
    const way = laid && fingers.size === 1 ? [(laid[0] - view[0]) * pixels.kx, (view[2] - laid[2]) * pixels.ky] : null;
    if (way && Math.hypot(...way) < AWAY) { over.setAttribute("transform", `translate(${way.map(fixed).join(" ")})`); return; }
    laid = [...view];
    over.removeAttribute("transform");
    over.replaceChildren(...drawOver());
  };
  const later = () => { waiting ??= requestAnimationFrame(frame); };
  const fit = () => {
    const box = host.getBoundingClientRect();
    if (!box.width) return;
    [width, height, ratio, style] = [box.width, box.height, devicePixelRatio || 1, getComputedStyle(document.documentElement)];
    widths.clear();
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    area.replaceChildren(draw("rect", { x: M.left - 6, y: 0, width: width - M.left + 6, height: height - M.bottom + 4 }));
    laid = null;
    if (waiting !== null) cancelAnimationFrame(waiting);
    frame();
  };

  // --- words ------------------------------------------------------------------------------------------------------------
  const join = (texts) => (texts.length < 2 ? texts.join("") : say(words.and, { names: texts.slice(0, -1).join(", "), last: texts.at(-1) }));
  const count = (pair, n, values = {}) => say(pair[n === 1 ? 0 : 1], { count: number(n, 0), ...values });
  const limitText = (key) => {
    const said = say(axes[key].limit, { value: state.limits.get(key) });
    return isLeast(key) ? say(words.least, { limit: said }) : said;
  };
  const limitTexts = () => {
    const rank = (key) => (key === state.x ? 0 : key === state.y ? 2 : 1);
    return join([...state.limits.keys()].sort((a, b) => rank(a) - rank(b)).map(limitText));
  };
  const how = (key) => (columns.get(key).measured ? words.measured : words.published);
  const few = (list) => (list.length > MOST_TIES ? say(words.more, { names: list.slice(0, MOST_TIES).map(table.name).join(", "), count: list.length - MOST_TIES }) : join(list.map(table.name)));
  const sentence = () => {
    const { winners: best, x, y } = plot, limits = limitTexts();
    if (!plot.list.length) return words.empty;
    if (!best.length && (plot.hasBest || (state.limits.size && !plot.within.size))) return say(words.none, { limits });
    if (!best.length && state.limits.size) return count(words.fitting, plot.within.size, { all: number(plot.list.length, 0), limits });
    if (!best.length) return count(words.plain, plot.list.length, { y: axes[y.key].goal.replace(/^./, (c) => c.toUpperCase()), x: axes[x.key].goal });
    const cheapest = state.limits.size === 1 && state.limits.has(y.key) && x.better, key = cheapest ? x.key : y.key;
    const text_ = !state.limits.size ? (alike() ? words.highall : words.bestall) : cheapest ? words.cheapest : alike() ? words.high : words.best;
    return say(text_, { goal: state.limits.size ? axes[key].goal : axes[key].full, limits, models: few(best), value: amount(key, best[0]), how: how(key) });
  };
  // From which models the images of the data set cannot tell the best one, the cheapest first.
  const alike = () => {
    const { y, winners: best } = plot;
    if (!best.length || !page.shares.includes(y.key.split("--")[0]) || (state.limits.size === 1 && state.limits.has(y.key) && plot.x.better)) return "";
    const near = plot.list.filter((n) => plot.within.has(n) && !best.includes(n) && !zoo.tellsApart(y.values[best[0]], y.values[n], y.images));
    const names = near.slice(0, NAMED).map(table.name);
    if (near.length > NAMED) names.push(`+ ${number(near.length - NAMED, 0)}`);
    return near.length ? say(y.images ? words.alike : words.near, { images: number(y.images ?? 0, 0), others: names.join(", ") }) : "";
  };
  const subtitle = () => {
    const { list, within, front } = plot, all = number(list.length, 0);
    const parts = [`${say(words.against, { y: axes[state.y].title, x: axes[state.x].title })}.`];
    if (state.limits.size) parts.push(count(words.inside, within.size, { all }));
    else if (front.length) parts.push(count(words.front, front.length, { all }));
    if (alike()) parts.push(alike());
    return list.length ? parts.join(" ") : parts[0];
  };
  // What nearly answers: better ones a little over the limit of x, what is nearly as good for half of it, and the best
  // where another limit is left out. Where nothing fits: those that are over by the smallest factor.
  const nearMisses = () => {
    const { x, y, up, list, winners: [best] } = plot, out = [], typed = state.limits.get(x.key), { factor } = unit(x);
    if (!state.limits.size || !plot.hasBest || isLeast(x.key)) return out;
    const gap = (key, n) => {
      const column = columns.get(key), own = value(key, n);
      return own === null ? Infinity : isLeast(key) ? state.limits.get(key) / (own / unit(column).factor) : own / unit(column).factor / state.limits.get(key);
    };
    const rounded = (n) => Number((value(y.key, n) / unit(y).factor).toFixed(unit(y).digits ?? 2)); // as the page prints it
    const points = (n) => show(y, Math.abs(rounded(n) - rounded(best)) * unit(y).factor);
    if (best === undefined) {
      const over = list.map((n) => [Math.max(...[...state.limits.keys()].map((key) => gap(key, n))), n]).filter(([size]) => Number.isFinite(size));
      for (const [, n] of over.sort((a, b) => a[0] - b[0]).slice(0, MOST_NEAR)) out.push([n, join([...state.limits.keys()].filter((key) => gap(key, n) > 1).map((key) => amount(key, n)))]);
      return out;
    }
    const others = (n) => [...state.limits.keys()].every((key) => key === x.key || gap(key, n) <= 1);
    if (typed) {
      let top = value(y.key, best);
      const over = [];
      for (const n of list) { // the cheapest first
        const cost = value(x.key, n) / factor, own = value(y.key, n);
        if (cost <= typed || cost > typed * NEAR || up * (own - top) >= 0 || !others(n)) continue;
        top = own;
        over.push([n, say(words.over, { points: points(n), cost: showUnit(x, value(x.key, n) - typed * factor) })]);
      }
      out.push(...over.slice(-2));
      const half = list.filter((n) => plot.within.has(n) && value(x.key, n) <= value(x.key, best) / 2).reduce((a, n) => (a === null || up * (value(y.key, n) - value(y.key, a)) < 0 ? n : a), null);
      if (half !== null) out.push([half, say(words.half, { points: points(half), cost: axes[x.key].goal })]);
    }
    for (const key of state.limits.keys()) {
      if (key === x.key || key === y.key) continue;
      const free = list.filter((n) => [...state.limits.keys()].every((other) => other === key || gap(other, n) <= 1)).reduce((a, n) => (a === null || up * (value(y.key, n) - value(y.key, a)) < 0 ? n : a), null);
      if (free !== null && up * (value(y.key, free) - value(y.key, best)) < 0) out.push([free, say(words.without, { limit: axes[key].goal })]);
    }
    return out.slice(0, MOST_NEAR);
  };
  const link = (n) => make("a", { href: figure.dataset.root + table.page(n) }, table.name(n));
  const notes = () => {
    const { x, y, list, lost, wrong, pool, scales, home } = plot, out = [];
    const listed = (all) => (all.length > NAMED ? say(words.more, { names: all.slice(0, NAMED).map(table.name).join(", "), count: all.length - NAMED }) : all.map(table.name).join(", "));
    if (lost.length) out.push(count(words.lost, lost.length, { all: number(pool.length, 0), what: axes[x.key].noun }));
    for (const key of state.limits.keys()) {
      if (key === x.key || key === y.key) continue;
      const missing = list.filter((n) => value(key, n) === null).length;
      if (missing) out.push(count(words.unmeasured, missing, { all: number(list.length, 0), what: axes[key].noun }));
    }
    if (wrong.length) out.push(count(words.leftout, wrong.length, { models: listed(wrong) }));
    const below = list.filter((n) => plot.places[1][n] < home[2] || plot.places[1][n] > home[3]).length, beside = list.filter((n) => plot.places[0][n] < home[0] || plot.places[0][n] > home[1]).length;
    if (below) out.push(count(y.better < 0 ? words.above : words.below, below));
    if (beside) out.push(count(words.beside, beside));
    const zero = pool.length - lost.length - list.length - wrong.filter((n) => y.values[n] !== null).length;
    if (zero > 0 && scales.includes("log")) out.push(count(words.zero, zero));
    if (!y.measured && y.board !== undefined && list.length) {
      const checked = list.filter((n) => y.standing?.[n] === "r").length;
      const by = new Map();
      for (const n of list) by.set(table.publisher(y.key, n), (by.get(table.publisher(y.key, n)) ?? 0) + 1);
      const sorted = [...by].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
      out.push(say(words.checked, { goal: axes[y.key].goal, count: number(checked, 0), all: number(list.length, 0) }));
      if (sorted.length > 1) out.push(say(words.by, { names: sorted.map(([name, own]) => `${name} (${number(own, 0)})`).join(", ") }));
    }
    for (const column of [x, y]) if (column.setup) out.push(`${axes[column.key].label}: ${column.setup}.`);
    return out.join(" ");
  };
  const sign = (shape, colour) => draw("svg", { viewBox: "-6 -6 12 12", "aria-hidden": "true" }, draw("path", { d: shapePath(shape, 0, 0, 3.6), fill: `var(${colour})` }));
  const legend = () => {
    const items = plot.front.length > 1 ? [make("li", {}, make("i", { class: "line" }), words.frontier)] : [];
    for (const { label, members, shape, colour } of plot.groups) items.push(make("li", {}, sign(shape, colour), `${label} (${number(members.length, 0)})`));
    if (state.size) items.push(make("li", { class: "quiet" }, say(words.area, { quantity: axes[state.size].label })));
    if (found) items.push(make("li", {}, sign(0, "--ink"), say(words.found, { text: state.find, count: number(plot.list.filter((n) => found.has(n)).length, 0), all: number(found.size, 0) })));
    part("legend").replaceChildren(...items);
  };
  const frontierTable = () => {
    const { x, y, front } = plot, body = part("table").tBodies[0], heads = part("table").tHead.rows[0].cells;
    heads[1].textContent = axes[y.key].label;
    heads[2].textContent = axes[x.key].label;
    const ends = (column, n) => (column.low?.[n] == null ? [] : [make("small", {}, ` ${show(column, column.low[n])} – ${show(column, column.high[n])}`)]);
    const cell = (column, n) => make("td", { class: "num" }, show(column, value(column.key, n)), ...ends(column, n));
    const plain = (key, n) => (columns.has(key) ? show(columns.get(key), value(key, n)) : "");
    body.replaceChildren(...[...front].reverse().map((n) => make("tr", {}, make("th", { scope: "row" }, link(n)), cell(y, n), cell(x, n),
      make("td", { class: "num" }, plain("parameters", n)), make("td", {}, plain("family", n)), make("td", {}, plain("licence", n)))));
    part("listing").hidden = !front.length;
  };
  let said = "", speaking;
  const speak = (text_) => { live.textContent = text_; };
  const tell = () => {
    const title = sentence(), near = nearMisses();
    part("say").textContent = title;
    part("sub").textContent = subtitle();
    part("near").hidden = !near.length;
    part("near").replaceChildren(...near.map(([n, why]) => make("li", {}, link(n), ` ${amount(state.y, n)}, ${amount(state.x, n)} `, make("span", { class: "quiet" }, why))));
    part("left").textContent = notes();
    host.setAttribute("aria-label", `${title}. ${words.keys}`);
    legend();
    frontierTable();
    if (said && said !== title) { clearTimeout(speaking); speaking = setTimeout(() => speak(title), 500); }
    said = title;
  };

  // --- controls -----------------------------------------------------------------------------------------------------------
  const fillSelect = (select, options) => {
    if (select) select.replaceChildren(...options.map(([key, label]) => make("option", { value: key }, label)));
  };
  const setControls = (whole) => {
    const own = plotted.filter((c) => c.board === undefined || c.board === state.board);
    const options = own.map(({ key }) => [key, axes[key].label]);
    const metrics = own.filter((c) => c.board !== undefined), rest = own.filter((c) => c.board === undefined);
    const { x, y, size, colour, board, find } = form.elements;
    fillSelect(y, [...metrics, ...rest].map(({ key }) => [key, axes[key].label]));
    fillSelect(x, [...rest, ...metrics].map(({ key }) => [key, axes[key].label]));
    fillSelect(size, [["", words.equal], ...options]);
    for (const [control, key] of [[x, state.x], [y, state.y], [size, state.size], [colour, state.colour], [board, state.board]]) if (control) control.value = key;
    const keep = (input, text_) => { if (input && (whole || document.activeElement !== input)) input.value = text_; };
    keep(find, state.find);
    for (const [axis, key] of [["x", state.x], ["y", state.y]]) {
      const input = form.elements[`limit-${axis}`], least = isLeast(key);
      keep(input, state.limits.get(key) ?? "");
      input.setAttribute("aria-label", say(least ? words.atleast : words.atmost, { what: axes[key].label }));
      input.previousElementSibling.textContent = least ? "≥" : "≤";
      input.nextElementSibling.textContent = unit(columns.get(key)).text;
      const box = form.elements[`log-${axis}`];
      box.checked = plot.scales[axis === "x" ? 0 : 1] !== "linear";
    }
    const others = page.limits.filter((key) => columns.has(key) && key !== state.x && key !== state.y);
    const list = part("limits"), present = [...list.querySelectorAll("input")].map((input) => input.name.slice(6)).join();
    if (present !== others.join()) {
      list.replaceChildren(...others.map((key) => make("label", { class: "field" }, axes[key].goal === unit(columns.get(key)).text ? "" : `${axes[key].goal} `, make("span", {}, isLeast(key) ? "≥" : "≤"), " ",
        make("input", { name: `limit-${key}`, inputmode: "decimal", autocomplete: "off", placeholder: words.any, "aria-label": say(isLeast(key) ? words.atleast : words.atmost, { what: axes[key].label }) }),
        make("span", {}, unit(columns.get(key)).text))));
    }
    for (const key of others) keep(form.elements[`limit-${key}`], state.limits.get(key) ?? "");
    const chips = [...state.limits.keys()].filter((key) => key !== state.x && key !== state.y);
    part("chips").replaceChildren(...chips.map((key) => make("button", { type: "button", class: "chip", "aria-label": say(words.remove, { limit: limitText(key) }),
      on: { click: () => { state.limits.delete(key); update(); form.elements[`limit-${key}`]?.focus(); } } }, `${isLeast(key) ? "≥" : "≤"} ${say(axes[key].limit, { value: state.limits.get(key) })}`)));
  };

  const unseen = (list) => list.map((t, n) => SCALES[plot.scales[n < 2 ? 0 : 1]][1](t));
  const seenView = (list) => {
    const out = list.map((v, n) => SCALES[plot.scales[n < 2 ? 0 : 1]][0](v));
    return out.every(Number.isFinite) && out[0] < out[1] && out[2] < out[3] ? out : null;
  };
  const matches = () => {
    const text_ = state.find.trim();
    return text_.length < 2 ? null : new Set(zoo.find(table.names(), text_).map(({ n }) => n));
  };
  const refresh = (whole = false) => {
    found = matches();
    collect();
    plot.drawn = new Set(plot.list);
    plot.members = new Map(plot.groups.map((group) => [group, new Set(group.members)]));
    plot.layers = layers();
    view = (state.view && seenView(state.view)) ?? [...plot.home];
    if (at !== null && !plot.drawn.has(at)) pick(null);
    laid = null;
    tell();
    setControls(whole);
    setAddresses();
    later();
  };
  const update = (field = null, step = true) => { refresh(); remember(field, step); };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if (target.name === "find") { state.find = target.value; update(target); }
    if (!target.name?.startsWith("limit-")) return;
    const name = target.name.slice(6), key = state[name] ?? name, typed = limit(target.value);
    if (typed) state.limits.set(key, typed); else state.limits.delete(key);
    update(target);
  });
  form.addEventListener("change", ({ target: { name, value: chosen, checked } }) => {
    if (name === "board") Object.assign(state, { board: chosen, y: metricOf(chosen) ?? state.y });
    else if (name === "log-x" || name === "log-y") state.scales[name.at(-1)] = checked ? "log" : "linear";
    else if (["x", "y", "size", "colour"].includes(name)) state[name] = chosen;
    else return;
    if (name === "x" || name === "y") delete state.scales[name];
    if (name === "board") for (const key of [...state.limits.keys()]) if (!offers(key, chosen)) state.limits.delete(key);
    if (name !== "size" && name !== "colour") state.view = null;
    tip.hidden = true;
    update();
  });

  // --- one point, by mouse, finger or key ------------------------------------------------------------------------------------
  const describe = (n) => `${amount(state.y, n)} ${axes[state.y].goal}, ${say(axes[state.x].limit, { value: show(plot.x, value(state.x, n)) })}`;
  const interval = (column, n) => (column.low?.[n] == null ? null : make("span", {}, say(words.interval, { what: axes[column.key].goal, low: show(column, column.low[n]), high: showUnit(column, column.high[n]) })));
  const pick = (n, aloud = false) => {
    at = n;
    host.classList.toggle("at", n !== null);
    if (n === null) { tip.hidden = true; later(); return; }
    const facts = ["family", "parameters", "licence"].map((key) => (columns.has(key) ? (key === "family" || key === "licence" ? show(columns.get(key), value(key, n)) : amount(key, n)) : "")).filter(Boolean);
    const bad = value("wrong", n);
    tip.replaceChildren(make("b", {}, link(n)), make("span", {}, describe(n)), ...[plot.x, plot.y].map((column) => interval(column, n)).filter(Boolean),
      make("span", {}, facts.join(" · ")), ...(plot.onIt.has(n) ? [make("span", {}, words.onit)] : []), ...(bad ? [make("span", { class: "bad" }, count(words.bad, bad))] : []));
    tip.hidden = false;
    point();
    const [x, y] = [px(n), py(n)], { offsetWidth: w, offsetHeight: h } = tip;
    tip.style.transform = `translate(${Math.round(Math.max(4, Math.min(x + 14, width - w - 4)))}px, ${Math.round(Math.max(0, y + 14 + h > height ? y - h - 12 : y + 14))}px)`;
    if (aloud) speak(`${table.name(n)}: ${describe(n)}${plot.onIt.has(n) ? `, ${words.onit}` : ""}`);
    later();
  };
  const nearest = (x, y, most) => {
    let [best, least] = [null, most * most];
    for (const n of plot.list) {
      const [a, b] = [px(n) - x, py(n) - y], away = a * a + b * b - (plot.onIt.has(n) ? 30 : 0);
      if (away < least && isSeen(n)) [best, least] = [n, away];
    }
    return best;
  };
  const open = (n) => { location.href = figure.dataset.root + table.page(n); };

  // --- zoom and pan -------------------------------------------------------------------------------------------------------------
  const move = (next) => {
    const [b0, b1, b2, b3] = plot.bounds, [wx, wy] = [next[1] - next[0], next[3] - next[2]];
    const least = [(plot.home[1] - plot.home[0]) / 5000, (plot.home[3] - plot.home[2]) / 5000];
    if (wx < least[0] || wy < least[1]) return;
    const hold = (low, size, from, to) => Math.max(from - size * 0.9, Math.min(low, to - size * 0.1));
    const x0 = hold(next[0], wx, b0, b1), y0 = hold(next[2], wy, b2, b3), [sx, sy] = [Math.min(wx, 2 * (b1 - b0)), Math.min(wy, 2 * (b3 - b2))];
    const top = plot.scales[1] === "error" ? Math.min(SCALES.error[0](100), y0 + sy) : y0 + sy;
    view = [x0, x0 + sx, y0, top];
    tip.hidden = true;
    state.view = unseen(view);
    later();
    keepView();
  };
  let keeping;
  const keepView = () => { clearTimeout(keeping); keeping = setTimeout(() => { remember(null, false); setAddresses(); }, 250); };
  const zoom = (factor, x = width / 2, y = height / 2) => {
    point();
    const fx = view[0] + (x - M.left) / pixels.kx, fy = view[2] + (height - M.bottom - y) / pixels.ky;
    move([fx + (view[0] - fx) * factor, fx + (view[1] - fx) * factor, fy + (view[2] - fy) * factor, fy + (view[3] - fy) * factor]);
  };
  const showAll = () => { view = [...plot.home]; state.view = null; tip.hidden = true; later(); keepView(); };
  const pan = (dx, dy) => { point(); move([view[0] - dx / pixels.kx, view[1] - dx / pixels.kx, view[2] + dy / pixels.ky, view[3] + dy / pixels.ky]); };
  let moved = 0;
  const placeOf = (event) => { const box = host.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  host.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button, a") || event.button > 0) return;
    host.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, placeOf(event));
    if (fingers.size === 1) moved = 0;
  });
  host.addEventListener("pointermove", (event) => {
    const here = placeOf(event), before = fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "mouse" || event.target.closest(".tip, .zoom")) return;
      point();
      const n = nearest(...here, 18);
      if (n !== at) pick(n);
      return;
    }
    const old = [...fingers.values()];
    fingers.set(event.pointerId, here);
    const now = [...fingers.values()], mid = (list) => [(list[0][0] + list[1][0]) / 2, (list[0][1] + list[1][1]) / 2], gap = (list) => Math.hypot(list[0][0] - list[1][0], list[0][1] - list[1][1]);
    moved += Math.hypot(here[0] - before[0], here[1] - before[1]);
    if (now.length === 2) {
      const [a, b] = [mid(old), mid(now)];
      pan(b[0] - a[0], b[1] - a[1]);
      if (gap(now) > 4) zoom(gap(old) / gap(now), ...b);
    } else if (moved > 3) pan(here[0] - before[0], here[1] - before[1]);
  });
  const lift = (event) => {
    const held = fingers.delete(event.pointerId);
    if (held) later();
    if (!held || moved >= 6 || event.type !== "pointerup") return;
    point();
    const n = nearest(...placeOf(event), 28);
    if (n !== null && n === at && event.pointerType === "mouse") open(n); else pick(n, n !== null);
  };
  host.addEventListener("pointerup", lift);
  host.addEventListener("pointercancel", lift);
  host.addEventListener("pointerleave", (event) => { if (!fingers.size && event.pointerType === "mouse") pick(null); });
  host.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== host) return;
    event.preventDefault();
    zoom(Math.exp(Math.max(-80, Math.min(80, event.deltaY)) * 0.003), ...placeOf(event));
  }, { passive: false });
  const ZOOMS = { in: () => zoom(0.7), out: () => zoom(1.4), all: showAll };
  host.addEventListener("click", (event) => ZOOMS[event.target.closest("[data-zoom]")?.dataset.zoom]?.());
  const KEYS = { "+": ZOOMS.in, "=": ZOOMS.in, "-": ZOOMS.out, 0: showAll, Escape: () => pick(null) };
  host.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (KEYS[event.key]) { if (event.key !== "Escape") event.preventDefault(); KEYS[event.key](); return; }
    if (event.target !== host) return;
    if (event.key === "Enter" && at !== null) { open(at); return; }
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const list = event.shiftKey || !plot.front.length ? plot.list : plot.front, here = list.indexOf(at);
    if (!list.length) return;
    const next = list[here < 0 ? (at === null && step < 0 ? list.length - 1 : at === null ? 0 : nextOf(list, step)) : (here + step + list.length) % list.length];
    if (!isSeen(next)) { view = [...plot.home]; state.view = null; keepView(); }
    pick(next, true);
  });
  // From a point that is not on the list to the next on it, by x.
  const nextOf = (list, step) => {
    const x = plot.places[0][at], after = list.findIndex((n) => plot.places[0][n] > x);
    return after < 0 ? list.length - 1 : step > 0 ? after : Math.max(0, after - 1);
  };

  // --- files, print, embedding -----------------------------------------------------------------------------------------------------
  const vector = () => {
    const nodes = [draw("title", {}, sentence()), draw("rect", { width, height, fill: "var(--paper)" }), area.cloneNode(true)];
    point();
    plot.ticks = [ticks(0), ticks(1)];
    const dots = plot.layers.map(({ points, colour, alpha, shape, grow }) => {
      const out = vectorPen();
      for (const n of points) if (isSeen(n)) trace(out, shape, px(n), py(n), radius(n) + grow);
      return draw("path", { fill: `var(${colour})`, "fill-opacity": alpha, d: out.d() });
    });
    const marks = drawOver().filter((node) => node.getAttribute("class") !== "here");
    return draw("svg", { class: "axis picture", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": sentence() }, ...nodes, draw("path", { class: "grid", d: grid() }), draw("g", { "clip-path": "url(#plot-area)" }, ...dots), ...drawAxes(), draw("g", { "clip-path": "url(#plot-area)" }, ...marks));
  };
  const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linejoin", "font-size", "font-family", "font-weight", "text-anchor", "paint-order"];
  const standalone = () => {
    const picture = vector(), shelf = make("div", { class: "shelf" }, picture);
    document.body.append(shelf);
    for (const node of picture.querySelectorAll("path, rect, text, circle")) {
      const own = getComputedStyle(node);
      node.setAttribute("style", STYLES.map((name) => `${name}:${own.getPropertyValue(name)}`).join(";"));
      for (const name of ["class", "fill"]) node.removeAttribute(name);
    }
    shelf.remove();
    for (const [name, own] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", width, height })) picture.setAttribute(name, own);
    for (const name of ["class", "role", "aria-label"]) picture.removeAttribute(name);
    return new XMLSerializer().serializeToString(picture);
  };
  const FILES = {
    svg: () => zoo.save(new Blob([standalone()], { type: "image/svg+xml" }), "models.svg"),
    png: () => {
      const image = new Image();
      image.onload = () => {
        const sheet = make("canvas", { width: Math.round(width * 2), height: Math.round(height * 2) });
        sheet.getContext("2d").drawImage(image, 0, 0, sheet.width, sheet.height);
        sheet.toBlob((blob) => zoo.save(blob, "models.png"));
      };
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone())}`;
    },
  };
  for (const button of document.querySelectorAll("[data-file]")) button.addEventListener("click", FILES[button.dataset.file]);
  const setAddresses = () => {
    const own = compose();
    own.delete("embed");
    const back = part("back");
    back.href = `${location.pathname}${own.size ? `?${own}` : ""}`;
    own.set("embed", "1");
    const source = `${location.origin}${location.pathname}?${own}`.replaceAll("&", "&amp;");
    part("embed").textContent = `<iframe src="${source}" width="900" height="620" title="${sentence().replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)}"></iframe>`;
  };
  let closed = false;
  const paper = (prints) => {
    if (prints) part("paper").replaceChildren(vector());
    if (prints) closed ||= !part("listing").open;
    if (closed) part("listing").open = prints;
    closed &&= prints;
  };
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  matchMedia("print").addEventListener("change", (event) => paper(event.matches));

  const remember = zoo.keepAddress(compose, (asked) => { parse(asked); refresh(true); });
  parse(query);
  refresh();
  fit();
  figure.classList.add("ready");
  new ResizeObserver(fit).observe(host);
  addEventListener("scheme", fit);
})();
