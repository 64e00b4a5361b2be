import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../../test/support/nvl.ts';

/** What one script has to say: Markdown, and the plots that stand below it, by the names of their files. */
export type Section = { name: string; text: string; plots: Readonly<Record<string, { title: string; svg: string }>> };

/** Puts a script's part into a page of docs/, in place of what it wrote there before, with its plots beside the page. */
export const writeSection = async (section: Section, name = 'benchmarks.md'): Promise<void> => {
  const page = join(projectFolder, 'docs', name);
  const folder = join(projectFolder, 'docs', 'benchmarks');
  await mkdir(folder, { recursive: true });
  for (const [name, { svg }] of Object.entries(section.plots)) await writeFile(join(folder, `${name}.svg`), svg);
  await writeFile(page, withSection({ page: await readFile(page, 'utf8'), section }));
};

/** The page with the section's text between its marks; all else stays as it is. Throws where the marks are missing. */
export const withSection = ({ page, section }: { page: string; section: Section }): string => {
  const [begin, end] = [`<!-- bench:${section.name} -->`, `<!-- /bench:${section.name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  const plots = Object.entries(section.plots).map(([name, { title }]) => `![${title}](benchmarks/${name}.svg)`);
  return `${page.slice(0, from)}${[begin, section.text, ...plots].join('\n\n')}\n\n${page.slice(to)}`;
};
