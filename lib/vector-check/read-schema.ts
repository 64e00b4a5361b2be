import vector057 from './schema/0.57.json' with { type: 'json' };
import type { VectorSchema } from './schema.ts';

/** What Vector 0.57 takes. */
export const VECTOR_SCHEMA = vector057 as unknown as VectorSchema;

/** Whether a version of Vector takes the same options as that of the schema: its first two numbers are the same. */
export const isSameRelease = (schema: VectorSchema, version: string): boolean =>
  release(schema.vector) === release(version);

const release = (version: string): string => version.split('.', 2).join('.');
