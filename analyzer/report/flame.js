// SPDX-License-Identifier: Apache-2.0
//
// The flame graph's behaviour. Names of functions are read from and written to text nodes only.
(function () {
  "use strict";
  var MARGIN = 10, PAD = 4, LEAST = 24;
  var script = document.currentScript;
  var svg = (script && script.ownerSVGElement) || document.documentElement;
  var detail = svg.querySelector(".detail"), panel = svg.querySelector(".controls");
  var input = panel.querySelector("input"), reset = panel.querySelector("button");
  var resting = detail.textContent;
  var charWidth = 7.2, shown = [], focus, current, pattern = null;

  // Frames stand in the order of a walk from the root, so a frame's calls are the run behind it.
  var frames = Array.prototype.map.call(svg.querySelectorAll(".f"), function (group, index) {
    var rect = group.querySelector("rect"), lines = group.querySelector("title").textContent.split("\n");
    return {
      index: index, group: group, rect: rect, text: group.querySelector("text"),
      name: lines[0], value: lines[1] || "", depth: Number(group.getAttribute("data-depth")),
      x: Number(rect.getAttribute("x")), width: Number(rect.getAttribute("width")), end: index + 1, parent: null
    };
  });
  (function () {
    var open = [];
    frames.forEach(function (frame) {
      while (open.length && open[open.length - 1].depth >= frame.depth) open.pop();
      frame.parent = open.length ? open[open.length - 1] : null;
      open.forEach(function (above) { above.end = frame.index + 1; });
      open.push(frame);
    });
  })();
  if (!frames.length) return;

  function percent(part, whole) { return (100 * part / whole).toFixed(2) + " %"; }

  function describe(frame) {
    detail.textContent = frame.name + " \u2014 " + frame.value +
      (focus !== frames[0] && frame.width < focus.width ? ", " + percent(frame.width, focus.width) + " of what is shown" : "");
  }

  // As much of a name as fits: whole, without the path of its package, then cut.
  function label(name, width) {
    var room = Math.floor((width - 2 * PAD) / charWidth);
    if (room < 3) return "";
    if (name.length <= room) return name;
    var start = name.search(/[(\[]/), slash = name.lastIndexOf("/", start < 0 ? name.length : start);
    var brief = slash < 0 ? name : name.slice(slash + 1);
    return brief.length <= room ? brief : brief.slice(0, room - 1) + "\u2026";
  }

  function place(frame, x, width, above) {
    frame.left = x;
    frame.group.setAttribute("class", "f" + (above ? " up" : "") + (frame.hit ? " hit" : ""));
    frame.rect.setAttribute("x", x.toFixed(2));
    frame.rect.setAttribute("width", Math.max(width, 0.3).toFixed(2));
    frame.rect.setAttribute("stroke-width", width < 3 ? "0" : "0.6");
    frame.text.setAttribute("x", (x + PAD).toFixed(2));
    frame.text.textContent = width < LEAST ? "" : label(frame.name, width);
    shown.push(frame);
  }

  function layout() {
    var full = Math.max(window.innerWidth || 1200, 640), scale = (full - 2 * MARGIN) / focus.width, above = [];
    svg.removeAttribute("viewBox");
    svg.setAttribute("width", full);
    panel.setAttribute("x", full - MARGIN - Number(panel.getAttribute("width")));
    for (var up = focus.parent; up; up = up.parent) above.push(up);
    shown.forEach(function (frame) { frame.group.setAttribute("class", "f gone"); frame.left = undefined; });
    shown = [];
    above.reverse().forEach(function (frame) { place(frame, MARGIN, full - 2 * MARGIN, true); });
    for (var i = focus.index; i < focus.end; i++) {
      var frame = frames[i], width = frame.width * scale;
      if (width < 0.15) { i = frame.end - 1; continue; }
      place(frame, MARGIN + (frame.x - focus.x) * scale, width, false);
    }
    reset.disabled = focus === frames[0];
  }

  function zoom(frame) {
    focus = frame;
    layout();
    select(frame);
  }

  function select(frame) {
    if (current) current.group.setAttribute("tabindex", "-1");
    current = frame;
    frame.group.setAttribute("tabindex", "0");
    describe(frame);
  }

  function search() {
    var wanted = input.value, hits = 0, width = 0, covered = -1;
    pattern = null;
    input.removeAttribute("aria-invalid");
    if (wanted) {
      try {
        pattern = new RegExp(wanted, /[A-Z]/.test(wanted) ? "" : "i");
      } catch (error) {
        input.setAttribute("aria-invalid", "true");
        detail.textContent = "Not a regular expression";
      }
    }
    frames.forEach(function (frame) {
      frame.hit = pattern !== null && pattern.test(frame.name);
      if (!frame.hit) return;
      hits++;
      if (frame.index < covered) return; // inside a frame that is counted already
      covered = frame.end;
      width += frame.width;
    });
    layout();
    if (pattern) detail.textContent = hits + (hits === 1 ? " frame" : " frames") + " matched, " + percent(width, frames[0].width) + " of all";
    else if (!wanted) detail.textContent = resting;
  }

  function beside(step) {
    for (var i = current.index + step; i >= 0 && i < frames.length; i += step)
      if (frames[i].depth === current.depth && frames[i].left !== undefined) return frames[i];
    return null;
  }

  function below() {
    for (var i = current.index + 1; i < current.end; i++)
      if (frames[i].depth === current.depth + 1 && frames[i].left !== undefined) return frames[i];
    return null;
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === input) {
      if (event.key === "Escape") { input.value = ""; search(); current.group.focus(); event.preventDefault(); }
      return;
    }
    if (event.target === reset && (event.key === "Enter" || event.key === " ")) return;
    var next = null;
    switch (event.key) {
    case "ArrowUp": next = current.parent; break;
    case "ArrowDown": next = below(); break;
    case "ArrowLeft": next = beside(-1); break;
    case "ArrowRight": next = beside(1); break;
    case "Enter": case " ": zoom(current); current.group.focus(); break;
    case "Escape": zoom(frames[0]); current.group.focus(); break;
    case "/": input.focus(); break;
    default: return;
    }
    event.preventDefault();
    if (next) { select(next); next.group.focus(); }
  }

  frames.forEach(function (frame) {
    frame.group.setAttribute("role", "button");
    frame.group.setAttribute("tabindex", "-1");
    frame.group.addEventListener("mouseenter", function () { describe(frame); });
    frame.group.addEventListener("focus", function () { describe(frame); });
    frame.group.addEventListener("click", function () { zoom(frame); });
  });
  svg.querySelector(".frames").addEventListener("mouseleave", function () {
    if (pattern) search(); else detail.textContent = resting;
  });
  input.addEventListener("input", search);
  reset.addEventListener("click", function () { zoom(frames[0]); });
  document.addEventListener("keydown", onKey);
  window.addEventListener("resize", layout);
  var probe = frames[0].text, text = probe.textContent;
  probe.textContent = "mmmmmmmmmm";
  if (probe.getComputedTextLength && probe.getComputedTextLength() > 0) charWidth = probe.getComputedTextLength() / 10;
  probe.textContent = text;
  panel.setAttribute("class", "controls");
  focus = current = frames[0];
  shown = frames.slice();
  layout();
  current.group.setAttribute("tabindex", "0");
})();
