/** What a component of Vector is. */
export type ComponentKind = 'source' | 'transform' | 'sink';
