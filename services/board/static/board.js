// Keeps a page that shows the latest figures up to date: on every `figures` event it fetches itself again and
// swaps its main content. Without this script the board works the same, but for reloading.
"use strict";

(() => {
  const main = document.getElementById("main");
  const live = document.getElementById("live");
  const status = document.getElementById("status");
  if (!main.dataset.version) return;

  const openDetails = () => [...main.querySelectorAll("details[open][id]")].map((each) => each.id);

  const pathTo = (element) => {
    const steps = [];
    for (let at = element; at !== main; at = at.parentElement) {
      steps.unshift([...at.parentElement.children].indexOf(at));
    }
    return steps;
  };

  const follow = (steps) => steps.reduce((at, step) => at?.children[step], main);

  const swap = (fresh) => {
    const open = openDetails();
    const held = main.contains(document.activeElement) && document.activeElement !== main;
    const steps = held ? pathTo(document.activeElement) : null;
    main.replaceChildren(...fresh.childNodes);
    main.dataset.version = fresh.dataset.version ?? "";
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (steps) follow(steps)?.focus({ preventScroll: true });
    status.textContent = `${status.dataset.text} ${new Date().toLocaleTimeString(document.documentElement.lang)}`;
  };

  let fetching = false;
  let wanted = false;
  const refresh = async () => {
    wanted = true;
    if (fetching) return;
    fetching = true;
    while (wanted) {
      wanted = false;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (!answer.ok) continue;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        swap(page.getElementById("main"));
      } catch {
        live.classList.add("away");
      }
    }
    fetching = false;
  };

  // A hidden page holds no connection: a browser gives a host six, and the seventh tab would wait for ever. Shown again,
  // also from the browser's history, it says what it has seen and is told at once if there is something newer.
  let source = null;
  const connect = () => {
    if (source) return;
    source = new EventSource(`/events?seen=${encodeURIComponent(main.dataset.version)}`);
    source.addEventListener("open", () => {
      live.hidden = false;
      live.classList.remove("away");
    });
    source.addEventListener("error", () => live.classList.add("away"));
    source.addEventListener("figures", refresh);
  };
  const disconnect = () => {
    source?.close();
    source = null;
  };
  const followVisibility = () => (document.hidden ? disconnect() : connect());
  document.addEventListener("visibilitychange", followVisibility);
  addEventListener("pageshow", (event) => event.persisted && followVisibility());
  addEventListener("pagehide", disconnect);
  followVisibility();
})();
