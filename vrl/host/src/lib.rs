//! What the module asks of the machine that it runs on: the time, random bytes, and an ear for the last words of a panic.
//!
//! In WebAssembly these are the imports `env.now`, `env.random` and `env.panic`. Elsewhere (tests) the machine itself is asked.

use std::sync::{Mutex, PoisonError};

const NS_PER_MS: i64 = 1_000_000;

static FIXED_NOW_NS: Mutex<Option<i64>> = Mutex::new(None);

/// Nanoseconds since 1970: the fixed time where one is set, else the machine's.
pub fn now_ns() -> i64 {
    let fixed = *FIXED_NOW_NS.lock().unwrap_or_else(PoisonError::into_inner);
    fixed.unwrap_or_else(|| {
        let ms = machine::now_ms();
        // Not ms * 1e6 at once: a double of that size counts in steps of 256 ns.
        ms.trunc() as i64 * NS_PER_MS + (ms.fract() * NS_PER_MS as f64) as i64
    })
}

/// The same in whole milliseconds.
pub fn now_ms() -> i64 {
    now_ns().div_euclid(NS_PER_MS)
}

/// From now on it is this time for every reader; `None` gives the machine's time back.
pub fn fix_now_ns(ns: Option<i64>) {
    *FIXED_NOW_NS.lock().unwrap_or_else(PoisonError::into_inner) = ns;
}

/// Fills a buffer with random bytes.
pub fn fill_random(buffer: &mut [u8]) {
    // SAFETY: the pointer and the length are those of the buffer.
    unsafe { fill_random_at(buffer.as_mut_ptr(), buffer.len()) }
}

/// Fills memory with random bytes, also memory that was never written to.
///
/// # Safety
/// `length` bytes from `pointer` on may be written.
pub unsafe fn fill_random_at(pointer: *mut u8, length: usize) {
    // SAFETY: the caller's promise.
    unsafe { machine::fill_random_at(pointer, length) }
}

/// Hands the text of a panic to the host; the module ends right after.
pub fn tell_panic(text: &str) {
    machine::tell_panic(text);
}

#[cfg(target_arch = "wasm32")]
mod machine {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        fn now() -> f64;
        fn random(pointer: *mut u8, length: usize);
        fn panic(pointer: *const u8, length: usize);
    }

    pub fn now_ms() -> f64 {
        // SAFETY: reads nothing of ours.
        unsafe { now() }
    }

    pub unsafe fn fill_random_at(pointer: *mut u8, length: usize) {
        // SAFETY: the caller's promise.
        unsafe { random(pointer, length) }
    }

    pub fn tell_panic(text: &str) {
        // SAFETY: the host reads the text and keeps nothing of it.
        unsafe { panic(text.as_ptr(), text.len()) }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod machine {
    use std::{fs::File, io::Read, slice, time::SystemTime};

    pub fn now_ms() -> f64 {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since_1970.map_or(0.0, |elapsed| elapsed.as_secs_f64() * 1000.0)
    }

    pub unsafe fn fill_random_at(pointer: *mut u8, length: usize) {
        // SAFETY: the caller's promise; zeros are written before anything reads.
        let buffer = unsafe {
            pointer.write_bytes(0, length);
            slice::from_raw_parts_mut(pointer, length)
        };
        let source = File::open("/dev/urandom").and_then(|mut file| file.read_exact(buffer));
        source.expect("the machine has random bytes");
    }

    pub fn tell_panic(text: &str) {
        eprintln!("{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_time_is_everybodys() {
        fix_now_ns(Some(1_700_000_000_123_456_789));
        assert_eq!(now_ns(), 1_700_000_000_123_456_789);
        assert_eq!(now_ms(), 1_700_000_000_123);
        fix_now_ns(None);
        assert!(now_ns() > 1_700_000_000_123_456_789);
    }
}
