// Two to four models side by side. What is chosen stands in the address; numbers are those of the models' JSON.
(async () => {
  "use strict";

  const place = document.getElementById("zoo-compare");
  if (!place) return;
  const { rows, verdicts, words } = JSON.parse(document.getElementById("zoo-compare-data").textContent);
  const MOST = 4;
  const { say, make } = zoo;
  const load = zoo.fetchJson;

  let data;
  try {
    data = await zoo.load(place.dataset.models);
  } catch (error) {
    place.append(make("p", {}, say(words.failed, { name: "models.json", reason: error.message })));
    return;
  }
  const all = data.rows();
  const bySlug = new Map(all.map((model) => [model.slug, model]));
  const byName = new Map(all.map((model) => [model.model, model]));
  const files = new Map();

  const wanted = (new URLSearchParams(location.search).get("models") ?? "").split(",");
  let chosen = [...new Set(wanted)].filter((slug) => bySlug.has(slug)).slice(0, MOST);
  let onlyDifferences = new URLSearchParams(location.search).get("differences") === "1";

  const remember = () => {
    const query = new URLSearchParams();
    if (chosen.length) query.set("models", chosen.join(","));
    if (onlyDifferences) query.set("differences", "1");
    const text = query.toString().replaceAll("%2C", ",");
    history.replaceState(history.state, "", location.pathname + (text ? `?${text}` : "") + location.hash);
  };

  // --- numbers ----------------------------------------------------------------------------------------------------
  const STEPS = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const short = (value) => {
    for (const [size, letter] of STEPS) if (Math.abs(value) >= size) return `${(value / size).toFixed(2)} ${letter}`;
    return String(Number(value.toPrecision(4)));
  };
  const UNITS = { operations: "", parameters: "", bytes: "B", "%": "%" };
  const shown = (row, value) => {
    if (value === undefined || value === null) return words.notstated;
    if (typeof value !== "number") return Array.isArray(value) ? value.join(", ") : String(value);
    if (row.unit === "%") return `${value.toFixed(2)}%`;
    return `${short(value)}${UNITS[row.unit] ?? ` ${row.unit}`}`.trim();
  };
  const beside = (row, value, first) => {
    if (value === first) return null;
    const gap = value - first;
    const sign = gap > 0 ? "+" : "−";
    const amount = sign + (row.unit === "%" ? Math.abs(gap).toFixed(2) : shown(row, Math.abs(gap)));
    const share = first && row.unit !== "%" ? ` (${sign}${Math.abs((100 * gap) / first).toFixed(1)}%)` : "";
    return make("small", {}, amount + share);
  };

  // --- which is dominated: over numbers that both have, measured here or claimed by one publisher on one data set ---
  const publisher = (model, key) => model.publishers[key];
  const alike = (row, a, b) => {
    if (typeof a[row.key] !== "number" || typeof b[row.key] !== "number") return false;
    if (row.measured) return true;
    if (row.metric && (!a.datasets[row.key] || a.datasets[row.key] !== b.datasets[row.key])) return false;
    return publisher(a, row.key) === publisher(b, row.key);
  };
  // Only what was measured, and a metric, wins: a claimed cost says how its publisher counts.
  const comparable = (row, a, b) => row.better && (row.measured || row.metric) && alike(row, a, b);
  const dominated = (models) => {
    const found = [];
    for (const model of models) {
      for (const other of models) {
        if (other === model) continue;
        const both = rows.filter((row) => comparable(row, model, other));
        const better = both.filter((row) => row.better * (other[row.key] - model[row.key]) > 0);
        const worse = both.filter((row) => row.better * (other[row.key] - model[row.key]) < 0);
        const worth = both.some((row) => row.metric) && both.some((row) => row.better < 0);
        if (worth && better.length && !worse.length) {
          found.push(say(words.dominated, { model: model.model, by: other.model, what: better.map((row) => row.label).join("; ") }));
          break;
        }
      }
    }
    return found;
  };

  // --- the table ----------------------------------------------------------------------------------------------------
  const line = (label, cells, values, extra = {}) => {
    const differs = new Set(values.map((value) => JSON.stringify(value ?? null))).size > 1;
    return make("tr", { class: differs ? "zoo-differs" : null, hidden: onlyDifferences && values.length > 1 && !differs, ...extra },
      make("th", { scope: "row" }, label), ...cells.map((cell) => make("td", {}, ...[cell].flat())));
  };
  const section = (label, width) => make("tr", { class: "zoo-section" }, make("th", { scope: "colgroup", colspan: width + 1 }, label));

  const quantity = (row, models) => {
    const values = models.map((model) => model[row.key]);
    if (values.every((value) => value === undefined)) return null;
    const having = models.filter((model) => typeof model[row.key] === "number");
    const fair = having.length > 1 && having.every((model) => comparable(row, model, having[0]));
    const best = fair ? Math.max(...having.map((model) => row.better * model[row.key])) : null;
    const cells = models.map((model, n) => {
      const value = values[n];
      const verdict = model.standings[row.key];
      const anchor = verdict ? `#${model.anchors[row.key]}` : row.measured ? "#zoo-evidence" : "";
      const text = shown(row, value);
      const wrong = value === undefined && model.standings[row.key] === "wrong";
      if (wrong) return make("a", { href: place.dataset.root + model.page + anchor }, verdicts[verdict] ?? verdict);
      const number = value === undefined ? make("span", { class: "zoo-none" }, text) : anchor
        ? make("a", { href: place.dataset.root + model.page + anchor }, text) : text;
      const isBest = best !== null && new Set(values).size > 1 && row.better * value === best;
      return [number, isBest ? make("span", { class: "zoo-best" }, ` ${words.best}`) : null, n && alike(row, model, models[0]) ? beside(row, value, values[0]) : null,
        verdict ? make("small", {}, verdicts[verdict] ?? verdict) : null];
    });
    return line(row.label, cells, values);
  };

  const about = (models, records) => {
    const facts = [
      [words.family, models.map((model) => model.family)],
      [words.builder, records.map((record) => record.resolved ?? record.builder)],
      [words.licence, models.map((model) => model.licence)],
      [words.tasks, models.map((model) => (model.tasks ?? []).join(", "))],
      [words.publisher, models.map((model) => model.publisher)],
    ];
    return facts.map(([label, values]) => line(label, values.map((value) => value || make("span", { class: "zoo-none" }, words.notstated)), values));
  };

  const settings = (records) => {
    const names = [...new Set(records.flatMap((record) => (record.preprocessing ?? []).map((each) => each.name)))];
    return names.map((name) => {
      const found = records.map((record) => (record.preprocessing ?? []).find((each) => each.name === name));
      const values = found.map((each) => each && (each.index ?? each.configuration));
      return line(name, values.map((value) => value ?? make("span", { class: "zoo-none" }, words.notstated)), values);
    });
  };

  // Speeds share a row only where all of the set-up is the same.
  const speeds = (records) => {
    const setups = new Map();
    records.forEach((record, n) => {
      for (const speed of record.benchmarks ?? []) {
        if (speed.seconds === undefined) continue;
        const key = JSON.stringify([Object.entries(speed.setup).sort(), speed.mode, speed.batch_size]);
        if (!setups.has(key)) setups.set(key, { speed, values: records.map(() => undefined) });
        setups.get(key).values[n] = speed;
      }
    });
    return [...setups.values()].filter(({ values }) => values.filter(Boolean).length > 1).map(({ speed, values }) => {
      const label = say(words.setup, { machine: speed.machine, engine: speed.engine, precision: speed.precision, mode: speed.mode, batch: speed.batch_size });
      const cells = values.map((each) => (each === undefined ? make("span", { class: "zoo-none" }, words.notstated)
        : [`${Number((each.seconds * 1000).toPrecision(4))} ms`, each.interval
          ? make("small", {}, each.interval.map((end) => Number((end * 1000).toPrecision(4))).join("–") + " ms") : null]));
      return line(label, cells, values.map((each) => each?.seconds));
    });
  };

  const code = (models) => make("tr", {}, make("th", { scope: "row" }, words.code),
    ...models.map((model) => make("td", {}, make("a", { href: `${place.dataset.root}${model.page}#code` }, model.model))));

  const compared = (models, records) => {
    const width = models.length;
    const heads = models.map((model) => make("th", { scope: "col" }, make("a", { href: place.dataset.root + model.page }, model.model), " ",
      make("button", { type: "button", class: "zoo-button", "aria-label": say(words.remove, { model: model.model }),
        on: { click: () => { chosen = chosen.filter((slug) => slug !== model.slug); show(); } } }, "×")));
    const fast = speeds(records);
    const body = make("tbody", {}, section(words.numbers, width), ...rows.map((row) => quantity(row, models)),
      section(words.about, width), ...about(models, records), code(models), section(words.preprocessing, width), ...settings(records),
      section(words.speeds, width), ...(fast.length ? fast : [make("tr", {}, make("td", { colspan: width + 1 }, words.nospeeds))]));
    const label = say(words.table, { models: models.map((model) => model.model).join(", ") });
    return make("div", { class: "zoo-scroll", role: "region", tabindex: 0, "aria-label": label },
      make("table", { class: "zoo-table zoo-compared" }, make("thead", {}, make("tr", {}, make("td", {}), ...heads)), body));
  };

  // --- choosing -----------------------------------------------------------------------------------------------------
  const status = make("p", { role: "status", class: "zoo-compare__verdict" });
  const result = make("div");
  const input = make("input", { type: "text", list: "zoo-names", autocomplete: "off", id: "zoo-add" });
  const form = make("form", { class: "zoo-compare__add", on: { submit: (event) => {
    event.preventDefault();
    const name = input.value.trim();
    const model = byName.get(name) ?? bySlug.get(name);
    if (!name) return;
    if (!model) { status.textContent = say(words.unknown, { name }); return; }
    if (chosen.length >= MOST) { status.textContent = words.full; return; }
    if (!chosen.includes(model.slug)) chosen.push(model.slug);
    input.value = "";
    show();
  } } }, make("label", { for: "zoo-add" }, words.add), input, make("button", { type: "submit", class: "zoo-button" }, words.button),
  make("datalist", { id: "zoo-names" }, ...all.map((model) => make("option", { value: model.model }))));
  const box = make("input", { type: "checkbox", on: { change: () => { onlyDifferences = box.checked; show(); } } });

  const show = async () => {
    remember();
    box.checked = onlyDifferences;
    const wanted = chosen.slice();
    const failed = new Map();
    for (const slug of wanted) {
      if (files.has(slug)) continue;
      try {
        files.set(slug, await load(`${place.dataset.files}/${encodeURIComponent(slug)}.json`));
      } catch (error) {
        failed.set(slug, say(words.failed, { name: bySlug.get(slug).model, reason: error.message }));
      }
    }
    if (wanted.join() !== chosen.join()) return;
    if (failed.size) { // the others stay; who adds it again asks for it again
      chosen = chosen.filter((slug) => !failed.has(slug));
      remember();
    }
    const slugs = chosen.slice();
    const models = slugs.map((slug) => bySlug.get(slug));
    const tell = (...told) => status.replaceChildren(...[...failed.values(), ...told].flatMap((text, n) => (n ? [make("br"), text] : [text])));
    if (models.length < 2) {
      tell(words.few);
      result.replaceChildren(...(models.length ? [compared(models, slugs.map((slug) => files.get(slug)))] : []));
      return;
    }
    const found = dominated(models);
    const better = (a, b) => rows.some((row) => comparable(row, a, b) && row.better * (a[row.key] - b[row.key]) > 0);
    const each = models.every((a) => models.every((b) => a === b || better(a, b)));
    tell(...(found.length ? found : [each ? words.nobody : words.unclear]));
    result.replaceChildren(compared(models, slugs.map((slug) => files.get(slug))));
  };

  place.replaceChildren(form, make("label", { class: "zoo-check" }, box, ` ${words.differences}`), status, result);
  show();
})();
