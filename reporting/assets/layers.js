// The table of a model's layers, loaded from its CSV when a reader opens it.
(() => {
  "use strict";

  const place = document.getElementById("zoo-layers");
  if (!place) return;
  const words = JSON.parse(place.dataset.words);

  // One line of CSV: a quoted cell has its quotes doubled. With a comma before each cell an empty one is a match too.
  const cells = (line) => [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)]
    .map((found) => (found[1] === undefined ? found[2] : found[1].replaceAll('""', '"')));

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  const load = async () => {
    place.removeEventListener("toggle", load);
    try {
      const answer = await fetch(place.dataset.csv);
      if (!answer.ok) throw new Error(String(answer.status));
      const [, ...lines] = (await answer.text()).trimEnd().split("\n").map(cells);
      const head = words.columns.map((text, n) => make("th", n > 1 ? { scope: "col", class: "n" } : { scope: "col" }, text));
      const body = lines.map(([name, ...rest]) => make("tr", {}, make("th", { scope: "row" }, name || words.itself),
        ...rest.map((text, n) => make("td", n ? { class: "n" } : {}, n && n !== 3 ? Number(text).toLocaleString("en") : text))));
      place.append(make("div", { class: "zoo-scroll", role: "region", tabindex: "0", "aria-label": words.label },
        make("table", { class: "zoo-table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body))));
    } catch (error) {
      place.append(make("p", {}, words.failed.replace("%(reason)s", error.message)));
    }
  };
  place.addEventListener("toggle", load);
})();
