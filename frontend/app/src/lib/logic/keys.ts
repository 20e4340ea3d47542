/** Which key was meant: the letter typed, or its place on the keyboard for layouts without Latin letters. */

type KeyLike = {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
};

const BY_CODE: Record<string, string> = {
  Slash: '/',
  Backslash: '\\',
  Semicolon: ';',
  Comma: ',',
  Period: '.',
};

/**
 * A stable name such as `j`, `shift+j`, `mod+k`, `?`, `escape`. `mod` is Ctrl or Cmd.
 * Null for a key pressed with Alt, which belongs to the keyboard layout.
 */
export function keyName(event: KeyLike): string | null {
  if (event.altKey) return null;
  const base = baseOf(event);
  if (base === null) return null;
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : '';
  // The shift of a printed sign (? #) is part of the sign.
  const shift = event.shiftKey && (base.length > 1 || /[a-z]/.test(base)) ? 'shift+' : '';
  return `${mod}${shift}${base}`;
}

function baseOf({ key, code, shiftKey }: KeyLike): string | null {
  if (key.length > 1) return key === 'Dead' || key === 'Unidentified' ? null : key.toLowerCase();
  if (/^[\x21-\x7e]$/.test(key)) return key.toLowerCase();
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  if (code === 'Slash' && shiftKey) return '?';
  return BY_CODE[code] ?? (key === ' ' ? 'space' : null);
}

/** Whether the event comes from somewhere text is typed, where plain keys belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest('input, textarea, select, [contenteditable]:not([contenteditable="false"])') !==
    null
  );
}
