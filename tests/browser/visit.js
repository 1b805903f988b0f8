// What a reader meets on a page, as one record; `tests.browser.properties` judges it.
() => {
  const width = innerWidth;
  const main = document.querySelector("main article, main, [role=main]") ?? document.body;
  const brief = (node) => node.outerHTML.slice(0, 90).replace(/\s+/g, " ");
  const seen = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && node.checkVisibility({ visibilityProperty: true });
  };
  const all = (selector, within = document) => [...within.querySelectorAll(selector)].filter(seen);
  const bottoms = {};
  for (const selector of [".tiles", ".strip", ".first pre", ".prep"]) {
    const [node] = all(selector);
    if (node) bottoms[selector] = Math.round(node.getBoundingClientRect().bottom + scrollY);
  }
  const scrollers = [];
  for (const node of all("*", main)) {
    const { overflowX, boxShadow, backgroundImage, maskImage, webkitMaskImage } = getComputedStyle(node);
    if (!["auto", "scroll"].includes(overflowX) || node.scrollWidth <= node.clientWidth + 1) continue;
    if (node.closest("pre, code, .tabs-bar")) continue;
    const shows = [boxShadow, backgroundImage, maskImage ?? webkitMaskImage].some((how) => how && how !== "none");
    scrollers.push({ html: brief(node), width: node.scrollWidth, shadow: shows });
  }
  const columns = [];
  for (const table of all("table", main)) {
    const heads = [...(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [])];
    if (!heads.length) continue;
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => row.cells.length === heads.length);
    heads.forEach((head, at) => {
      const cells = rows.map((row) => {
        const copy = row.cells[at].cloneNode(true);
        copy.querySelectorAll(".printed, .vh, small, code").forEach((aside) => aside.remove());
        return [row.querySelector("th")?.textContent.trim() ?? "", copy.textContent.replace(/\s+/g, " ").trim()];
      });
      columns.push({ head: head.textContent.replace(/\s+/g, " ").trim(), cells });
    });
  }
  const record = {
    width,
    overflow: document.documentElement.scrollWidth - width,
    height: document.documentElement.scrollHeight,
    outside: all("body *").filter((node) => {
      const box = node.getBoundingClientRect();
      return box.right > width + 1 && !node.parentElement.closest("pre, .scroll, .scroll-x, .view");
    }).slice(0, 3).map(brief),
    wider: all("table, svg, figure, img", main).filter((node) => node.getBoundingClientRect().width > width).map(brief),
    scrollers,
    bottoms,
    columns,
    shift: window.shift ?? 0,
    title: document.title,
    headings: all("h1, h2, h3, h4, h5, h6").map((node) => [Number(node.tagName[1]), node.textContent.replace(/¶/g, "").replace(/\s+/g, " ").trim()]),
    active: all("header nav.bar [aria-current]").length,
    standings: all(".st").length,
    text: all("pre", main).reduce((text, pre) => text.replace(pre.innerText, ""), main.innerText),
    source: document.documentElement.outerHTML,
    targets: all("a, button, input, select, summary, [tabindex='0']").filter((node) => {
      const boxes = [node, ...(node.labels ?? [])].map((each) => each.getBoundingClientRect()); // a label is hit, too
      return boxes.every((box) => Math.min(box.width, box.height) < 24) && getComputedStyle(node).display !== "inline";
    }).map(brief),
  };
  const closed = [...document.querySelectorAll("details:not([open], [data-json])")];
  for (const details of closed) details.open = true;
  record.opened = document.documentElement.scrollWidth - width;
  for (const details of closed) details.open = false;
  return record;
}
