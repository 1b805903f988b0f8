/* Sorts and filters tables marked `data-sortable`. The table is complete without this script; what it
   changes stands in the address, so a sorted and filtered table can be linked to. */
(() => {
  "use strict";

  const value = (row, column) => row.cells[column].dataset.v ?? "";

  // Empty cells come last in both directions; numbers before texts; equals keep the order they came in.
  const compare = (a, b, direction) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const [x, y] = [Number(a), Number(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) {
      return direction * a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });
    }
    return direction * (x - y);
  };

  const read = () => new URLSearchParams(location.search);

  const remember = (changes) => {
    const state = read();
    for (const [key, text] of Object.entries(changes)) {
      if (text) state.set(key, text);
      else state.delete(key);
    }
    const query = state.toString();
    history.replaceState(history.state, "", location.pathname + (query ? `?${query}` : "") + location.hash);
  };

  const sort = (table, heads, original, key, order) => {
    const column = heads.findIndex((head) => head.dataset.key === key);
    heads.forEach((head, number) => {
      if (number === column) head.setAttribute("aria-sort", order);
      else head.removeAttribute("aria-sort");
    });
    const direction = order === "descending" ? -1 : 1;
    const rows = column < 0 ? original : [...original].sort((a, b) => compare(value(a, column), value(b, column), direction));
    table.tBodies[0].append(...rows);
  };

  const filter = (rows, text, count) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const content = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => content.includes(word));
      shown += !row.hidden;
    }
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
  };

  const start = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const original = [...table.tBodies[0].rows];
    for (const head of heads) {
      head.querySelector("button").addEventListener("click", () => {
        const order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
        sort(table, heads, original, head.dataset.key, order);
        remember({ sort: head.dataset.key, order });
      });
    }
    const input = document.querySelector(`[data-filter="${table.id}"]`);
    const count = document.querySelector(`[data-filter-count="${table.id}"]`);
    const state = read();
    if (state.get("sort")) {
      sort(table, heads, original, state.get("sort"), state.get("order") === "descending" ? "descending" : "ascending");
    }
    if (input) {
      input.closest(".zoo-filter").hidden = false;
      input.value = state.get("filter") ?? "";
      filter(original, input.value, count);
      input.addEventListener("input", () => {
        filter(original, input.value, count);
        remember({ filter: input.value.trim() });
      });
    }
  };

  // Pointing at a point, a line or a name of the legend leaves its series and dims the others.
  const single = (plot) => {
    const parts = [...plot.querySelectorAll("[data-series]")];
    const dim = (series) => {
      for (const part of parts) {
        part.classList.toggle("zoo-plot--dim", series !== undefined && part.dataset.series !== series);
      }
    };
    plot.addEventListener("pointerover", (event) => dim(event.target.closest("[data-series]")?.dataset.series));
    plot.addEventListener("pointerleave", () => dim(undefined));
  };

  const begin = () => {
    document.querySelectorAll("svg.zoo-plot").forEach(single);
    document.querySelectorAll("table[data-sortable]").forEach(start);
    // The theme's search is a dialog without a name, which screen readers then cannot announce.
    document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
