/**
 * `npm run write:schema [-- VECTOR]`: asks the Vector on PATH, or the one named, which options it takes, and writes them for
 * lib/vector-check/ to check configurations by. It begins with `vector generate-schema`, and asks that Vector of each thing that this
 * schema refuses whether it really does, in some 35,000 small configurations, which takes a minute or two. Vector's schema is
 * stricter than Vector, and it knows no further names of options.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askVector } from './vector-schema/ask.ts';
import { COMPONENT_TABLES, compactSchema } from './vector-schema/compact.ts';
import { confirm, type Place } from './vector-schema/confirm.ts';
import { type Draft, type DraftTable, draftOf, type JsonSchema } from './vector-schema/draft.ts';
import { addOtherBuilds } from './vector-schema/other-builds.ts';

const binary = process.argv[2] ?? 'vector';
const tell = (args: string[]): string =>
  execFileSync(binary, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });

const version = /\d+\.\d+\.\d+\S*/.exec(tell(['--version']))?.[0] ?? 'unknown';
const schema = JSON.parse(tell(['generate-schema'])) as JsonSchema;
const globals = draftOf(schema, schema.definitions ?? {}).table;
if (globals === undefined) throw new Error('a schema of another form');

const kinds = Object.fromEntries(COMPONENT_TABLES.map((name) => [name, componentIn(globals, name)])) as Record<
  (typeof COMPONENT_TABLES)[number],
  Draft
>;
for (const name of COMPONENT_TABLES) globals.options.delete(name);

let count = 0;
const places: Place[] = COMPONENT_TABLES.map((name) => ({
  name,
  draft: kinds[name],
  wrap: (value: unknown) => {
    count += 1;
    return { component: `c${count}`, config: { [name]: { [`c${count}`]: value } } };
  },
}));
const components = await confirm({ places, ask: (questions) => askVector({ binary, questions }) });
const rest = await confirm({
  places: [{ name: 'globals', table: globals, outer: COMPONENT_TABLES, wrap: (value: object) => ({ config: value }) }],
  ask: (questions) => askVector({ binary, questions }),
});
addOtherBuilds({ kinds, globals });

const file = join(
  import.meta.dirname,
  '../lib/vector-check/schema',
  `${version.split('.').slice(0, 2).join('.')}.json`,
);
const text = `${JSON.stringify(compactSchema({ vector: version, globals, kinds }))}\n`;
writeFileSync(file, text);
console.log(`${file}: ${text.length} bytes; Vector ${version} answered ${components.asked + rest.asked} questions.`);
console.log(`It takes ${components.loosened.length + rest.loosened.length} values that its own schema refuses.`);
console.log(['Not checked, since it took no sample:', ...components.unproven, ...rest.unproven].join('\n  '));

function componentIn({ options }: DraftTable, name: string): Draft {
  const other = options.get(name)?.table?.other;
  if (other === undefined || typeof other === 'string') throw new Error(`the schema says nothing of ${name}`);
  return other;
}
