// Keeps the page as it would be if it were loaded now: when the stream says that something changed, the page is
// fetched again and every part that differs is put in place of the old one. Texts stay escaped by the server.
// Beside that: countdowns, buttons that copy, and forms that cannot be sent twice.
"use strict";

const sign = document.getElementById("live");
let fetching = false;
let again = false;

function say(state) {
  sign.textContent = state;
  sign.dataset.state = state;
}

function keepState(from, to) {
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
      if (!next || part.contains(document.activeElement)) continue;
      keepState(part, next);
      if (!part.isEqualNode(next)) part.replaceWith(document.adoptNode(next));
    }
    tick();
  } catch { /* the stream will say when the platform is back */ } finally {
    fetching = false;
    if (again) { again = false; setTimeout(refresh, 150); }
  }
}

function tick() {
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Math.max(0, Math.round(Number(time.dataset.until) - Date.now() / 1000));
    time.textContent = left >= 60 ? `${Math.floor(left / 60)} min ${left % 60} s` : `${left} s`;
  }
}

function listen(url) {
  const stream = new EventSource(url);
  stream.onopen = () => { say("live"); refresh(); };
  stream.onerror = () => {
    say(navigator.onLine ? "reconnecting" : "offline");
    // a server that was away may have answered with an error, after which a browser does not try again by itself
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(url), 1000);
  };
  stream.addEventListener("changed", refresh);
  stream.addEventListener("entry", refresh);
  stream.addEventListener("end", () => { stream.close(); say("finished"); refresh(); });
}

document.addEventListener("click", (click) => {
  const button = click.target.closest("button[data-copy]");
  if (!button || !navigator.clipboard) return;
  navigator.clipboard.writeText(button.dataset.copy).then(() => { button.textContent = "copied"; });
});

document.addEventListener("submit", (submit) => {
  const button = submit.submitter;
  if (!button) return;
  setTimeout(() => { button.disabled = true; if (button.dataset.busy) button.textContent = button.dataset.busy; });
  addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
});

tick();
setInterval(tick, 1000);
if (document.body.dataset.stream) listen(document.body.dataset.stream);
else sign.hidden = true;
