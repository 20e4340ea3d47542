/** Before the page is drawn: the theme that the reader chose here earlier. */
try {
  const chosen = localStorage.getItem('help-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is blocked: the system's theme it is.
}
