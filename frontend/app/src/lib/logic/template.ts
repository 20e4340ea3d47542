/** A provider's template with its gaps: what to ask for, and how it reads when filled. */
import type { Template, TemplateOffer } from '$shared/api/types';

export type Filled = { body: string[]; header: string; buttons: string[] };

/** Names of the gaps of the body, in order: 1, 2, ... where they have none of their own. */
export function gapsOf(offer: TemplateOffer): string[] {
  if (offer.names.length > 0) return offer.names;
  return Array.from({ length: offer.parameters }, (_, index) => String(index + 1));
}

/** The body with its gaps filled; an empty one keeps its braces. */
export function filledBody(offer: TemplateOffer, values: readonly string[]): string {
  return gapsOf(offer).reduce(
    (text, name, index) => (values[index] ? text.replaceAll(`{{${name}}}`, values[index]) : text),
    offer.body,
  );
}

/** Whether every gap has a value. */
export function isComplete(offer: TemplateOffer, filled: Filled): boolean {
  return (
    gapsOf(offer).every((_, index) => filled.body[index]?.trim()) &&
    (offer.header_kind === '' || filled.header.trim() !== '') &&
    offer.button_kinds.every(
      (kind, index) => kind === '' || kind === 'quick_reply' || filled.buttons[index]?.trim(),
    )
  );
}

/** The template as it is sent. */
export function templateOf(offer: TemplateOffer, filled: Filled): Template {
  return {
    name: offer.name,
    language: offer.language,
    parameters: gapsOf(offer).map((_, index) => filled.body[index]?.trim() ?? ''),
    names: [...offer.names],
    header: offer.header_kind ? [filled.header.trim()] : [],
    header_kind: offer.header_kind,
    buttons: offer.button_kinds.map((_, index) => filled.buttons[index]?.trim() ?? ''),
    button_kinds: [...offer.button_kinds],
  };
}
