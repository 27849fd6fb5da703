// Keeps the page as it would be if it were loaded now: when the stream says that something changed, the page is
// fetched again and every part that differs is put in place of the old one. Texts stay escaped by the server.
"use strict";

const sign = document.getElementById("live");
let fetching = false;
let again = false;

function say(state) {
  sign.textContent = state;
  sign.dataset.state = state;
}

function keepOpen(from, to) {
  from.querySelectorAll("details").forEach((old, i) => {
    const now = to.querySelectorAll("details")[i];
    if (now) now.open = old.open;
  });
}

async function refresh() {
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-part]")) {
      const next = fresh.getElementById(part.id);
      if (!next) continue;
      keepOpen(part, next);
      if (!part.isEqualNode(next)) part.replaceWith(document.adoptNode(next));
    }
  } catch { /* the stream will say when the platform is back */ } finally {
    fetching = false;
    if (again) { again = false; setTimeout(refresh, 150); }
  }
}

const stream = new EventSource(document.body.dataset.stream);
stream.onopen = () => { say("live"); refresh(); };
stream.onerror = () => say("reconnecting");
stream.addEventListener("changed", refresh);
stream.addEventListener("entry", refresh);
stream.addEventListener("end", () => { stream.close(); say("finished"); refresh(); });
