/** The inbox's accent colour, moved as little as needed to be readable (WCAG 2.2, 1.4.3). */

type Rgb = readonly [number, number, number];

export type Accent = { solid: string; onSolid: string; text: string; tint: string };

const SURFACE = { light: '#ffffff', dark: '#15171b' } as const;
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** A little above 4.5, for rounding. */
const READABLE = 4.6;

function parse(hex: string): Rgb | null {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  return match ? ([1, 2, 3].map((at) => parseInt(match[at] ?? '0', 16)) as unknown as Rgb) : null;
}

function hex(colour: Rgb): string {
  return '#' + colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('');
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  return one.map((part, at) => part + ((other[at] ?? 0) - part) * share) as unknown as Rgb;
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Contrast of two `#rrggbb` colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  return ratio(parse(one) ?? BLACK, parse(other) ?? BLACK);
}

/** The first step from `colour` towards `pole` that passes. */
function towards(colour: Rgb, pole: Rgb, passes: (candidate: Rgb) => boolean): Rgb {
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = mix(colour, pole, share);
    if (passes(candidate)) return candidate;
  }
  return pole;
}

/** The colours made from an accent, or null when it is no `#rrggbb`. */
export function accentOf(accent: string, theme: 'light' | 'dark'): Accent | null {
  const base = parse(accent);
  if (!base) return null;
  const surface = parse(SURFACE[theme]) ?? WHITE;
  const solid = towards(base, BLACK, (colour) => ratio(colour, WHITE) >= READABLE);
  const tint = mix(surface, base, theme === 'light' ? 0.09 : 0.28);
  const text = towards(base, theme === 'light' ? BLACK : WHITE, (colour) =>
    [surface, tint].every((ground) => ratio(colour, ground) >= READABLE),
  );
  return { solid: hex(solid), onSolid: '#ffffff', text: hex(text), tint: hex(tint) };
}
