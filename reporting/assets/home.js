// The sentence that chooses a model. The page holds the first answer; this file answers for other limits, by the rules of
// zoo.reporting.pages.home.answer, and loads the models when somebody changes a limit.
(() => {
  "use strict";
  const form = document.querySelector("[data-chooser]");
  const page = JSON.parse(document.getElementById("chooser-data")?.textContent || "null");
  if (!form || !page) return;

  const NEAR = 1.2, MOST_OVER = 3, MOST_SLOW = 2, MOST_ALIKE = 3;
  const WIDTH = 560, HEIGHT = 300, LEFT = 40, RIGHT = 8, TOP = 12, BOTTOM = 40, FLIP = 0.62, ROOM_LEFT = 0.4, FEW = 100;
  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  // Rounds as Python does, which wrote the first answer.
  const number = (value, digits) => value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
  const gmacs = (value) => number(value, value < 0.0995 ? 4 : 2);
  const say = (key, values) => zoo.say(page.words[key], values);
  const best = (list) =>
    list.reduce((a, b) => (!a || b.score > a.score || (b.score === a.score && b.macs < a.macs) ? b : a), null);

  let loading;
  const load = () => (loading ??= fetch(form.dataset.src).then((reply) => {
    if (!reply.ok) throw new Error(`${reply.status} ${reply.statusText}`);
    return reply.json();
  }).catch((error) => { loading = undefined; throw error; }));

  const link = (model) => `<a href="${form.dataset.models}${model.slug}/"><b>${escape(model.name)}</b></a>`;

  // A limit as it is typed: a comma is a point, what is no number above zero is no limit.
  const limit = (name) => {
    const typed = parseFloat((form.elements[name]?.value ?? "").trim().replace(",", "."));
    return typed > 0 ? typed : 0;
  };
  const asked = () => ({
    metric: form.elements.metric.value,
    data: form.elements.data.value,
    gmacs: limit("gmacs"),
    ms: form.elements.device?.value ? limit("ms") : 0,
    device: form.elements.device?.value ? +form.elements.device.value : 0,
  });

  const limits = (most, device) => {
    const key = most.gmacs && most.ms ? "limits" : most.gmacs ? "cost" : most.ms ? "time" : "unlimited";
    return say(key, { gmacs: most.gmacs, ms: most.ms, device: escape(device) });
  };

  // From which models the images of the data set cannot tell the best one.
  const indistinct = (ask, quick, subject) => {
    const { share, images } = page.scores.find((s) => s.metric === ask.metric && s.data === ask.data) ?? {};
    if (!share) return "";
    const others = quick.filter((m) => m !== subject && !zoo.tellsApart(subject.score, m.score, images)).sort((a, b) => a.macs - b.macs);
    const names = others.slice(0, MOST_ALIKE).map((m) => escape(m.name));
    if (others.length > MOST_ALIKE) names.push(`+ ${number(others.length - MOST_ALIKE, 0)}`);
    return names.length ? say(images ? "alike" : "near", { images: number(images ?? 0, 0), others: names.join(", ") }) : "";
  };

  const answer = (table, ask) => {
    const score = table.scores.find((s) => s.metric === ask.metric && s.data === ask.data);
    const times = table.devices[ask.device] ?? [], device = page.devices[ask.device] ?? "";
    const words = { metric: escape(page.metrics[ask.metric]), data: escape(ask.data || say("anything")) };
    const all = [];
    (score?.values ?? []).forEach((value, n) => {
      if (value && table.macs[n])
        all.push({ name: table.names[n], slug: table.slugs[n], score: value, macs: table.macs[n], ms: times[n] ?? null });
    });
    const timed = all.filter((m) => m.ms !== null);
    const fitting = all.filter((m) => !ask.gmacs || m.macs <= ask.gmacs);
    const quick = fitting.filter((m) => !ask.ms || (m.ms !== null && m.ms <= ask.ms));
    const subject = best(quick), cheapest = best(fitting);
    const misses = [];
    let sentence;
    if (subject) {
      const cost = say(ask.ms ? "both" : "cost", { gmacs: gmacs(subject.macs), ms: number(subject.ms ?? 0, 1) });
      const alike = indistinct(ask, quick, subject);
      sentence = `${say(alike ? "highest" : "best", { ...words, model: link(subject), score: `${number(subject.score, 2)} %`, cost })} ${alike}`.trim();
      all.filter((m) => m.score > subject.score && ask.gmacs && m.macs > ask.gmacs && m.macs <= ask.gmacs * NEAR && (!ask.ms || m.ms !== null))
        .sort((a, b) => a.macs - b.macs)
        .filter((m, n, list) => list.slice(0, n).every((other) => other.score < m.score))
        .slice(-MOST_OVER)
        .forEach((m) => misses.push([m, say("over", { points: number(m.score - subject.score, 2), gmacs: number(m.macs - ask.gmacs, 2) })]));
      const half = best(quick.filter((m) => m.macs <= subject.macs / 2));
      if (half) misses.push([half, say("half", { points: number(subject.score - half.score, 2) })]);
    } else {
      sentence = say(ask.ms && timed.length ? "slow" : "nothing", { ...words, limits: limits(ask, device) });
      fitting.filter((m) => m.ms !== null && ask.ms).sort((a, b) => a.ms - b.ms).slice(0, MOST_SLOW)
        .forEach((m) => misses.push([m, say("late", { ms: number(m.ms - ask.ms, 1) })]));
      if (!fitting.length)
        [...all].sort((a, b) => a.macs - b.macs).slice(0, MOST_SLOW)
          .forEach((m) => misses.push([m, say("dear", { gmacs: gmacs(m.macs - ask.gmacs) })]));
    }
    if (ask.ms && cheapest && cheapest !== subject)
      misses.push([cheapest, say("untimed", { limits: limits({ gmacs: ask.gmacs, ms: 0 }, "") })]);
    const missing = all.length - timed.length;
    const counts = { all: number(all.length, 0), count: number(missing, 0), device: escape(device) };
    const note = say(ask.ms && missing ? "missing" : "considered", { ...words, ...counts });
    return { all, subject, misses, sentence, note, words };
  };

  const list = ({ misses }) => misses.map(([m, reason]) => {
    const time = m.ms !== null ? `${number(m.ms, 1)} ms` : page.devices.length ? say("blank") : "";
    return `<li>${link(m)}<span>${number(m.score, 2)} %</span><span>${say("cost", { gmacs: gmacs(m.macs) })}</span><span>${time}</span><span class="reason">${reason}</span></li>`;
  }).join("");

  const draw = ({ all, subject, misses, words }, ask) => {
    const frame = page.scores.find((s) => s.metric === ask.metric && s.data === ask.data)?.frame;
    if (!frame || !all.length) return "";
    const bottom = HEIGHT - BOTTOM, { x0, x1, y0, y1 } = frame;
    const X = (v) => LEFT + (WIDTH - LEFT - RIGHT) * Math.log(v / x0) / Math.log(x1 / x0);
    const Y = (v) => TOP + (HEIGHT - TOP - BOTTOM) * (y1 - v) / (y1 - y0);
    const shown = all.filter((m) => m.score >= y0);
    const rows = frame.y_ticks.map((t) => `<path class="grid" d="M${LEFT} ${Y(t).toFixed(1)}H${WIDTH - RIGHT}"/><text class="faint" x="${LEFT - 8}" y="${(Y(t) + 4).toFixed(1)}" text-anchor="end">${t}</text>`);
    const columns = frame.x_ticks.map((t) => `<text class="faint" x="${X(t).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${t}</text>`);
    const names = `<text class="faint" x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">${say("axis")}</text><text class="faint" x="0" y="${HEIGHT - 4}">${say("published", words)}</text>`;
    let budget = "";
    if (ask.gmacs > x0 && ask.gmacs < x1) {
      const x = X(ask.gmacs), flip = x > WIDTH * FLIP;
      budget = `<rect class="over" x="${x.toFixed(1)}" y="${TOP}" width="${(WIDTH - RIGHT - x).toFixed(1)}" height="${bottom - TOP}"/><path class="limit" d="M${x.toFixed(1)} ${TOP}V${bottom}"/><text class="halo" x="${(x + (flip ? -6 : 6)).toFixed(1)}" y="${bottom - 8}"${flip ? ' text-anchor="end"' : ""}>${say("limit", { gmacs: ask.gmacs })}</text>`;
    }
    const dots = shown.map((m) => `M${X(m.macs).toFixed(1)} ${Y(m.score).toFixed(1)}h0`).join("");
    let front = "", top = -Infinity;
    for (const m of [...shown].sort((a, b) => a.macs - b.macs || b.score - a.score)) {
      if (m.score > top) { top = m.score; front += `${front ? `H${X(m.macs).toFixed(1)}V` : `M${X(m.macs).toFixed(1)} `}${Y(m.score).toFixed(1)}`; }
    }
    const ring = (m, strong) => {
      if (m.score < y0) return "";
      const x = X(m.macs), y = Y(m.score), flip = x > WIDTH * (strong ? FLIP : ROOM_LEFT);
      const down = strong || (main && Math.abs(y - Y(main.score) - 32) < 16); // where the name of the subject is not
      return `<circle class="ring" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="6"/><text class="halo${strong ? " strong" : ""}" x="${(x + (flip ? -11 : 11)).toFixed(1)}" y="${(y + (down ? 16 : -16)).toFixed(1)}" text-anchor="${flip ? "end" : "start"}">${escape(m.name)}</text>`;
    };
    const main = subject ?? misses[0]?.[0], other = misses.at(-1)?.[0];
    const rings = (other && other !== main ? ring(other, false) : "") + (main ? ring(main, true) : "");
    return `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${say("picture", { ...words, count: number(all.length, 0) })}">${rows.join("")}${columns.join("")}${names}${budget}<path class="dots${shown.length > FEW ? "" : " few"}" d="${dots}"/><path class="front" d="${front}"/>${rings}</svg>`;
  };

  const put = (name, html) => { form.querySelector(`[data-answer=${name}]`).innerHTML = html; };
  const run = async () => {
    let table;
    try { table = await load(); } catch (error) { put("say", escape(say("failed", { reason: error.message }))); return; }
    const ask = asked(), result = answer(table, ask);
    put("say", result.sentence); put("list", list(result)); put("note", result.note); put("plot", draw(result, ask));
    form.querySelector(".near").hidden = !result.misses.length;
  };
  form.addEventListener("input", run);
  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
})();
