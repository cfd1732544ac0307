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

// Where the network fails, or what answers is no page of ours (a proxy's 502), the browser itself
// says so, as with any other link.
let leaving = false;
window.addEventListener("beforeunload", () => { leaving = true; });
function openAsLink({ pathInfo, requestConfig }) {
  if (requestConfig.verb === "get" && !leaving) window.location.assign(pathInfo.finalRequestPath);
}
document.addEventListener("htmx:sendError", ({ detail }) => openAsLink(detail));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap || detail.serverResponse.includes('id="main"')) return;
  detail.shouldSwap = false;
  openAsLink(detail);
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
