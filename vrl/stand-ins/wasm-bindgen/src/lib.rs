//! Stands in for the crate of this name, which needs glue in JavaScript that a generator writes.
//!
//! It has what VRL's dependencies use, no more: a value for chrono and iana-time-zone, and the two JavaScript functions that getrandom and
//! uuid declare, `crypto.getRandomValues` and `Date.now`. A dependency that asks for more does not compile, which is the point.

use std::mem::MaybeUninit;

pub mod prelude {
    pub use crate::{JsValue, UnwrapThrowExt};
    pub use wasm_bindgen_stand_in_macro::wasm_bindgen;
}

/// A number or a text of JavaScript.
#[derive(Clone, Debug, PartialEq)]
pub enum JsValue {
    Undefined,
    Number(f64),
    Text(String),
}

impl JsValue {
    pub fn from_f64(number: f64) -> Self {
        Self::Number(number)
    }

    #[allow(clippy::should_implement_trait)] // the name that callers know
    pub fn from_str(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_string(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

/// What uuid takes a result apart with.
pub trait UnwrapThrowExt<T> {
    fn unwrap_throw(self) -> T;
}

impl<T> UnwrapThrowExt<T> for Result<T, JsValue> {
    fn unwrap_throw(self) -> T {
        self.expect("what JavaScript answers here is no error")
    }
}

/// What the macro puts in the place of `Date.now`.
pub fn now_ms() -> Result<f64, JsValue> {
    Ok(nvl_host::now_ms() as f64)
}

/// Bytes to fill, written to before or not.
pub trait Buffer {
    fn start_and_length(&mut self) -> (*mut u8, usize);
}

impl Buffer for [u8] {
    fn start_and_length(&mut self) -> (*mut u8, usize) {
        (self.as_mut_ptr(), self.len())
    }
}

impl Buffer for [MaybeUninit<u8>] {
    fn start_and_length(&mut self) -> (*mut u8, usize) {
        (self.as_mut_ptr().cast(), self.len())
    }
}

/// What the macro puts in the place of `crypto.getRandomValues`.
pub fn fill_random<B: Buffer + ?Sized>(buffer: &mut B) -> Result<(), JsValue> {
    let (start, length) = buffer.start_and_length();
    // SAFETY: both are of one buffer, which is ours to write for as long as the borrow lasts.
    unsafe { nvl_host::fill_random_at(start, length) };
    Ok(())
}
