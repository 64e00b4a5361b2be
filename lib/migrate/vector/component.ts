import { textsOf } from '../../json.ts';
import type { Table } from '../../table.ts';

/** A component of a Vector configuration as somebody wrote it, which can be written again under another name and with other inputs. */
export type WrittenComponent = {
  /** The file, as its owner knows it, and the line that it begins on. */
  file: string;
  line: number;
  section: VectorSection;
  id: string;
  inputs: readonly string[];
  /** Its options. */
  options: Table;
  /** In TOML, with what stands above it of comments. */
  write: (as: { id?: string; inputs?: readonly string[] }) => string;
  /** The line of the file on which an option stands, or what of its path is there. */
  lineOf: (path: readonly string[]) => number;
};

/** Where components stand in a configuration of Vector's; `other` is all else: global options, tests. */
export type VectorSection = 'sources' | 'transforms' | 'sinks' | 'enrichment_tables' | 'other';

export const SECTIONS: readonly VectorSection[] = ['sources', 'transforms', 'sinks', 'enrichment_tables'];

export const sectionOf = (name: string): VectorSection => SECTIONS.find((section) => section === name) ?? 'other';

/** What a component reads; Vector takes one input as a text, too. */
export const readInputs = ({ inputs }: Table): string[] => (typeof inputs === 'string' ? [inputs] : textsOf(inputs));
