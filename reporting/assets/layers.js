// The table of a model's layers, from its JSON, and the same as a CSV file: loaded when a reader opens its part.
(() => {
  "use strict";

  const place = document.getElementById("zoo-layers");
  if (!place) return;
  const words = JSON.parse(place.dataset.words);
  // Characters that nobody sees and that turn the order of a line are shown as a sign, as on every other page.
  const HIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  const seen = (text) => String(text).replace(HIDDEN, "\ufffd");

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  // What the JSON holds as base64 of zlib of their own JSON.
  const unpack = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  };

  // Name and row of each layer: the path down the tree of modules, and the row that it has in common with its like.
  const expand = ({ rows, tree }) => {
    const above = [];
    return tree.flatMap(([depth, name, row]) => {
      above.splice(Math.max(0, depth - 1), Infinity, name);
      return row === null ? [] : [[above.join("."), ...rows[row]]];
    });
  };

  // Layer, type, calls, multiply-adds, share of them in percent, parameters, elements read and written.
  const table = (layers) => {
    const all = expand(layers), whole = all.reduce((sum, row) => sum + row[3], 0) || 1;
    return all.map((row) => [...row.slice(0, 4), (100 * row[3] / whole).toFixed(3), ...row.slice(4)]);
  };

  // A spreadsheet runs a cell that begins as a formula does: an apostrophe in front makes it text.
  const cell = (text) => {
    const safe = /^[=+\-@'\t\r\n]/.test(text) ? `'${text}` : String(text);
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const csv = (rows) => rows.map((row) => `${row.map(cell).join(",")}\n`).join("");

  const load = async () => {
    try {
      const answer = await fetch(place.dataset.json);
      if (!answer.ok) throw new Error(String(answer.status));
      const layers = await unpack((await answer.json()).layers), rows = table(layers);
      const [type, calls, macs, ...rest] = layers.columns;
      const file = new Blob([csv([["layer", type, calls, macs, "share", ...rest], ...rows])], { type: "text/csv" });
      const link = make("a", { href: URL.createObjectURL(file), download: `${location.pathname.split("/").at(-2) || "layers"}.csv` }, words.csv);
      const head = words.columns.map((text, n) => make("th", n > 1 ? { scope: "col", class: "num" } : { scope: "col" }, text));
      const body = rows.map(([name, ...others]) => make("tr", {}, make("th", { scope: "row" }, seen(name) || words.itself),
        ...others.map((text, n) => make("td", n ? { class: "num" } : {}, n && n !== 3 ? Number(text).toLocaleString("en") : seen(text)))));
      place.querySelector("p").replaceChildren(link);
      place.append(make("div", { class: "wrap", role: "region", tabindex: "0", "aria-label": words.label },
        make("table", { class: "table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body))));
    } catch (error) {
      place.append(make("p", {}, words.failed.replace("%(reason)s", error.message)));
    }
  };
  load();
})();
