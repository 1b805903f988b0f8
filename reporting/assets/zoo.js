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

  const begin = () => {
    document.querySelectorAll("svg.zoo-plot").forEach(single);
    // The theme's search is a dialog without a name, which screen readers then cannot announce.
    const name = document.querySelector(".md-search__input")?.getAttribute("aria-label") || "Search";
    document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", name);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
