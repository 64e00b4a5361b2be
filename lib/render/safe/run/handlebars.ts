import { createRequire } from 'node:module';
import type HandlebarsModule from 'handlebars';

/** Handlebars as one file of its package: its 33 single ones carry a source map each, and load a library that writes them. */
export const Handlebars: typeof HandlebarsModule = createRequire(import.meta.url)('handlebars/dist/handlebars.min.js');
