/** Light or dark with the visitor's system, and the inbox's accent made readable on both. */
import { accentOf, type Accent } from './contrast';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Sets the theme; returns the accent's colours, null for the product's own. */
export function applyTheme(accent: string | null): Accent | null {
  const theme = dark.matches ? 'dark' : 'light';
  const root = document.documentElement;
  root.dataset.theme = theme;
  const colours = accent === null ? null : accentOf(accent, theme);
  if (colours) {
    root.style.setProperty('--accent-solid', colours.solid);
    root.style.setProperty('--on-accent', colours.onSolid);
    root.style.setProperty('--accent', colours.text);
    root.style.setProperty('--selected', colours.tint);
  }
  return colours;
}

/** Applies the theme now and whenever the system changes. */
export function followTheme(
  accent: string | null,
  applied: (colours: Accent | null) => void,
): void {
  const apply = () => applied(applyTheme(accent));
  apply();
  dark.addEventListener('change', apply);
}
