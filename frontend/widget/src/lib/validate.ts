/** Checks on the form's fields; a problem is a word the screen turns into a sentence. */
import type { FormField, FormValues } from './types';

export type Problem = 'required' | 'email-at' | 'email-domain';
export type Values = Record<string, string | boolean>;

/** What is wrong with an address, null when nothing is. */
export function emailProblem(value: string): Problem | null {
  const text = value.trim();
  if (text === '') return 'required';
  const at = text.lastIndexOf('@');
  if (at < 1 || /\s/.test(text) || text.indexOf('@') !== at) return 'email-at';
  return /^[^\s.]+(\.[^\s.]+)*\.[^\s.]{2,}$/.test(text.slice(at + 1)) ? null : 'email-domain';
}

/** The problems of a form by field name; optional fields may be empty. */
export function problemsOf(fields: readonly FormField[], values: Values): Map<string, Problem> {
  const problems = new Map<string, Problem>();
  for (const field of fields) {
    const value = values[field.name] ?? '';
    const empty = typeof value === 'boolean' ? !value : value.trim() === '';
    if (empty && !field.required) continue;
    const problem =
      field.type === 'email' ? emailProblem(String(value)) : empty ? 'required' : null;
    if (problem) problems.set(field.name, problem);
  }
  return problems;
}

/** The form in the shape `send` wants: three known names, the rest under `fields`. */
export function formOf(values: Values): FormValues {
  const form: FormValues = {};
  for (const [name, raw] of Object.entries(values)) {
    const value = typeof raw === 'string' ? raw.trim() : raw;
    if (value === '') continue;
    if ((name === 'name' || name === 'email' || name === 'topic') && typeof value === 'string')
      form[name] = value;
    else form.fields = { ...form.fields, [name]: value };
  }
  return form;
}
