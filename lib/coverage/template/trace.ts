import type HandlebarsTypes from 'handlebars';
import { NvlError } from '../../errors.ts';
import { helpers } from '../../render/helpers.ts';
import type { ParsedSource } from '../../render/safe/index.ts';
import { Handlebars } from '../../render/safe/run/handlebars.ts';
import { Raw, raw } from '../../render/safe/run/helpers.ts';
import { ANY_PARTIAL, rewriteTemplate } from '../../render/safe/run/rewrite.ts';
import type { Site } from '../../render/safe/run/site.ts';
import { inlineNames } from '../../render/safe/run/visitor.ts';
import type { TemplateArm } from './arms.ts';
import { ARM_HELPER, type Markers, markTree, TEXT_HELPER } from './mark-tree.ts';
import { linesFrom, markedValue, markOfText, TRACE_MARK, type TracedLine } from './traced-lines.ts';

/** Renders templates once more, to learn where each piece of their text comes from, and which arms of their blocks are rendered. */
export type TemplateTracer = {
  /** Undefined for a template that the renderer refuses. */
  trace: (template: ParsedSource, context: object) => TemplateTrace | undefined;
  /** The arms of a file that was traced, or called by one that was. */
  armsIn: (file: string) => readonly TemplateArm[];
  /** What a traced file is made of: itself, and the partials that it names. */
  filesOf: (file: string) => readonly string[];
};

/** `arms`: those that were rendered, by their file and index in it. */
export type TemplateTrace = { lines: readonly TracedLine[]; arms: readonly { file: string; index: number }[] };

/**
 * Makes a tracer for the templates of a folder with these partials. Its texts have each value as it is, and are for nobody but whoever looks
 * for a line of a rendered text in them: what a node gets is rendered by `lib/render` alone, which refuses what it must.
 */
export const createTemplateTracer = (partials: Readonly<Record<string, ParsedSource>>): TemplateTracer => {
  const marks: Markers = { arms: new Map(), texts: [] };
  const sites: Site[] = [];
  let rendered: { file: string; index: number }[] = [];
  const engine = Handlebars.create();
  // Blanks were taken off as the trees were made; to be done again that would need the trees as they were.
  engine.parse = ((tree: unknown) => tree) as typeof engine.parse;
  for (const [name, helper] of Object.entries({ ...helpers, raw })) engine.registerHelper(name, helper);
  const known = new Set(Object.keys(engine.helpers));
  engine.registerHelper(VALUE_HELPER, (value: unknown, site: number) => markedValue(textOf(value), site));
  engine.registerHelper(TEXT_HELPER, (index: number) => `${markOfText(index)}${marks.texts[index]?.text ?? ''}`);
  engine.registerHelper(ARM_HELPER, (file: string, index: number) => {
    rendered.push({ file, index });
    return '';
  });
  const knownHelpers = Object.fromEntries(Object.keys(engine.helpers).map((name) => [name, true]));
  const inline = Object.values(partials).flatMap(inlineIn);
  const compiled = new Map<string, Compiled | undefined>();

  const compile = (source: ParsedSource): Compiled | undefined => {
    if (compiled.has(source.name)) return compiled.get(source.name);
    // One that calls itself finds this.
    compiled.set(source.name, undefined);
    const calls = new Set<string>();
    const names = new Set([...Object.keys(partials), ...inline, ...inlineIn(source)]);
    // The character of the marks is no text's.
    if (source.text.includes(TRACE_MARK)) return undefined;
    const made = withoutFault((): Compiled => {
      const lists = { sites, blocks: new Map<string, string>(), called: new Set<string>(), calls };
      const rules = { helpers: known, partials: names, rawAllowed: true, putName: VALUE_HELPER };
      const tree = rewriteTemplate(source.tree(), { source, ...rules, ...lists });
      markTree({ tree, source, marks, isHelper: (name) => known.has(name) });
      return { run: engine.compile(tree, { noEscape: true, knownHelpers, knownHelpersOnly: true }), calls };
    });
    compiled.set(source.name, made);
    for (const [name, partial] of partialsOf(calls, partials)) {
      const run = compile(partial)?.run;
      if (run !== undefined) engine.registerPartial(name, run);
    }
    return made;
  };
  return {
    trace: (template, context) => {
      const made = compile(template);
      rendered = [];
      // Whatever an author can do wrong the renderer tells.
      const text = made && withoutFault(() => made.run(context, ACCESS), Error);
      return text === undefined ? undefined : { lines: linesFrom({ text, texts: marks.texts, sites }), arms: rendered };
    },
    armsIn: (file) => marks.arms.get(file) ?? [],
    filesOf: (file) => {
      const found = new Set([file]);
      // A set grows while it is walked.
      for (const one of found)
        for (const [, { name }] of partialsOf(compiled.get(one)?.calls ?? new Set(), partials)) found.add(name);
      return [...found];
    },
  };
};

type Compiled = { run: HandlebarsTypes.TemplateDelegate; calls: ReadonlySet<string> };

/** No template can write this name. */
const VALUE_HELPER = 'a value';

const ACCESS = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false };

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' && !(value instanceof Raw) ? JSON.stringify(value) : String(value);
};

/** What a file names; all partials where a value chooses one. */
const partialsOf = (
  calls: ReadonlySet<string>,
  partials: Readonly<Record<string, ParsedSource>>,
): (readonly [string, ParsedSource])[] =>
  Object.entries(partials).filter(([name]) => calls.has(name) || calls.has(ANY_PARTIAL));

const inlineIn = (source: ParsedSource): string[] =>
  source.text.includes('#*') ? (withoutFault(() => inlineNames(source.tree())) ?? []) : [];

const withoutFault = <T>(make: () => T, Fault: new (...args: never[]) => Error = NvlError): T | undefined => {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return undefined;
  }
};
