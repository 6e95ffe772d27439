"use strict";
(() => {
  const all = Array.from(document.querySelectorAll("#changes details"));
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((item) => {
    if (!item.open) { item.open = true; item.dataset.shut = ""; }
  }));
  addEventListener("afterprint", () => document.querySelectorAll("details[data-shut]").forEach((item) => {
    item.open = false; delete item.dataset.shut;
  }));
  const open = () => {
    const aim = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const shut = aim && (aim.closest("details") || aim.querySelector(":scope > details"));
    if (shut) shut.open = true;
  };
  addEventListener("hashchange", open);
  open();

  const form = document.getElementById("filters");
  if (!form) return;
  form.hidden = false;
  const told = form.querySelector("output");
  const button = form.querySelector("button[type=button]");
  const groups = Array.from(document.querySelectorAll("#changes .group")).map((group) => ({
    group,
    parts: Array.from(group.querySelectorAll(".rows")).map((part) => ({
      part,
      section: part.dataset.s,
      rows: Array.from(part.querySelectorAll("tbody tr")),
    })),
  }));
  const number = (value) => value.toLocaleString("en");
  const total = groups.reduce((sum, { parts }) => sum + parts.reduce((most, { rows }) => most + rows.length, 0), 0);
  const texts = new Map();
  const text = (row) => {
    let found = texts.get(row);
    if (found === undefined) texts.set(row, found = row.textContent.toLowerCase());
    return found;
  };
  const has = ({ classList: marks }, token) =>
    (token === "l" ? !marks.contains("m") && !marks.contains("h") : marks.contains(token));
  const show = (item, shown) => { if (item.hidden === shown) item.hidden = !shown; };
  const sift = () => {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const section = form.elements.s ? form.elements.s.value : "";
    const tokens = ["a", "r", "k", "t"].map((name) => form.elements[name] && form.elements[name].value).filter(Boolean);
    let count = 0;
    for (const { group, parts } of groups) {
      let inGroup = 0;
      for (const { part, section: own, rows } of parts) {
        let here = 0;
        for (const row of rows) {
          const fits = (!section || own === section) && tokens.every((token) => has(row, token))
            && words.every((word) => text(row).includes(word));
          show(row, fits);
          if (fits) here += 1;
        }
        show(part, here > 0);
        inGroup += here;
      }
      show(group, inGroup > 0);
      count += inGroup;
    }
    // What is out of sight is taken to be as high as a full table; a short list need not be guessed.
    document.getElementById("changes").classList.toggle("few", count < 1000);
    told.value = count === total ? `Showing all ${number(total)}.`
      : `Showing ${number(count)} of ${number(total)}.`;
  };
  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(sift, total > 2000 ? 200 : 60); };
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); sift(); });
  form.addEventListener("reset", () => setTimeout(sift));
  if (button && all.length) {
    button.hidden = false;
    const name = () => { button.textContent = all.every((item) => item.open) ? "Close all fields" : "Open all fields"; };
    name();
    button.addEventListener("click", () => {
      const wanted = !all.every((item) => item.open);
      all.forEach((item) => { item.open = wanted; });
      name();
    });
  }
  if (form.elements.q.value || Array.from(form.elements).some((item) => item.tagName === "SELECT" && item.value)) sift();
})();
