"use strict";

// Hides the operations that do not contain every word of the filter. Without this script the page
// is whole, only not filtered.
const input = document.getElementById("search");
const found = document.getElementById("found");
const articles = [...document.querySelectorAll("article[data-search]")];

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const article of articles) {
    const fits = words.every((word) => article.dataset.search.includes(word));
    article.hidden = !fits;
    const entry = document.querySelector(`li[data-for="${CSS.escape(article.id)}"]`);
    if (entry) entry.hidden = !fits;
    if (fits) shown += 1;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = ![...group.querySelectorAll("article, li[data-for]")].some((item) => !item.hidden);
  }
  found.textContent = words.length ? `${shown} of ${articles.length}` : "";
}

input.addEventListener("input", filter);
document.getElementById("search-form").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== input) {
    event.preventDefault();
    input.focus();
  }
});
