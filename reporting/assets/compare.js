// Two to four models side by side: which one for what, in words first. The chosen models stand in the address; numbers come
// from models.json, claims and settings from the models' own JSON.
(async () => {
  "use strict";

  const place = document.getElementById("compare");
  if (!place) return;
  const { say, make, draw } = zoo;
  const page = JSON.parse(document.getElementById("compare-data").textContent);
  const word = (key, values) => say(page.words[key], values);
  const node = (name) => document.querySelector(`[data-compare="${name}"]`);
  const parts = { title: node("title"), chips: node("chips"), add: node("add"), status: node("status"), start: node("start"), lead: node("lead") };
  const MOST = 4, SIGN = "−", CLOSE = 1.05; // reported times that differ by less decide nothing
  const SHAPES = [
    (x, y, r) => draw("circle", { cx: x, cy: y, r }),
    (x, y, r) => draw("path", { d: `M${x} ${y - 1.1 * r}l${1.1 * r} ${2 * r}h${-2.2 * r}z` }),
    (x, y, r) => draw("rect", { x: x - r * 0.9, y: y - r * 0.9, width: 1.8 * r, height: 1.8 * r }),
    (x, y, r) => draw("path", { d: `M${x} ${y - 1.25 * r}l${1.25 * r} ${1.25 * r} ${-1.25 * r} ${1.25 * r} ${-1.25 * r} ${-1.25 * r}z` }),
  ];
  const shape = (n, x, y, r) => { const mark = SHAPES[n](x, y, r); mark.setAttribute("fill", `var(--c${n + 1})`); return mark; };
  const title = document.title.split(" - ").pop();
  const ready = () => document.documentElement.classList.remove("comparing");

  let table;
  try {
    table = await zoo.load(place.dataset.models);
  } catch (error) {
    parts.status.textContent = word("failed", { name: "models.json", reason: error.message });
    return ready();
  }

  // --- words --------------------------------------------------------------------------------------------------------
  const name = (n) => table.name(n);
  const join = (texts, key = "and") => (texts.length < 2 ? texts.join("") : word(key, { first: texts.slice(0, -1).join(page.words.comma), last: texts.at(-1) }));
  const names = (models, key) => join(models.map(name), key);
  const column = (key) => table.columns.get(key);
  const shown = (key, n) => zoo.showUnit(column(key), table.value(key, n));
  const label = (key) => page.columns[key]?.label ?? column(key)?.label ?? key;
  // A metric inside a sentence: top-1.
  const metricWord = (key) => label(key).replace(/^Top/, "top");
  // How much more: "+11 %", "−0.4 %", "×12".
  const more = (a, b) => {
    const times = a / b;
    if (times >= 10) return `×${zoo.number(times, 0)}`;
    const share = 100 * (times - 1), text = zoo.number(Math.abs(share), Math.abs(share) < 1 ? 1 : 0);
    return `${share < 0 ? SIGN : "+"}${text}\u00a0%`;
  };

  // --- what is compared ---------------------------------------------------------------------------------------------
  const isMetric = (c) => c.board !== undefined && c.better !== 0 && !c.key.startsWith("reference_");
  const isShare = (c) => c.unit === "%"; // of what else is no share, nothing tells which difference is chance
  const having = (key, models) => models.filter((n) => table.value(key, n) !== null);
  // The first accuracy of the leaderboard that most of the models are on: all of one data set; nothing where no two are.
  const metricOf = (models) => {
    const boards = new Map();
    for (const c of [...table.columns.values()].filter(isMetric)) {
      const count = having(c.key, models).length, before = boards.get(c.board) ?? { most: 0, first: null };
      boards.set(c.board, { most: Math.max(before.most, count), first: before.first ?? (count > 1 ? c : null) });
    }
    return [...boards.values()].reduce((a, b) => (b.most > a.most ? b : a), { most: 1, first: null }).first;
  };
  const apart = (c, a, b) => isShare(c) && zoo.tellsApart(table.value(c.key, a), table.value(c.key, b), c.images);
  const isHere = (c, n) => table.standing(c.key, n) === "right";
  // The one best in a quantity, where it is the only one and the difference means something.
  const winner = (c, models) => {
    const known = having(c.key, models);
    if (known.length < 2) return null;
    const [best, ...others] = known.sort((a, b) => c.better * (table.value(c.key, b) - table.value(c.key, a)));
    const beats = (other) => {
      if (table.value(c.key, best) === table.value(c.key, other)) return false;
      if (isMetric(c)) return apart(c, best, other);
      return !c.low?.[best] || !c.low[other] || c.low[best] > c.high[other] || c.high[best] < c.low[other];
    };
    return others.every(beats) ? best : null;
  };
  const timed = (models) => [...table.columns.values()].filter((c) => c.key.startsWith("latency-"))
    .sort((a, b) => having(b.key, models).length - having(a.key, models).length);

  // --- the models' own JSON: all that is read of it stands here ------------------------------------------------------
  const CLAIM = ["key", "quantity", "publisher", "claimed", "printed", "unit", "dataset", "conditions", "anchor", "standing", "use_text", "words"];
  const readFile = ({ claims = {}, shared = {}, preprocessing = [], recipe = {}, builder = "", resolved = "", another = "", licence = "" }) => ({
    claims: (claims.key ?? []).map((_, n) => Object.fromEntries(CLAIM.map((field) => {
      const value = claims[field]?.[n] ?? null;
      return [field, typeof value === "number" && shared[field] ? shared[field][value] : value];
    }))),
    settings: new Map(preprocessing.map((setting) => [setting.name, setting.configuration ?? setting.index])),
    builder, resolved, another, licence, trainedOn: recipe["Training Data"] ?? "",
  });
  const files = new Map();
  const loadFile = async (n) => {
    if (files.has(n)) return;
    files.set(n, readFile(await zoo.fetchJson(`${place.dataset.files}/${encodeURIComponent(table.slugs[n])}.json`)));
  };
  const fileOf = (n) => files.get(n) ?? readFile({});

  // Reported times of one publisher under the same conditions, by model; those of single images first.
  const reported = (models) => {
    const groups = new Map();
    for (const n of models) {
      for (const claim of fileOf(n).claims) {
        if (claim.unit !== "ms" || claim.standing === "wrong" || !claim.conditions) continue;
        const { corrected, mode, ...conditions } = claim.conditions;
        const key = JSON.stringify([claim.key, claim.publisher, Object.entries(conditions).sort()]);
        const group = groups.get(key) ?? { publisher: claim.publisher, conditions, values: new Map() };
        groups.set(key, group);
        if (!group.values.has(n)) group.values.set(n, claim.claimed);
      }
    }
    const several = [...groups.values()].filter((group) => group.values.size > 1).map((group) => ({ ...group, hardware: group.conditions.hardware ?? word("some_machine") }));
    several.sort((a, b) => (a.conditions["batch size"] ?? 1) - (b.conditions["batch size"] ?? 1) || b.values.size - a.values.size
      || Object.keys(a.conditions).length - Object.keys(b.conditions).length);
    const taken = new Set();
    return several.filter(({ hardware }) => !taken.has(hardware) && taken.add(hardware)).slice(0, 2);
  };
  const fastest = (group) => {
    const [first, second] = [...group.values].sort((a, b) => a[1] - b[1]);
    return second[1] >= CLOSE * first[1] ? first[0] : null;
  };
  const setup = ({ hardware, precision, engine, "batch size": batch, "input size": input, ...others }) =>
    [[hardware, precision].filter(Boolean).join(" "), engine, batch && word("batch", { batch }), ...Object.values(others)].filter(Boolean).join(", ");

  // --- the answer in words ------------------------------------------------------------------------------------------
  const paragraph = (lead, ...sentences) => make("p", {}, make("b", {}, lead), ` ${sentences.filter(Boolean).join(" ")}`);

  // One line for each model but the cheapest: what it gains, and what it costs more.
  const trades = (models, metric) => {
    const alike = metric ? having(metric.key, models) : models;
    const counted = having("macs", alike).sort((a, b) => table.value("macs", a) - table.value("macs", b));
    const [base, ...others] = counted;
    return others.map((n) => {
      const costs = ["macs", "parameters"].filter((key) => table.value(key, base) && table.value(key, n)).map((key) => (
        table.value(key, n) === table.value(key, base) ? word(`equal_${key}`) : word(`more_${key}`, { more: more(table.value(key, n), table.value(key, base)) })));
      const values = { model: name(n), base: name(base), costs: costs.join(page.words.comma) };
      if (!metric || !isShare(metric)) return word("trade_costs", values);
      const gain = table.value(metric.key, n) - table.value(metric.key, base);
      const points = word("points", { points: `${gain < 0 ? SIGN : "+"}${zoo.number(Math.abs(gain), 2)}` });
      return word(apart(metric, n, base) ? "trade" : "trade_same", { ...values, points, images: zoo.number(metric.images ?? zoo.FEW_IMAGES, 0) });
    });
  };

  // What a model that is not compared has of its own: an accuracy of another data set.
  const ownAccuracy = (n, data) => {
    const claim = fileOf(n).claims.find((one) => typeof one.claimed === "number" && one.dataset && one.dataset !== data && one.standing !== "wrong" && !one.key.startsWith("reference_"));
    return claim ? word("own_metric", { model: name(n), value: claimText(claim), metric: (page.labels[claim.key] ?? claim.quantity).replace(/^Top/, "top"), data: claim.dataset }) : "";
  };
  const sayAccuracy = (models, metric) => {
    if (!metric) {
      const own = models.map((n) => ownAccuracy(n, null)).filter(Boolean);
      return [own.length > 1 ? paragraph(word("unlike"), `${own.join("; ")}.`) : paragraph(word("no_accuracy"), word("no_accuracy_why"))];
    }
    const known = having(metric.key, models), best = winner(metric, models);
    const sorted = known.sort((a, b) => metric.better * (table.value(metric.key, b) - table.value(metric.key, a)));
    const images = zoo.number(metric.images ?? zoo.FEW_IMAGES, 0);
    const missing = models.filter((n) => !known.includes(n));
    const wrong = missing.filter((n) => table.standing(metric.key, n) === "wrong");
    const strangers = missing.filter((n) => !wrong.includes(n)).map((n) => [n, ownAccuracy(n, metric.dataset)]), without = strangers.filter(([, own]) => !own).map(([n]) => n);
    const lacks = [wrong.length ? word("wrong_metric", { models: names(wrong), metric: metricWord(metric.key) }) : "",
      without.length ? word("lacks", { models: names(without), metric: metricWord(metric.key) }) : "",
      ...strangers.filter(([, own]) => own).map(([, own]) => word("stranger", { own }))].filter(Boolean).join(" ");
    const value = (n) => word("value", { model: name(n), value: shown(metric.key, n) });
    const all = { values: join(sorted.map(value)), metric: label(metric.key), data: metric.dataset || word("no_data") };
    if (!isShare(metric)) return [paragraph(word("no_accuracy"), word("alike_values", all), word("no_share"), lacks)];
    const least = zoo.number(zoo.leastDifference(table.value(metric.key, sorted[0]), metric.images), 2);
    const limit = word(metric.images ? "limit" : "limit_unknown", { images, least });
    const [first, second] = sorted;
    const by = [...new Set(known.map((n) => table.publisher(metric.key, n)).filter(Boolean))];
    if (best !== null) {
      const points = zoo.number(Math.abs(table.value(metric.key, first) - table.value(metric.key, second)), 2);
      const how = isHere(metric, first) ? "best_here" : by.length > 1 ? "best_several" : "best";
      return [paragraph(word("for_accuracy", { model: name(best) }), word(how, { value: shown(metric.key, first), metric: metricWord(metric.key), data: metric.dataset || word("no_data"), points, second: name(second), publisher: table.publisher(metric.key, first), publishers: join(by) }), limit, lacks)];
    }
    const alike = sorted.filter((n) => n === first || !apart(metric, first, n));
    const cheapest = winner(column("macs") ?? { key: "macs" }, alike);
    return [paragraph(word("accuracy_alike", { models: names(alike) }), word("alike_values", { ...all, values: join(alike.map(value)) }), limit,
      cheapest !== null ? word("alike_cheapest", { model: name(cheapest), cost: shown("macs", cheapest) }) : "", lacks)];
  };

  const sayCosts = (models) => {
    const keys = ["macs", "parameters"].filter((key) => column(key) && having(key, models).length > 1);
    const missing = models.filter((n) => ["macs", "parameters"].some((key) => table.value(key, n) === null));
    const lacks = missing.length ? word("costs_missing", { models: names(missing) }) : "";
    if (!keys.length) return [paragraph(word("no_costs"), word("no_costs_why", { model: name(models.find((n) => table.value("macs", n) === null) ?? models[0]) }))];
    const won = keys.map((key) => [key, winner(column(key), models)]).filter(([, n]) => n !== null);
    if (!won.length) return [paragraph(word("costs_equal"), `${join(keys.map((key) => word(`cost_${key}`, { cost: shown(key, having(key, models)[0]) })))}.`, lacks)];
    const cost = ([key, n]) => word(`cost_${key}`, { cost: shown(key, n) });
    if (won.length === 2 && won[0][1] === won[1][1]) return [paragraph(word("for_costs", { model: name(won[0][1]) }), word("costs_least", { costs: join(won.map(cost)) }), lacks)];
    return [paragraph(won.map(([key, n]) => word(`for_${key}`, { model: name(n) })).join(" "), word("costs_least", { costs: join(won.map(cost)) }), lacks)];
  };

  const sayLatency = (models) => {
    const [c] = timed(models), known = c ? having(c.key, models) : [];
    if (known.length > 1) {
      const best = winner(c, models), [first, second] = known.sort((a, b) => table.value(c.key, a) - table.value(c.key, b));
      const values = { device: label(c.key), setup: c.setup ?? "", ms: shown(c.key, first), second: name(second), other: shown(c.key, second) };
      const missing = models.filter((n) => !known.includes(n));
      const lacks = missing.length ? word("not_timed", { models: names(missing) }) : "";
      return [best !== null ? paragraph(word("for_latency", { model: name(best), ...values }), word("latency_best", values), lacks)
        : paragraph(word("latency_alike"), word("latency_alike_why", { models: names(known), values: join(known.map((n) => word("value", { model: name(n), value: shown(c.key, n) }))), setup: values.setup }), lacks)];
    }
    const groups = reported(models);
    if (!groups.length) return [paragraph(word("no_latency"), word(known.length ? "no_latency_one" : "no_latency_why", { model: name(known[0] ?? models.find((n) => !fileOf(n).another) ?? models[0]) }))];
    const byModel = new Map();
    for (const group of groups) byModel.set(fastest(group), [...(byModel.get(fastest(group)) ?? []), group]);
    return [...byModel].map(([n, own]) => {
      const [group] = own, [[first, ms], [second, other]] = [...group.values].sort((a, b) => a[1] - b[1]);
      const missing = models.filter((model) => !group.values.has(model));
      const lacks = missing.length ? word("not_reported_of", { models: names(missing) }) : "";
      const values = { publisher: group.publisher, model: name(first), ms: time(ms), second: name(second), other: time(other), setup: setup(group.conditions) };
      const hardware = join([...new Set(own.map((one) => one.hardware))], "or");
      return paragraph(n === null ? word("reported_alike", { hardware }) : word("for_reported", { hardware, model: name(n) }), word("reported", values), lacks);
    });
  };
  const time = (ms) => `${Number(ms.toPrecision(3))} ms`;

  const note = (models, metric, others) => {
    const texts = [word("rule")];
    if (metric) texts.push(having(metric.key, models).every((n) => isHere(metric, n)) ? word("run_here") : word("not_run_here"), word("interval"));
    if (others.length) texts.push(word("grey", { families: join([...new Set(models.map((n) => table.value("family", n)))]) }));
    for (const n of models) if (fileOf(n).another) texts.push(word("another", { model: name(n), another: fileOf(n).another }));
    return make("p", { class: "note" }, texts.join(" "));
  };

  // --- the chart ----------------------------------------------------------------------------------------------------
  const spots = (models, metric) => having("macs", having(metric.key, models)).map((n) => ({ n, x: table.value("macs", n) / 1e9, y: table.value(metric.key, n) }));
  // Others of their families, as far as they are near.
  const neighbours = (models, own, metric) => {
    const families = new Set(models.map((n) => table.value("family", n)));
    const xs = own.map((s) => s.x), ys = own.map((s) => s.y), room = isShare(metric) ? 6 : 2 * (Math.max(...ys) - Math.min(...ys)) || 1;
    return spots([...Array(table.count).keys()].filter((n) => families.has(table.value("family", n)) && !models.includes(n)), metric)
      .filter((s) => s.x > Math.min(...xs) / 6 && s.x < Math.max(...xs) * 6 && s.y > Math.min(...ys) - room && s.y < Math.max(...ys) + room);
  };
  const powers = (low, high) => {
    const all = [];
    for (let power = -4; power < 5; power++) for (const factor of [1, 2, 5]) all.push(Number(`${factor}e${power}`));
    const inside = all.filter((tick) => tick >= low && tick <= high);
    return inside.length > 6 ? inside.filter((tick) => String(tick).replace(/[0.]/g, "")[0] === "1") : inside;
  };
  const chart = (models, metric, own, others) => {
    const isNarrow = matchMedia("(max-width: 719px)").matches;
    const [width, height, left, right, top, bottom] = isNarrow ? [358, 260, 32, 8, 16, 44] : [560, 340, 36, 12, 16, 44];
    const all = [...own, ...others];
    const x0 = Math.min(...all.map((s) => s.x)) / 1.25, x1 = Math.max(...all.map((s) => s.x)) * 1.25;
    const ys = all.map((s) => s.y), span = Math.max(...ys) - Math.min(...ys) || 1;
    const y0 = Math.min(...ys) - span * 0.1, y1 = Math.max(...ys) + span * 0.1;
    const px = (x) => left + (width - left - right) * Math.log(x / x0) / Math.log(x1 / x0);
    const py = (y) => top + (height - top - bottom) * (y1 - y) / (y1 - y0);
    const power = 10 ** Math.floor(Math.log10((y1 - y0) / 5)), step = [1, 2, 5, 10].map((factor) => factor * power).find((s) => (y1 - y0) / s <= 5) ?? 10 * power;
    const svg = draw("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": word("chart", { models: names(models), metric: label(metric.key) }) });
    const text = (x, y, content, attributes) => draw("text", { x: x.toFixed(1), y: y.toFixed(1), ...attributes }, content);
    for (let tick = Math.ceil(y0 / step) * step; tick <= y1; tick += step) {
      svg.append(draw("path", { class: "grid", d: `M${left} ${py(tick).toFixed(1)}H${width - right}` }), text(left - 8, py(tick) + 4, String(Number(tick.toPrecision(6))), { class: "faint", "text-anchor": "end" }));
    }
    for (const tick of powers(x0, x1)) svg.append(text(px(tick), height - bottom + 18, String(tick), { class: "faint", "text-anchor": "middle" }));
    svg.append(text(width - right, height - 4, word("x_axis"), { class: "faint", "text-anchor": "end" }), text(0, height - 4, word("y_axis", { metric: [label(metric.key), zoo.unit(metric).text].filter(Boolean).join(page.words.comma) }), { class: "faint" }));
    for (const s of others) svg.append(draw("circle", { class: "other", cx: px(s.x).toFixed(1), cy: py(s.y).toFixed(1), r: 3 }, draw("title", {}, name(s.n))));
    const boxes = own.map((s) => [px(s.x) - 7, py(s.y) - 7, px(s.x) + 7, py(s.y) + 7]);
    for (const s of own) {
      const at = models.indexOf(s.n), x = px(s.x), y = py(s.y);
      if (metric.images) {
        const [low, high] = zoo.wilsonInterval(s.y / 100, metric.images);
        svg.append(draw("path", { class: "whisker", d: `M${x.toFixed(1)} ${py(100 * high).toFixed(1)}V${py(100 * low).toFixed(1)}`, stroke: `var(--c${at + 1})` }));
      }
      svg.append(shape(at, x, y, 6.5));
    }
    // A name stands where it meets no other name and no mark: right, left, below or above of its own.
    for (const s of own) {
      const x = px(s.x), y = py(s.y), lines = isNarrow ? [name(s.n)] : [name(s.n), `${zoo.showUnit(metric, s.y)}, ${shown("macs", s.n)}`];
      const long = Math.max(...lines.map((line) => line.length)) * 6.6, tall = lines.length * 16;
      const tries = [[x + 13, y - 8, "start"], [x - 13, y - 8, "end"], [x + 13, y + 10, "start"], [x - 13, y + 10, "end"], [x + 13, y - tall - 4, "start"], [x - 13, y - tall - 4, "end"]];
      const box = ([tx, ty, anchor]) => (anchor === "start" ? [tx, ty, tx + long, ty + tall] : [tx - long, ty, tx, ty + tall]);
      const cost = (place) => {
        const [l, t, r, b] = box(place);
        return (l < 0 || r > width || t < 0 || b > height - bottom + 4 ? 10 : 0) + boxes.filter((o) => o[0] < r && o[2] > l && o[1] < b && o[3] > t).length;
      };
      const chosenPlace = tries.reduce((a, b) => (cost(b) < cost(a) ? b : a));
      boxes.push(box(chosenPlace));
      const [tx, ty, anchor] = chosenPlace;
      lines.forEach((line, at) => svg.append(text(tx, ty + 12 + 16 * at, line, { class: at ? "halo" : "strong halo", "text-anchor": anchor })));
    }
    const missing = models.filter((n) => !own.some((s) => s.n === n));
    return make("figure", {}, svg, missing.length ? make("figcaption", {}, word("not_drawn", { models: names(missing) })) : null);
  };

  // --- side by side: a panel for each quantity, a bar for each model ------------------------------------------------
  const panel = (heading, about, rows, base = 0) => {
    const most = Math.max(...rows.map((row) => row.value ?? 0));
    return make("table", { class: "panel" },
      make("caption", {}, make("b", {}, heading), " ", make("span", { class: "quiet" }, about)),
      make("tbody", {}, ...rows.map(({ n, at, value, text, none, best }) => make("tr", {}, make("th", { scope: "row" }, name(n)),
        ...(value === null || value === undefined ? [make("td", { class: "quiet", colspan: 2 }, none)] : [
          make("td", { class: "barcell" }, make("i", { style: `width:${(100 * Math.max(0.02, (value - base) / (most - base || 1))).toFixed(1)}%;background:var(--c${at + 1})` })),
          make("td", { class: "num" }, best ? make("b", {}, text) : text, ...(best ? [" ", make("span", { class: "best" }, best)] : [])),
        ])))));
  };
  const columnPanel = (models, c, about, none) => {
    const best = winner(c, models), values = having(c.key, models).map((n) => table.value(c.key, n));
    const low = Math.min(...values), high = Math.max(...values);
    const base = isMetric(c) && isShare(c) && low > 0 ? Math.max(0, Math.floor(low - Math.max(1, (high - low) * 0.6))) : 0;
    const parts = [zoo.unit(c).text, ...about, base ? word("bars_from", { base }) : ""].filter(Boolean);
    if (isMetric(c) && isShare(c) && best === null && values.length > 1) parts.push(word("no_best", { images: zoo.number(c.images ?? zoo.FEW_IMAGES, 0) }));
    return panel(label(c.key), parts.join(page.words.comma), models.map((n, at) => ({
      n, at, value: table.value(c.key, n), text: zoo.show(c, table.value(c.key, n)), best: n === best ? word("best_mark") : "",
      none: word(table.standing(c.key, n) === "wrong" ? "wrong" : none),
    })), base);
  };
  const panels = (models, metric) => {
    const made = [];
    if (metric) made.push(columnPanel(models, metric, [metric.dataset, having(metric.key, models).every((n) => isHere(metric, n)) ? word("evaluated") : word("published")], "no_claim"));
    for (const key of ["macs", "parameters"]) if (column(key)) made.push(columnPanel(models, column(key), [word("measured")], "not_measured"));
    const [latency] = timed(models);
    if (latency && having(latency.key, models).length) {
      made.push(columnPanel(models, latency, [latency.setup], "not_measured"));
      const memory = column(latency.key.replace("latency-", "memory-"));
      if (memory) made.push(columnPanel(models, memory, [memory.setup], "not_measured"));
    }
    for (const group of reported(models)) {
      const best = fastest(group);
      made.push(panel(word("reported_latency", { hardware: group.hardware }), word("reported_about", { publisher: group.publisher, setup: setup(group.conditions) }),
        models.map((n, at) => ({ n, at, value: group.values.get(n) ?? null, text: String(Number((group.values.get(n) ?? 0).toPrecision(3))), none: word("not_reported"), best: n === best ? word("least_reported") : "" }))));
    }
    if (!made.length) return null;
    return make("section", { class: "section" }, make("header", {}, make("h2", {}, word("side_by_side"))), make("div", { class: "panels" }, ...made));
  };

  // --- what differs -------------------------------------------------------------------------------------------------
  const claimText = (claim) => {
    const { claimed, unit, printed } = claim;
    if (typeof claimed !== "number") return Array.isArray(claimed) ? claimed.join("×") : printed;
    if (unit === "%") return `${/^0?\.\d+$/.test(printed) ? Number(claimed.toFixed(3)) : Number(claimed.toPrecision(6))} %`;
    for (const [size, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (claimed >= size && ["operations", "parameters", "bytes", "elements"].includes(unit)) return `${zoo.number(claimed / size, 2)} ${letter}${unit === "bytes" ? "B" : ""}`;
    return Number.isInteger(claimed) && /^\d+$/.test(printed) ? zoo.number(claimed, 0) : printed;
  };
  const quiet = (text) => make("span", { class: "quiet" }, text);
  const claimCell = (n, claim) => {
    if (!claim) return [quiet(word("no_claim"))];
    const why = claim.words?.[page.language] ?? claim.words?.en;
    const href = `${place.dataset.root}${table.page(n)}#${claim.anchor}`;
    const number = claim.standing === "wrong" ? make("span", { class: "fix" }, make("del", {}, claimText(claim)), claim.use_text ? " " : null, claim.use_text ? make("ins", {}, claim.use_text) : null) : make("span", { class: "nowrap" }, claimText(claim));
    return [zoo.standing(claim.standing, word(claim.standing)), " ", number, why ? make("small", {}, make("a", { href }, why)) : null];
  };
  // What has a row of its own, or says nothing about which model is better.
  const SKIPPED = new Set(["id", "builder", "weights", "image_size", "crop_pct", "crop_mode", "interpolation", "mean", "std", "inference_time", "paper"]);
  const claimRows = (models) => {
    const rows = new Map();
    models.forEach((n, at) => {
      for (const claim of fileOf(n).claims) {
        if (claim.unit === "ms" || (SKIPPED.has(claim.key) && claim.standing !== "wrong")) continue;
        const { corrected, ...conditions } = claim.conditions ?? {};
        const key = JSON.stringify([claim.key, claim.publisher, claim.dataset, Object.entries(conditions).sort()]);
        if (!rows.has(key)) rows.set(key, { quantity: claim.key, heading: [page.labels[claim.key] ?? claim.quantity, claim.dataset, ...Object.values(conditions), claim.publisher].filter(Boolean).join(", "), claims: models.map(() => null) });
        rows.get(key).claims[at] ??= claim;
      }
    });
    const order = [...new Set([...rows.values()].map((row) => row.quantity))];
    return [...rows.values()].sort((a, b) => order.indexOf(a.quantity) - order.indexOf(b.quantity)).map(({ quantity, heading, claims }) => ({
      quantity, heading, cells: claims.map((claim, at) => claimCell(models[at], claim)), keys: claims.map((claim) => claim && `${claim.standing} ${claimText(claim)}`),
    }));
  };
  // "[0.48627450980392156, 0.4588, 0.408]" is ".486 .459 .408".
  const settingText = (text, setting) => {
    if (setting.startsWith("Image size") && /^\d+$/.test(text)) return `${text}×${text}`;
    if (!/^\[[\d.,\s-]+\]$|^-?\d[\d.]*(, ?-?\d[\d.]*)+$/.test(text)) return text.replace(/^(\d+)x(\d+)$/, "$1×$2");
    return text.replace(/[[\]]/g, "").split(",").map((part) => String(Number(Number(part).toFixed(3))).replace(/^(-?)0\./, "$1.")).join(" ");
  };
  const LOAD = {
    timm: (model) => `timm.create_model("${model}", pretrained=True)`,
    torchvision: (model) => `torchvision.models.get_model("${model}", weights="DEFAULT")`,
  };
  const loadCell = (n) => {
    const { builder, resolved, another } = fileOf(n), [kind] = builder.split(":"), built = builder.slice(kind.length + 1);
    const link = make("a", { href: `${place.dataset.root}${table.page(n)}#code` }, word("code"));
    if (another) return [quiet(word("another", { model: name(n), another })), " ", link];
    const model = kind === "timm" && resolved && resolved.split(".")[0] === built.split(".")[0] ? resolved : built;
    return LOAD[kind] && /^[\w.-]+$/.test(model) ? [make("code", {}, LOAD[kind](model)), " ", link] : [link];
  };
  const factRows = (models) => {
    const plain = (heading, values) => ({ heading, keys: values, cells: values.map((value) => [value || quiet(word("not_stated"))]) });
    const settings = [...new Set(models.flatMap((n) => [...fileOf(n).settings.keys()]))];
    return [
      ...settings.map((setting) => plain(page.settings[setting.toLowerCase().replaceAll(" ", "_")] ?? setting, models.map((n) => settingText(fileOf(n).settings.get(setting) ?? "", setting)))),
      plain(word("training_data"), models.map((n) => fileOf(n).trainedOn)),
      plain(word("licence"), models.map((n) => table.value("licence", n) ?? fileOf(n).licence)),
      plain(word("family"), models.map((n) => table.value("family", n) ?? "")),
      { heading: word("load"), keys: models.map((n) => table.slugs[n]), cells: models.map(loadCell) },
    ].filter((row) => row.keys.some(Boolean));
  };
  let isAll = false;
  const differences = (models) => {
    const rows = [...claimRows(models), ...factRows(models)];
    // Nothing differs where all say the same, where only one says something, or where it is of the paper's model; but for
    // what is wrong.
    const isSame = ({ quantity = "", keys }) => new Set(keys.map((key) => key || "")).size === 1
      || ((keys.filter(Boolean).length < 2 || quantity.startsWith("reference_")) && !keys.some((key) => key?.startsWith("wrong ")));
    const body = rows.map((row) => make("tr", { "data-equal": isSame(row), hidden: isSame(row) && !isAll }, make("th", { scope: "row" }, row.heading), ...row.cells.map((cell, at) => make("td", { "data-name": name(models[at]) }, ...cell))));
    const box = make("input", { type: "checkbox", checked: isAll, on: { change: () => { isAll = box.checked; remember(null, false); for (const row of body) row.hidden = row.hasAttribute("data-equal") && !isAll; } } });
    const heads = models.map((n, at) => make("th", { scope: "col" }, draw("svg", { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" }, shape(at, 7, 7, 5)), " ", make("a", { class: "plain", href: place.dataset.root + table.page(n) }, name(n))));
    return make("section", { class: "section" },
      make("header", {}, make("h2", {}, word("differs")), make("label", { class: "field no-print" }, box, ` ${word("also_same")}`)),
      make("table", { class: `table diff diff--${models.length}` }, make("thead", {}, make("tr", {}, make("td"), ...heads)), make("tbody", {}, ...body)));
  };

  // --- choosing -----------------------------------------------------------------------------------------------------
  let chosen = [], unknown = [], left = [];
  const address = (models) => `?models=${models.map((n) => table.slugs[n]).join(",")}`;
  const read = (query) => {
    const wanted = [...new Set((query.get("models") ?? "").split(",").filter(Boolean))];
    const meant = wanted.map((text) => table.numbers.get(text) ?? table.names().find((row) => zoo.means(row, text))?.n);
    const all = [...new Set(meant.filter((n) => n !== undefined))];
    unknown = wanted.filter((_, at) => meant[at] === undefined);
    [chosen, left] = [all.slice(0, MOST), all.slice(MOST)];
    isAll = query.get("same") === "1";
  };
  const compose = () => new URLSearchParams([...(chosen.length ? [["models", chosen.map((n) => table.slugs[n]).join(",")]] : []), ...(isAll ? [["same", "1"]] : [])]);
  const remember = zoo.keepAddress(compose, (query) => { read(query); show(); });
  const choose = (models) => { chosen = models; unknown = []; left = []; remember(); show(); };

  // Letters to change until one name is the other.
  const distance = (a, b) => {
    let row = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
      row = next;
    }
    return row.at(-1);
  };
  const suggest = (text) => {
    const found = zoo.find(table.names(), text);
    if (found.length) return found.slice(0, 3).map((row) => row.n);
    const short = text.toLowerCase().slice(0, 60);
    return table.names().map((row) => [distance(short, row[0].toLowerCase()), row.n]).filter(([far]) => far <= Math.max(2, short.length / 3))
      .sort((a, b) => a[0] - b[0]).slice(0, 3).map(([, n]) => n);
  };
  const link = (n, models) => make("a", { href: address(models), on: { click: (event) => { event.preventDefault(); choose(models); } } }, name(n));
  const linked = (models) => models.flatMap((n, at) => [at ? page.words.comma : "", link(n, [...chosen, n].slice(0, MOST))]);
  const messages = (failed) => {
    const lines = [];
    for (const text of unknown) {
      const near = suggest(text).filter((n) => !chosen.includes(n));
      lines.push([word("unknown_name", { name: text }), ...(near.length && chosen.length < MOST ? [` ${word("meant")} `, ...linked(near), "?"] : [])]);
    }
    if (left.length) lines.push([word("too_many", { models: names(left) })]);
    for (const [n, reason] of failed) lines.push([word("failed", { name: name(n), reason })]);
    if (chosen.length === 1) {
      const [own] = chosen, macs = (n) => table.value("macs", n) ?? 0;
      const near = [...Array(table.count).keys()].filter((n) => n !== own && table.value("family", n) === table.value("family", own))
        .sort((a, b) => Math.abs(macs(a) - macs(own)) - Math.abs(macs(b) - macs(own))).slice(0, 3);
      lines.push([word("second"), ...(near.length ? [` ${word("near")} `, ...linked(near)] : [])]);
    }
    parts.status.replaceChildren(...lines.map((line) => make("span", { class: "line" }, ...line)));
  };
  const head = () => {
    const text = chosen.length > 1 ? names(chosen, "question") : chosen.length ? word("one_title", { model: name(chosen[0]) }) : word("title");
    parts.title.textContent = text;
    document.title = `${text} - ${title}`;
    parts.chips.replaceChildren(...chosen.map((n) => {
      const others = chosen.filter((other) => other !== n);
      return make("a", { class: "chip", href: address(others), "aria-label": word("remove", { model: name(n) }),
        on: { click: (event) => { event.preventDefault(); choose(others); parts.add.querySelector("input").focus(); } } }, name(n));
    }));
    const input = parts.add.querySelector("input");
    input.disabled = chosen.length >= MOST;
    input.placeholder = word(input.disabled ? "full" : "add");
    parts.start.hidden = parts.lead.hidden = chosen.length > 0;
  };
  parts.add.addEventListener("pick", (event) => {
    event.preventDefault();
    const { row, text } = event.detail, n = row && table.numbers.get(row[1].replace(/\/$/, ""));
    if (n === undefined || n === null) { unknown = [text]; messages([]); return; }
    if (!chosen.includes(n)) choose([...chosen, n]);
  });

  const result = async () => {
    const models = chosen.slice(), failed = [];
    await Promise.all(models.map((n) => loadFile(n).catch((error) => failed.push([n, error.message]))));
    if (models.join() !== chosen.join()) return;
    messages(failed);
    if (models.length < 2) { place.replaceChildren(); return; }
    const metric = metricOf(models), own = metric && column("macs") ? spots(models, metric) : [];
    const isDrawn = own.length > 1, others = isDrawn ? neighbours(models, own, metric) : [];
    const lines = trades(models, metric);
    const verdicts = make("div", { class: "verdicts" },
      lines.length ? make("ul", { class: "trade" }, ...lines.map((line) => make("li", {}, line))) : null,
      ...sayAccuracy(models, metric), ...sayCosts(models), ...sayLatency(models), note(models, metric, others));
    place.replaceChildren(...[
      make("section", { class: isDrawn ? "cmp" : "cmp cmp--words", "aria-label": word("answer") }, isDrawn ? chart(models, metric, own, others) : null, verdicts),
      panels(models, metric), differences(models)].filter(Boolean));
  };
  const show = async () => {
    try {
      head();
      await result();
    } finally {
      ready();
    }
  };
  matchMedia("(max-width: 719px)").addEventListener("change", show);
  read(new URLSearchParams(location.search));
  await show();
})();
