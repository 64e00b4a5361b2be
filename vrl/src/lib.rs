//! Vector's language for Node: VRL's own compiler and library behind a narrow interface of JSON texts.
//!
//! `README.md` has the interface. The functions of `interface` are the whole of it; `exports` lends them to WebAssembly.

// Elsewhere than in WebAssembly only the tests call the interface.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod compile;
mod diagnostics;
#[cfg(target_arch = "wasm32")]
mod exports;
mod functions;
mod interface;
mod notes;
mod run;
mod tables;
#[cfg(test)]
mod tests;
mod values;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static HEAP: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
