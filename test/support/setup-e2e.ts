import { join } from 'node:path';
import { inject } from 'vitest';
import { isolate } from './isolate.ts';
import { PUBLISHED } from './published.ts';

// Real programs run here, with folders and ports of their own; nothing else of the machine counts.
isolate({ isAlone: false });

const { program, folder } = inject('published');
process.env[PUBLISHED] = program;
// Of a program that is there for this run alone nothing is kept after it.
process.env.NODE_COMPILE_CACHE = join(folder, 'compiled');
