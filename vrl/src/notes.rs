//! What a program did beside changing its event: lines it logged, functions it called that cannot work here.

use std::{cell::RefCell, collections::BTreeSet};

use serde::Serialize;

/// A program that logs in a loop must not fill the memory.
const MOST_LOGGED: usize = 1000;

thread_local! {
    static NOTES: RefCell<Notes> = RefCell::default();
}

/// Of one event.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notes {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<Logged>,
    /// How many more lines there were.
    #[serde(skip_serializing_if = "is_zero")]
    logs_left_out: usize,
    /// Also where the program handled the error: then its outcome is not Vector's, and nothing else would say so.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    unavailable: BTreeSet<&'static str>,
    /// Of secrets that it set: VRL's container of them does not list its own.
    #[serde(skip)]
    secret_names: BTreeSet<String>,
}

/// A line by VRL's `log`, and the byte of the program where the call begins.
#[derive(Serialize)]
pub struct Logged {
    pub level: String,
    pub message: String,
    pub start: usize,
}

pub fn logged(line: Logged) {
    NOTES.with_borrow_mut(|notes| {
        if notes.logs.len() < MOST_LOGGED {
            notes.logs.push(line);
        } else {
            notes.logs_left_out += 1;
        }
    });
}

pub fn was_unavailable(function: &'static str) {
    NOTES.with_borrow_mut(|notes| notes.unavailable.insert(function));
}

pub fn secret_was_set(name: &str) {
    NOTES.with_borrow_mut(|notes| notes.secret_names.insert(name.to_owned()));
}

/// The names of all secrets that were set since the last `take`.
pub fn secret_names() -> BTreeSet<String> {
    NOTES.with_borrow(|notes| notes.secret_names.clone())
}

/// The notes since the last call.
pub fn take() -> Notes {
    NOTES.take()
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
