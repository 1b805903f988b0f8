// What Models, Explore and Compare share: models.json by column, numbers as people read them, and the state in the
// address. Everything is a function of `window.zoo`.
(() => {
  "use strict";
  const zoo = (window.zoo ??= {});

  zoo.say = (text, values = {}) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "").replaceAll("%%", "%");
  // An element with attributes; `on` are listeners, what is true has no value, what is false or nothing is left out.
  zoo.fill = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  };
  zoo.make = (tag, attributes = {}, ...children) => zoo.fill(document.createElement(tag), attributes, children);
  zoo.draw = (tag, attributes = {}, ...children) => zoo.fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // --- models.json ------------------------------------------------------------------------------------------------
  // Characters that nobody sees and that turn the order of a line are shown as a sign, as on every other page.
  const HIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  const STANDINGS = { r: "right", u: "unknown", w: "wrong" };
  zoo.seen = (text) => text.replace(HIDDEN, "\ufffd");
  const seen = (_, value) => (typeof value === "string" ? zoo.seen(value) : value);

  zoo.fetchJson = async (address) => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text(), plain = text.search(HIDDEN) < 0 && !text.includes("\\u"); // as nearly always
    return plain ? JSON.parse(text) : JSON.parse(text, seen);
  };

  // The table of models: a model is its number, 0 to `count` - 1. Values that are unknown, or wrong, are null.
  zoo.table = (data) => {
    const columns = new Map(data.columns.map((column) => [column.key, column]));
    const own = (key, n, name) => {
      const column = columns.get(key);
      return column?.standing && column.standing[n] !== "-" ? column[name] ?? column[`${name}s`]?.[n] : undefined;
    };
    const table = {
      columns, count: data.slugs.length, slugs: data.slugs, aliases: data.aliases, families: data.families, boards: data.boards,
      numbers: new Map(data.slugs.map((slug, n) => [slug, n])), // of a model, by its slug
      value: (key, n) => columns.get(key)?.values[n] ?? null,
      standing: (key, n) => STANDINGS[columns.get(key)?.standing?.[n]] ?? "",
      publisher: (key, n) => own(key, n, "publisher"),
      anchor: (key, n) => own(key, n, "anchor"),
      name: (n) => table.value("model", n),
      page: (n) => `models/${data.slugs[n]}/`,
      // What `zoo.find` looks through: name, page, family, other names; `n` is the model.
      names: () => (table.named ??= data.slugs.map((slug, n) => Object.assign([table.name(n), `${slug}/`, table.value("family", n) ?? "", data.aliases[n]], { n }))),
    };
    return table;
  };
  zoo.load = async (address) => zoo.table(await zoo.fetchJson(address));

  // --- numbers as people read them: one notation and one unit for all of a column ----------------------------------
  const SCALES = { operations: ["G", 1e9, 2], parameters: ["M", 1e6, 2], elements: ["M", 1e6, 2], bytes: ["MB", 1e6, 1], "%": ["%", 1, 2], ms: ["ms", 1, 1], fraction: ["", 1, 3], layers: ["", 1, 0] };
  const NAMES = { macs: "GMACs", flops: "GFLOPs" };
  const formats = new Map();
  zoo.number = (value, digits) => {
    if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
    return formats.get(digits).format(value);
  };
  // Text of the unit, what one of it is, and digits behind the point.
  zoo.unit = (column) => {
    const [text, factor, digits] = SCALES[column.unit] ?? [column.unit, 1, null];
    return { text: NAMES[column.key] ?? text, factor, digits };
  };
  // A value in the unit of its column, without the unit; small costs have four digits: 0.0013.
  zoo.show = (column, value) => {
    if (value === null || value === undefined) return "";
    if (typeof value !== "number") return Array.isArray(value) ? value.join(", ") : column.key === "input" ? String(value).replaceAll("x", "×") : String(value);
    const { factor, digits } = zoo.unit(column), amount = value / factor;
    if (digits === null) return zoo.number(amount, Number.isInteger(amount) ? 0 : Math.abs(amount) < 1 ? 3 : Math.abs(amount) < 10 ? 2 : 1);
    return zoo.number(amount, factor > 1 && Math.abs(amount) < 0.0995 && amount ? 4 : digits);
  };
  zoo.showUnit = (column, value) => {
    const text = zoo.show(column, value), unit = zoo.unit(column).text;
    return text && unit ? `${text} ${unit}` : text;
  };
  // A limit as it is typed, as a number of the column's unit: a comma is a point; null for what is no number above zero.
  zoo.limit = (text) => {
    const plain = String(text ?? "").trim();
    const typed = Number.parseFloat(plain.includes(".") ? plain.replaceAll(",", "") : plain.replace(",", "."));
    return typed > 0 && Number.isFinite(typed) ? typed : null;
  };

  // --- whether the images tell two accuracies apart: zoo.reporting.views.accuracy_difference, whose words say the source ---
  const Z = 1.959964;
  zoo.FEW_IMAGES = 1000; // of a data set whose number of images is not known
  // Wilson's 95 % interval of a share, 0 to 1, of so many images.
  zoo.wilsonInterval = (share, images) => {
    const shrink = 1 + Z * Z / images, middle = (share + Z * Z / (2 * images)) / shrink;
    const half = Z * Math.sqrt(share * (1 - share) / images + (Z / (2 * images)) ** 2) / shrink;
    return [Math.max(0, middle - half), Math.min(1, middle + half)];
  };
  // Newcombe's 95 % interval of the difference of two accuracies in percent.
  zoo.differenceInterval = (first, second, images) => {
    const a = first / 100, b = second / 100;
    const [lowA, highA] = zoo.wilsonInterval(a, images), [lowB, highB] = zoo.wilsonInterval(b, images);
    return [first - second - 100 * Math.hypot(a - lowA, highB - b), first - second + 100 * Math.hypot(highA - a, b - lowB)];
  };
  zoo.tellsApart = (first, second, images) => {
    const [low, high] = zoo.differenceInterval(first, second, images || zoo.FEW_IMAGES);
    return low > 0 || high < 0;
  };
  // By how many points accuracies near this one differ at least where the images tell it.
  zoo.leastDifference = (accuracy, images) => -zoo.differenceInterval(accuracy, accuracy, images || zoo.FEW_IMAGES)[0];
  // `words` are the messages of the Python module in the language of the page.
  zoo.differenceWords = (words, first, second, images) => {
    const apart = zoo.tellsApart(first, second, images), key = images ? (apart ? "apart" : "same") : apart ? "far" : "unknown";
    return zoo.say(words[key], { points: zoo.number(Math.abs(first - second), 2), images: zoo.number(images || zoo.FEW_IMAGES, 0) });
  };

  // A `details` that lies over the page closes by Escape and by a click outside of it.
  zoo.closable = (details) => {
    const close = (back) => {
      if (!details.open) return;
      details.open = false;
      if (back) details.querySelector("summary").focus();
    };
    addEventListener("keydown", (event) => { if (event.key === "Escape") close(details.contains(document.activeElement)); });
    addEventListener("click", (event) => { if (!details.contains(event.target)) close(false); });
  };

  // A file of what is shown, as if it were downloaded.
  zoo.save = (blob, name) => {
    const anchor = zoo.make("a", { href: URL.createObjectURL(blob), download: name });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
  };

  // --- the state in the address ------------------------------------------------------------------------------------
  // `compose` returns the state as parameters, `restore` takes it from the address when somebody goes back or forward.
  // The function that is returned remembers the state: as a step of its own, or, given the field in which somebody
  // types or drags, as one step for all of it.
  zoo.keepAddress = (compose, restore) => {
    let typing = null;
    addEventListener("popstate", () => { typing = null; restore(new URLSearchParams(location.search)); });
    return (field = null, step = true) => {
      const text = compose().toString().replaceAll("%2C", ",");
      const next = location.pathname + (text ? `?${text}` : "") + location.hash;
      if (next === location.pathname + location.search + location.hash) return;
      const same = field !== null && field === typing;
      typing = field;
      field?.addEventListener("blur", () => { if (typing === field) typing = null; }, { once: true });
      history[step && !same ? "pushState" : "replaceState"](history.state, "", next);
    };
  };
})();
