/*
What pages do for people whose browser runs scripts; without them everything works the same.
htmx loads lists (see in_place in banyang/templatetags/banyang.py); this keeps it polite.
*/

// After a part of the page was replaced, the keyboard goes on from there and a screen reader
// is told how much there is now.
document.addEventListener("htmx:afterSettle", (event) => {
  const main = document.getElementById("main");
  const part = event.target;
  if (!main.contains(part)) return;
  if (document.activeElement === document.body) {
    const place = part.matches("[tabindex]") ? part : part.querySelector("a, button");
    if (place) place.focus({ preventScroll: true });
  }
  const news = part.querySelector(".pager-total, .empty-title");
  if (news) document.getElementById("announcement").textContent = news.textContent;
});

// Where the network fails, or what answers is not what was asked for (a proxy's 502, the sign-in page
// after a session has ended), the browser does it without us, as where no script runs.
let leaving = false;
window.addEventListener("beforeunload", () => { leaving = true; });
function withoutScript({ pathInfo, requestConfig }) {
  if (leaving) return;
  if (requestConfig.verb === "get") window.location.assign(pathInfo.finalRequestPath);
  else requestConfig.elt.submit();
}
document.addEventListener("htmx:sendError", ({ detail }) => withoutScript(detail));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap) return;
  // A list is cut out of a page of ours; a form is answered with a piece that says whose it is.
  const sign = detail.requestConfig.verb === "get" ? 'id="main"' : "data-piece";
  if (detail.serverResponse.includes(sign)) return;
  detail.shouldSwap = false;
  withoutScript(detail);
});

// What is to be passed on is copied at a press.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.getElementById(button.dataset.copies).select();
    // The newer way is closed to pages that came without TLS, as in an office's own network.
    if (!document.execCommand("copy")) return;
    button.textContent = button.dataset.done;
    document.getElementById("announcement").textContent = button.dataset.done;
  });
}

// A large file takes a while to arrive.
document.addEventListener("submit", (event) => {
  const sending = event.target.querySelector(".sending");
  if (sending) sending.hidden = false;
});
window.addEventListener("pageshow", () => {
  for (const sending of document.querySelectorAll(".sending")) sending.hidden = true;
});

// The language and the large type change by loading the page anew: what is filled in comes along.
// It lies in the browser until then, and passwords and files don't.
{
  const isTick = (field) => field.matches("[type=checkbox], [type=radio]");
  const FILLED_IN = "filled-in";
  const here = () => window.location.pathname + window.location.search;
  function fillable() {
    const wanted = "input:not([type=hidden], [type=password], [type=file]), textarea, select";
    const found = [];
    document.querySelectorAll("#main form[method=post]").forEach((form, number) => {
      for (const field of form.elements) {
        // With it goes the mark of what was stored when the page was first opened.
        if (!field.name || !field.matches(`${wanted}, [name$=opened_with]`)) continue;
        const choice = isTick(field) ? field.value : "";
        found.push([`${number} ${field.name} ${choice}`, field]);
      }
    });
    return found;
  }
  const hasRoomFor = (value, field) => !field.options || [...field.options].some((one) => one.value === value);
  // At the press, which also older phones tell apart: their submit events don't name the button.
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("button[form=tools][name]")) return;
    const values = fillable().map(([key, field]) => [key, isTick(field) ? field.checked : field.value]);
    window.sessionStorage.setItem(FILLED_IN, JSON.stringify({ place: here(), values }));
  });
  const filledIn = JSON.parse(window.sessionStorage.getItem(FILLED_IN));
  window.sessionStorage.removeItem(FILLED_IN);
  if (filledIn && filledIn.place === here()) {
    const values = new Map(filledIn.values);
    for (const [key, field] of fillable()) {
      const value = values.get(key);
      if (typeof value === "boolean") field.checked = value;
      else if (value !== undefined && hasRoomFor(value, field)) field.value = value;
    }
  }
}
