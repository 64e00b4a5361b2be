/** What of WebAssembly the room uses; TypeScript has types for it only in those of browsers. */
export const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    compile(bytes: Uint8Array): Promise<WasmModule>;
    Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
    Instance: new (
      module: WasmModule,
      imports: Record<string, Record<string, unknown>>,
    ) => { readonly exports: object };
    RuntimeError: new () => Error;
  };
};

/** A compiled module, which threads may share. */
export type WasmModule = { readonly compiled: unique symbol };
