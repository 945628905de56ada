// What scrolls can be reached by the keyboard, and each landmark has a name of its own.
document.addEventListener("DOMContentLoaded", () => {
  for (const each of document.querySelectorAll("article pre, article table.docutils, article .output")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
  }
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
});
