/** The chat is loaded when it is asked for. */
declare global {
  interface Window {
    Parley?: { push(command: unknown[]): void };
  }
}

let wanted = false;

export function startChat(button: HTMLButtonElement): void {
  if (wanted) {
    window.Parley?.push(['open']);
    return;
  }
  wanted = true;
  const script = document.createElement('script');
  script.src = '/widget/loader.js';
  script.async = true;
  script.dataset.inbox = button.dataset.chat ?? '';
  script.dataset.locale = document.documentElement.lang;
  script.addEventListener('load', () => window.Parley?.push(['open']));
  script.addEventListener('error', () => {
    wanted = false;
    location.href = `/help/${document.documentElement.lang}/contact`;
  });
  document.body.append(script);
}
