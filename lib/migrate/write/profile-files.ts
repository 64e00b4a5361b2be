import type { TaskChain } from '../profiles.ts';
import { templateText, trimmed } from './template-text.ts';

/** The transform template of each profile, and the rules that choose them. Pure. */
export const profileFiles = (
  chains: readonly TaskChain[],
): { files: Map<string, string>; rules: { match: Readonly<Record<string, string>>; profile: string }[] } => ({
  files: new Map(
    chains.map((chain) => [
      chain.profile === 'default'
        ? 'templates/vector/transform.toml.hbs'
        : `templates/profiles/${chain.profile}/transform.toml.hbs`,
      transformTemplate(chain),
    ]),
  ),
  rules: chains.flatMap(({ profile, matches }) => matches.map((match) => ({ match, profile }))),
});

const transformTemplate = ({ transforms, condition }: TaskChain): string => {
  const blocks = transforms.map(({ found, name, inputs }) =>
    trimmed(templateText({ text: found.component.write({ id: `{{id}}_${name}`, inputs }), words: found.words })),
  );
  const text = blocks.join('\n\n');
  if (condition === undefined) return `${text}\n`;
  return `{{#if ${condition}}}\n${text}\n{{else}}\n${NOTHING}\n{{/if}}\n`;
};

/** A profile's transform block has to have its last transform for every task. */
const NOTHING = `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '.'`;
