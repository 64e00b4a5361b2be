//! The functions that the host calls. A text goes in and comes out as a place and a length in the module's memory.
//!
//! Whoever was handed memory gives it back: the host frees what `alloc` gave it, and each answer.

use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    panic, ptr, slice,
    sync::Once,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::interface;

#[unsafe(export_name = "alloc")]
extern "C" fn allocate(length: usize) -> *mut u8 {
    let layout = bytes(length);
    if length == 0 {
        return ptr::NonNull::dangling().as_ptr();
    }
    // SAFETY: the layout has a size.
    let pointer = unsafe { alloc(layout) };
    if pointer.is_null() {
        handle_alloc_error(layout);
    }
    pointer
}

/// # Safety
/// The pointer and the length are those of `alloc` or of an answer, and nobody has freed them yet.
#[unsafe(export_name = "free")]
unsafe extern "C" fn release(pointer: *mut u8, length: usize) {
    if length > 0 {
        // SAFETY: the caller's promise; answers are boxed slices, which have this layout.
        unsafe { dealloc(pointer, bytes(length)) };
    }
}

#[unsafe(export_name = "version")]
extern "C" fn version() -> u64 {
    listen_for_panics();
    give(&interface::version())
}

/// # Safety
/// As with each export below: `length` bytes from `pointer` on may be read.
#[unsafe(export_name = "check")]
unsafe extern "C" fn check(pointer: *const u8, length: usize) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { answer(pointer, length, |request| Ok(interface::check(request))) }
}

/// # Safety
/// See `check`.
#[unsafe(export_name = "load")]
unsafe extern "C" fn load(pointer: *const u8, length: usize) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { answer(pointer, length, |request| Ok(interface::load(request))) }
}

/// # Safety
/// See `check`.
#[unsafe(export_name = "run")]
unsafe extern "C" fn run(pointer: *const u8, length: usize) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { answer(pointer, length, interface::run) }
}

/// # Safety
/// See `check`.
#[unsafe(export_name = "tables")]
unsafe extern "C" fn tables(pointer: *const u8, length: usize) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { answer(pointer, length, interface::tables) }
}

/// # Safety
/// See `check`.
#[unsafe(export_name = "drop")]
unsafe extern "C" fn drop_program(pointer: *const u8, length: usize) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { answer(pointer, length, |request| Ok(interface::drop_program(request))) }
}

#[derive(Serialize)]
struct Fault {
    fault: String,
}

/// Reads the request, acts on it, and hands out the answer, or a fault where the request was wrong.
unsafe fn answer<Request: DeserializeOwned, Answer: Serialize>(
    pointer: *const u8,
    length: usize,
    act: impl FnOnce(Request) -> Result<Answer, String>,
) -> u64 {
    listen_for_panics();
    // SAFETY: the caller's promise.
    let text = unsafe { slice::from_raw_parts(pointer, length) };
    let request = serde_json::from_slice(text).map_err(|error| format!("request: {error}"));
    match request.and_then(act) {
        Ok(answer) => give(&answer),
        Err(fault) => give(&Fault { fault }),
    }
}

/// The place in the upper half, the length in the lower.
fn give(answer: &impl Serialize) -> u64 {
    let text = serde_json::to_vec(answer).expect("an answer has a JSON text");
    let length = text.len() as u64;
    let pointer = Box::into_raw(text.into_boxed_slice()).cast::<u8>();
    (pointer as usize as u64) << 32 | length
}

fn bytes(length: usize) -> Layout {
    Layout::array::<u8>(length).expect("a length that the memory can have")
}

/// A panic ends the module by a trap, which says nothing; so its text goes ahead.
fn listen_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(|panic| nvl_host::tell_panic(&panic.to_string()))));
}
