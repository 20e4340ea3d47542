/** The sentences of the inbox and of what surrounds every page. */
import type en from '../../../../messages/app/en.json';
import { catalogue, localeOf } from './catalogue.svelte';

const files = import.meta.glob('../../../../messages/app/*.json', { import: 'default' });

export const locales: readonly string[] = Object.keys(files).map(localeOf).sort();
export const { m, say, fetch: fetchMessages } = catalogue<keyof typeof en>(files);
