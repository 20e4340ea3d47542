/** Results while somebody types: a combobox (WAI-ARIA 1.2) over the plain search form. */
interface Suggestion {
  title: string; // safe HTML: the server escaped it and put what matched in <mark>
  snippet: string;
  where: string;
  url: string;
}

interface Suggestions {
  query: string;
  total: number;
  all: string;
  items: Suggestion[];
}

type Words = Record<
  'choose' | 'open' | 'close' | 'all' | 'label' | 'one' | 'many' | 'none',
  string
>;

const DEFAULTS: Words = {
  choose: '',
  open: '',
  close: '',
  all: '',
  label: '',
  one: '{query}',
  many: '{n} · {query}',
  none: '{query}',
};
const PAUSE = 120;
let count = 0;

export function enhanceSearch(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('input[name=q]');
  const address = form.dataset.find;
  if (!input || !address) return;
  const given = JSON.parse(form.dataset.words ?? '{}') as Partial<Words>;
  const words: Words = { ...DEFAULTS, ...given };
  const id = `sug-${++count}`;
  const panel = document.createElement('div');
  panel.className = 'sug';
  panel.hidden = true;
  form.append(panel);
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-expanded', 'false');
  input.setAttribute('aria-controls', id);
  input.setAttribute('aria-autocomplete', 'list');

  let timer = 0;
  let asking: AbortController | null = null;
  let shown: Suggestions | null = null;
  let active = -1;

  const options = () => [...panel.querySelectorAll<HTMLAnchorElement>('[role=option]')];

  function close(): void {
    panel.hidden = true;
    active = -1;
    input?.setAttribute('aria-expanded', 'false');
    input?.removeAttribute('aria-activedescendant');
  }

  function choose(index: number): void {
    const all = options();
    active = all.length === 0 ? -1 : (index + all.length) % all.length;
    all.forEach((option, at) => option.setAttribute('aria-selected', String(at === active)));
    const chosen = all[active];
    if (chosen) {
      input?.setAttribute('aria-activedescendant', chosen.id);
      chosen.scrollIntoView({ block: 'nearest' });
    }
  }

  function said({ query, total }: Suggestions): string {
    const pattern = total === 0 ? words.none : total === 1 ? words.one : words.many;
    return pattern.replace('{n}', String(total)).replace('{query}', query);
  }

  function show(found: Suggestions): void {
    shown = found;
    active = -1;
    const head = document.createElement('p');
    head.className = 'sug-head';
    head.setAttribute('role', 'status');
    head.textContent = said(found);
    const list = document.createElement('div');
    list.id = id;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', words.label || (input?.placeholder ?? ''));
    found.items.forEach((item, index) => {
      const option = document.createElement('a');
      option.className = 'opt';
      option.id = `${id}-${index}`;
      option.href = item.url;
      option.tabIndex = -1;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      const text = document.createElement('span');
      text.innerHTML = `${item.title}<small>${item.snippet}</small>`;
      const where = document.createElement('span');
      where.className = 'where';
      where.textContent = item.where;
      option.append(text, where);
      list.append(option);
    });
    panel.replaceChildren(head, ...(found.items.length ? [list] : []), ...foot(found));
    panel.hidden = false;
    input?.setAttribute('aria-expanded', String(found.items.length > 0));
    input?.removeAttribute('aria-activedescendant');
  }

  function foot(found: Suggestions): HTMLElement[] {
    if (found.items.length === 0 || !words.all) return [];
    const line = document.createElement('p');
    line.className = 'sug-foot';
    const keys: [string, string][] = [
      ['↑↓', words.choose],
      ['↵', words.open],
      ['esc', words.close],
    ];
    for (const [key, does] of keys) {
      const part = document.createElement('span');
      const cap = document.createElement('kbd');
      cap.textContent = key;
      part.append(cap, does);
      line.append(part);
    }
    const all = document.createElement('a');
    all.href = found.all;
    all.textContent = words.all;
    line.append(all);
    return [line];
  }

  async function ask(): Promise<void> {
    const query = input?.value.trim() ?? '';
    asking?.abort();
    if (query.length === 0) {
      shown = null;
      close();
      return;
    }
    asking = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(query)}`, {
        signal: asking.signal,
        headers: { accept: 'application/json' },
      });
      if (answer.ok && document.activeElement === input) show((await answer.json()) as Suggestions);
    } catch {
      // Offline or overtaken by the next letter: Enter still searches.
    }
  }

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), PAUSE);
  });
  input.addEventListener('focus', () => {
    if (shown && input.value.trim() === shown.query) show(shown);
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Escape' && !panel.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (panel.hidden && shown) show(shown);
      if (panel.hidden) return;
      event.preventDefault();
      choose(event.key === 'ArrowDown' ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === 'Enter' && active >= 0 && !panel.hidden) {
      event.preventDefault();
      options()[active]?.click();
    }
  });
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) close();
  });
  // A press on a result must not take the focus first: the list would close under it.
  panel.addEventListener('mousedown', (event) => event.preventDefault());
}
