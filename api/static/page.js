// Links around the search box lead to what is searched for by now, which the box writes into the address.
for (const link of document.querySelectorAll(".foot .follows")) {
  const follow = () => {
    const now = new URL(link.href);
    now.search = location.search;
    if (link.hreflang) now.searchParams.set("lang", link.hreflang);
    link.href = now;
  };
  link.addEventListener("focus", follow);
  link.addEventListener("pointerdown", follow);
}
