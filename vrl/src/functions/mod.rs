//! The functions that a program may call: VRL's own library, Vector's functions, and stand-ins for what cannot work here.

mod enrichment;
mod grok;
mod log;
mod meaning;
mod now;
mod secrets;
mod unavailable;

use std::collections::BTreeMap;

use vrl::{compiler::Function, stdlib};

pub use enrichment::Catalog;
pub use meaning::Meanings;

/// All functions that Vector has, in its order: the compiler suggests the first of two equally near names.
pub fn all() -> Vec<Box<dyn Function>> {
    let mut functions: Vec<Box<dyn Function>> = vec![Box::new(meaning::SetSemanticMeaning)];
    functions.extend(secrets::all());
    functions.extend(enrichment::all());
    functions.extend(unavailable::of_vector());
    functions.extend(stdlib::all().into_iter().map(fit_for_here));
    functions.extend(unavailable::of_the_network());
    functions
}

/// The functions that fail when they are called, each with the reason.
pub fn unavailable() -> BTreeMap<&'static str, &'static str> {
    unavailable::reasons()
}

fn fit_for_here(function: Box<dyn Function>) -> Box<dyn Function> {
    match function.identifier() {
        "log" => Box::new(log::Log),
        "now" => Box::new(now::Now),
        "parse_grok" => Box::new(grok::ParseGrok),
        _ => unavailable::instead_of(function),
    }
}
