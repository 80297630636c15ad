// The search box writes its search into the address. This script updates the rest of the page: links to other languages
// and to the feed, and in browsers with the Navigation API also title and heading.
for (const link of document.querySelectorAll(".foot .follows")) {
  const follow = () => {
    const now = new URL(link.href);
    now.search = location.search;
    if (link.hreflang) now.searchParams.set("lang", link.hreflang);
    else for (const name of ["page", "sort"]) now.searchParams.delete(name); // a feed begins with the newest article
    link.href = now;
  };
  link.addEventListener("focus", follow);
  link.addEventListener("pointerdown", follow);
}

const heading = document.querySelector("h1[data-default]");
if (heading) {
  window.navigation?.addEventListener("currententrychange", () => {
    const text = new URLSearchParams(location.search).get("q");
    heading.textContent = text || heading.dataset.default;
    document.title = text ? `${text} – Dateline` : "Dateline";
  });
}
