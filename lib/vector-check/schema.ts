/**
 * What a Vector takes, as `node scripts/write-vector-schema.ts` wrote it down: of each kind of component the types that this Vector
 * has, and of each option which values it takes. Whatever the schema refuses, that Vector was seen to refuse.
 */
export type VectorSchema = {
  /** Of the Vector that was asked, as in `0.57.0`. */
  vector: string;
  /** Each different shape once; others name it by its place. The first is that of what is not checked. */
  shapes: readonly Shape[];
  /** Options that stand beside the components. */
  globals: number;
  sources: number;
  transforms: number;
  sinks: number;
  enrichment_tables: number;
};

/** What a value may be, kind by kind: a kind that is not there is refused. One without any kind may be anything. */
export type Shape = {
  /** Every text, or one of these. */
  text?: true | readonly string[];
  /** Of every text those alone that are of this form. */
  form?: TextForm;
  /** Every whole number, or from one to another; null where there is no limit. */
  int?: true | readonly [min: number | null, max: number | null];
  /** Numbers with a fraction; `int` is then there, too. */
  num?: true;
  bool?: true;
  /** The shape of what is in it. */
  list?: number;
  table?: TableShape;
  /** Kinds that are taken too, whatever they hold, though no page of Vector's says so. */
  lax?: readonly ValueKind[];
};

/** `address`: of a socket, as `127.0.0.1:9000` or `[::1]:9000`. */
export type TextForm = 'address' | 'character';

export const VALUE_KINDS = ['text', 'int', 'num', 'bool', 'list', 'table'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

export type TableShape = {
  options?: Readonly<Record<string, number>>;
  required?: readonly string[];
  /** What becomes of options that are not listed: they are refused where this is not there; a number is the shape of their values. */
  other?: 'ignored' | number;
  /** Further names of options. */
  aliases?: Readonly<Record<string, string>>;
  tags?: readonly TagShape[];
  /** It has exactly one of its options. */
  isSingle?: true;
};

/** An option whose text says which further options there are. */
export type TagShape = {
  name: string;
  /** It may be left out. */
  isOptional?: true;
  /** It may have other texts. */
  isOpen?: true;
  /** By its texts, the shapes of tables. */
  tables: Readonly<Record<string, number>>;
};
