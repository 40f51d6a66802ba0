/* Draws the charts, shows tables, saves files, and says when the page is late.
   It computes no statistics and asks nothing of the network. */
(() => {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const specs = read("specs");
  const csv = read("csv");
  const views = new Map();
  const { release, due } = document.body.dataset;

  /* A day is over at its end; an instant is over at once. */
  function isLate(due, now) {
    if (!due) return false;
    const end = due.length === 10 ? Date.parse(due) + 864e5 : Date.parse(due);
    return now > end;
  }

  const tip = document.getElementById("tip");
  function showTip(handler, event, item, value) {
    if (value === null || value === undefined || value === "") {
      tip.hidden = true;
      return;
    }
    const list = document.createElement("dl");
    for (const [label, text] of Object.entries(value)) {
      if (text === "" || text === null || text === "undefined" || text === "null") continue;
      for (const [tag, content] of [["dt", label], ["dd", text]]) {
        list.appendChild(document.createElement(tag)).textContent = content;
      }
    }
    tip.replaceChildren(list);
    tip.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const below = event.clientY + 16;
    const top = below + height > innerHeight ? event.clientY - height - 12 : below;
    tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
    tip.style.top = `${top}px`;
  }

  async function draw(id) {
    const holder = document.getElementById(`${id}-chart`);
    const view = new vega.View(vega.parse(specs[id], null, { ast: true }), {
      expr: vegaInterpreter,
      renderer: "svg",
      container: holder,
      hover: true,
      logLevel: vega.Warn,
    });
    view.tooltip(showTip);
    await view.runAsync();
    views.set(id, view);
  }

  function toggleTable(button) {
    const table = document.getElementById(button.getAttribute("aria-controls"));
    table.hidden = !table.hidden;
    button.setAttribute("aria-expanded", String(!table.hidden));
    button.textContent = table.hidden ? "Show table" : "Hide table";
    markScrollers();
  }

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 2000);
  }

  function wrapped(context, text, width) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = `${lines[lines.length - 1]} ${word}`.trim();
      if (context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  function drawLegend(context, keys, left, top, style) {
    context.font = `400 26px ${style.getPropertyValue("--sans")}`;
    let x = left;
    for (const key of keys) {
      context.fillStyle = key.querySelector("svg").getAttribute("fill");
      context.beginPath();
      if (key.querySelector("circle")) context.arc(x + 11, top + 23, 10, 0, 7);
      else context.rect(x, top + 13, 21, 20);
      context.fill();
      context.fillStyle = style.getPropertyValue("--ink-2");
      context.fillText(key.textContent, x + 32, top + 32);
      x += 32 + context.measureText(key.textContent).width + 36;
    }
  }

  /* A picture leaves with its title and where it comes from. */
  async function picture(figure) {
    const chart = await views.get(figure.id).toCanvas(2);
    const style = getComputedStyle(document.documentElement);
    const text = (selector) => figure.querySelector(selector).textContent.trim();
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    const margin = 40;
    const keys = [...figure.querySelectorAll(".legend li")];
    const width = chart.width + 2 * margin;
    const parts = [
      [text("h3"), `600 40px ${style.getPropertyValue("--serif")}`, "--ink", 52],
      [text("figcaption p"), `400 28px ${style.getPropertyValue("--sans")}`, "--ink-3", 40],
      "legend",
      "chart",
      [text(".foot p"), `400 26px ${style.getPropertyValue("--sans")}`, "--ink-3", 36],
      [text(".passport summary"), `400 26px ${style.getPropertyValue("--sans")}`, "--ink-3", 36],
    ].map((part) => {
      if (part === "chart") return { chart: true, height: chart.height + 48 };
      if (part === "legend") return { legend: true, height: keys.length ? 44 : 0 };
      const [content, font, colour, step] = part;
      context.font = font;
      const lines = wrapped(context, content, width - 2 * margin);
      return { lines, font, colour: style.getPropertyValue(colour), step, height: lines.length * step + 8 };
    });
    canvas.width = width;
    canvas.height = parts.reduce((sum, part) => sum + part.height, 2 * margin);
    context.fillStyle = "#FFFFFF";
    context.fillRect(0, 0, canvas.width, canvas.height);
    let top = margin;
    for (const part of parts) {
      if (part.chart) context.drawImage(chart, margin, top + 24);
      else if (part.legend) drawLegend(context, keys, margin, top, style);
      else {
        context.font = part.font;
        context.fillStyle = part.colour;
        part.lines.forEach((line, n) => context.fillText(line, margin, top + (n + 0.75) * part.step));
      }
      top += part.height;
    }
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  /* What scrolls must be reachable by keyboard, and only what scrolls. */
  function markScrollers() {
    for (const box of document.querySelectorAll(".scroll")) {
      const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
      if (scrolls) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
      const hint = box.nextElementSibling;
      if (hint && hint.classList.contains("hint")) hint.hidden = !scrolls;
    }
  }

  /* Months run to the right, and the newest is what a reader came for. */
  function showNewest() {
    for (const box of document.querySelectorAll(".newest")) box.scrollLeft = box.scrollWidth;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-act]");
    if (!button) return;
    const figure = button.closest("figure");
    const name = `${figure.id}_${release}`;
    if (button.dataset.act === "table") toggleTable(button);
    if (button.dataset.act === "csv") {
      save(`${name}.csv`, new Blob(["\ufeff", csv[figure.id]], { type: "text/csv" }));
    }
    if (button.dataset.act === "png") save(`${name}.png`, await picture(figure));
  });
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
  addEventListener("resize", markScrollers);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((item) => { item.open = true; });
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll("details").forEach((item) => { item.open = false; });
  });

  document.getElementById("late").hidden = !isLate(due, Date.now());
  for (const source of document.querySelectorAll("[data-overdue]")) {
    source.hidden = !isLate(source.dataset.overdue, Date.now());
  }
  document.fonts.ready
    .then(() => Promise.all(Object.keys(specs).map(draw)))
    .then(() => {
      markScrollers();
      showNewest();
      document.body.dataset.ready = "yes";
    });
})();
