/** What a script adds to the help center; every page works without it. */
import { startChat } from './chat';
import { enhanceSearch } from './search';
import { followHeadings } from './toc';
import { enhanceTheme } from './toggle';

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-find]')) {
  enhanceSearch(form);
}
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-chat]')) {
  button.hidden = false;
  button.addEventListener('click', () => startChat(button));
}
for (const part of document.querySelectorAll<HTMLElement>('[data-needs-script]')) {
  part.hidden = false;
}
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
enhanceTheme();
followHeadings();

document.addEventListener('keydown', (event) => {
  const at = event.target as HTMLElement;
  const menu = document.querySelector<HTMLDetailsElement>('details.menu[open]');
  if (event.key === 'Escape' && menu) {
    menu.open = false;
    menu.querySelector('summary')?.focus();
  }
  if (event.key === '/' && !event.ctrlKey && !event.metaKey && !/INPUT|TEXTAREA/.test(at.tagName)) {
    const input = document.querySelector<HTMLInputElement>('form[data-find] input[name=q]');
    if (input && input.offsetParent) {
      event.preventDefault();
      input.focus();
    }
  }
});
document.addEventListener('click', (event) => {
  const menu = document.querySelector<HTMLDetailsElement>('details.menu[open]');
  if (menu && !menu.contains(event.target as Node)) menu.open = false;
});
