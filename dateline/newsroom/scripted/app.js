// The Meridian Review's only script: draws every page from JSON, and does all that a page should not do to a crawler.
"use strict";
(function () {
  const $ = (name, text) => { const e = document.createElement(name); if (text) e.textContent = text; return e; };
  const json = (url) => fetch(url).then((r) => { if (!r.ok) throw new Error(String(r.status)); return r.json(); });
  const root = document.getElementById("root");

  function mischief(config) {
    new Image().src = "/pixel.png?page=" + location.pathname;
    const font = $("link"); font.rel = "stylesheet"; font.href = "/static/fonts.css"; document.head.append(font);
    const tracker = $("script"); tracker.src = "http://www.google-analytics.com/ga.js"; document.head.append(tracker);
    const frame = $("iframe"); frame.src = "/frame.html"; document.body.append(frame);
    for (const url of config.probes) fetch(url, { mode: "no-cors" }).catch(() => {});
    for (const url of config.probes) { const i = $("script"); i.src = url + "?script"; document.head.append(i); }
    try { new WebSocket(config.socket); } catch (e) { /* refused */ }
    navigator.sendBeacon("/beacon", "read");
    fetch("/api/seen", { method: "POST", body: "read" }).catch(() => {});
    json("/private/flags.json").catch(() => {});
    window.open("/popup.html");
    if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js").catch(() => {});
    document.cookie = "visit=1";
  }

  function article(data) {
    const main = $("article");
    main.append($("h1", data.title));
    const line = $("p", "By " + data.author); line.className = "byline"; main.append(line);
    const time = $("time", new Date(data.published).toLocaleString()); time.dateTime = data.published; main.append(time);
    for (const text of data.body) main.append($("p", text));
    root.replaceChildren(main);
    document.title = data.title + " | The Meridian Review";
  }

  function list(data) {
    const all = $("ul");
    for (const item of data.items) {
      const entry = $("li"), link = $("a", item.title);
      link.href = item.path; entry.append(link); all.append(entry);
    }
    root.replaceChildren(all);
  }

  function lost() { root.replaceChildren($("h1", "404 Page not found")); }

  json("/api/config.json").then(mischief).catch(() => {});
  const story = location.pathname.match(/^\/story\/([a-z0-9-]+)$/);
  if (story) json("/api/story/" + story[1] + ".json").then(article).catch(lost);
  else json("/api/stories.json").then(list).catch(lost);
})();
