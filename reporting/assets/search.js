// Looks through the words of all pages that people wrote; zoo.js reads this once somebody asks for it.
(() => {
  "use strict";
  const AROUND = 40, LINE = 110; // characters before the first word that fits, and of a line
  const bare = (text) => text.replace(/\u200b/g, ""); // the theme's marks between Chinese words
  const words = (html) => bare(new DOMParser().parseFromString(html, "text/html").body.textContent).replace(/\s+/g, " ").trim();

  // The part of a text around the first of the words.
  const around = (text, wants) => {
    const folded = text.toLowerCase();
    const first = Math.min(...wants.map((want) => folded.indexOf(want)).filter((at) => at >= 0), text.length);
    const start = first < text.length && first > LINE - AROUND ? first - AROUND : 0;
    return (start ? "… " : "") + text.slice(start, start + LINE);
  };

  // Sections that hold every word, those first that have them in their title, and pages before their parts. The data is
  // Material's index (`docs`) or Zensical's (`items`).
  window.zoo.searchPages = (data, text) => {
    const wants = text.toLowerCase().split(/\s+/);
    const rows = data.rows ??= (data.docs ?? data.items).map((doc) => {
      const title = words(doc.title), body = words(doc.text ?? "");
      return { title, body, location: doc.location, head: title.toLowerCase(), all: `${title} ${body}`.toLowerCase() };
    });
    const order = (row) => (wants.every((want) => row.head.includes(want)) ? 0 : 2) + (row.location.includes("#") ? 1 : 0);
    return rows.filter((row) => wants.every((want) => row.all.includes(want))).sort((a, b) => order(a) - order(b))
      .map((row) => ({ title: row.title, line: around(row.body, wants), location: row.location }));
  };
})();
