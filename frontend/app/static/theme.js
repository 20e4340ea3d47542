// Runs before the first paint: the theme, locale and direction this browser used last.
(function () {
  var root = document.documentElement;
  var stored = {};
  try {
    stored = JSON.parse(localStorage.getItem('parley:look') || '{}');
  } catch (error) {
    stored = {};
  }
  var dark = matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme =
    stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : dark ? 'dark' : 'light';
  if (stored.locale) {
    root.lang = stored.locale;
    root.dir = stored.dir === 'rtl' ? 'rtl' : 'ltr';
  }
})();
