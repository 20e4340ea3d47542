/** What an evaluation reports, as the server stores it beside a model, and how it is shown. */
export type Figures = {
  language: string;
  questions: number;
  accuracy: number;
  answered: number;
  wrong: number;
  offered: number;
  handed_over: number;
};
export type Point = { threshold: number; coverage: number; precision: number; wrong: number };
export type Report = {
  overall: Figures;
  languages: Figures[];
  intents: { intent: string; questions: number; precision: number; recall: number }[];
  confusions: { intent: string; taken_for: string; count: number; examples: string[] }[];
  curve: Point[];
  foreign: { questions: number; recognised: number; answered: number } | null;
  thresholds: {
    common: { confidence: number };
    by_language: Record<string, { confidence: number }>;
    wrong_rate: number;
  };
  speed?: {
    questions: number;
    median: number;
    p95: number;
    slowest: { text: string; milliseconds: number }[];
  } | null;
};

/** The languages that the bot speaks. */
export const LANGUAGES = ['en', 'he', 'ar', 'es', 'de', 'fr', 'nb', 'hu', 'zh', 'ja'];

export function percent(share: number, digits = 1): string {
  return share.toLocaleString(document.documentElement.lang, {
    style: 'percent',
    maximumFractionDigits: digits,
  });
}

/** Where the curve's path goes in a box: coverage to the right, precision upwards from `floor`. */
export function path(
  curve: readonly Point[],
  width: number,
  height: number,
  floor: number,
): string {
  return curve
    .map(({ coverage, precision }, index) => {
      const x = (coverage * width).toFixed(1);
      const y = (height * (1 - rise(precision, floor))).toFixed(1);
      return `${index ? 'L' : 'M'}${x} ${y}`;
    })
    .join(' ');
}

export function rise(precision: number, floor: number): number {
  return Math.max(0, (precision - floor) / (1 - floor));
}

/** A round number below the lowest precision, so that the curve fills its box. */
export function floorOf(curve: readonly Point[]): number {
  const least = Math.min(1, ...curve.map((one) => one.precision));
  return Math.max(0, Math.min(0.9, Math.floor(least * 10) / 10));
}

export function csv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Hands text over as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
