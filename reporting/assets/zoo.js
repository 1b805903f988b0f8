// What every page uses: plots that leave one series, and names for what the theme leaves without one.
(() => {
  "use strict";

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

  // Code that the theme does not highlight gets a button to copy it, in the theme's own words.
  const copying = (block) => {
    let words = {};
    try {
      words = JSON.parse(document.getElementById("__config").textContent).translations;
    } catch { /* a theme without translations */ }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "zoo-copy";
    button.title = words["clipboard.copy"] ?? "Copy to clipboard";
    button.setAttribute("aria-label", button.title);
    button.textContent = "⧉";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.className = "zoo-copied";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      said.textContent = words["clipboard.copied"] ?? "Copied to clipboard";
      setTimeout(() => { said.textContent = ""; }, 2000);
    });
    const frame = document.createElement("div");
    frame.className = "zoo-code__frame";
    block.replaceWith(frame);
    frame.append(block, button, said);
  };

  const begin = () => {
    document.querySelectorAll("pre.zoo-code").forEach(copying);
    document.querySelectorAll("svg.zoo-plot").forEach(single);
    // The theme's search is a dialog without a name, which screen readers then cannot announce.
    document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
