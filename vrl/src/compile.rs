//! A program's text to a program that runs, as Vector's remap transform and its conditions compile it.

use serde::Deserialize;
use vrl::{
    compiler::{CompilationResult, CompileConfig, Function, Program, TypeState, compile_with_state},
    diagnostic::{Diagnostic, DiagnosticList},
    owned_value_path,
    path::OwnedTargetPath,
};

use crate::functions::{self, Catalog, Meanings};

/// What the program is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ProgramKind {
    /// Of a `remap` transform: it changes the event.
    #[default]
    Remap,
    /// Of a `filter`, a `route` and so on: it changes nothing, and is true or false.
    Condition,
}

thread_local! {
    static FUNCTIONS: Vec<Box<dyn Function>> = functions::all();
}

pub struct Compiled {
    pub program: Program,
    pub kind: ProgramKind,
    pub warnings: DiagnosticList,
    pub meanings: Meanings,
}

pub enum Outcome {
    Accepted(Box<Compiled>),
    Refused(DiagnosticList),
}

/// Compiles against the tables of the catalog, for events of the legacy namespace without a schema: both Vector's defaults.
pub fn compile(source: &str, kind: ProgramKind, catalog: Catalog) -> Outcome {
    // An object with any fields, in the event and in its metadata: what Vector takes for granted where `schema.enabled` is false.
    let state = TypeState::default();

    let mut config = CompileConfig::default();
    config.set_custom(catalog);
    match kind {
        ProgramKind::Remap => config.set_custom(Meanings::default()),
        ProgramKind::Condition => config.set_read_only(),
    }
    // Vector keeps its own notes there.
    config.set_read_only_path(OwnedTargetPath::metadata(owned_value_path!("vector")), true);

    let compiled = FUNCTIONS.with(|functions| compile_with_state(source, functions, &state, config));
    let result = match compiled {
        Ok(result) => result,
        Err(errors) => return Outcome::Refused(errors),
    };
    let CompilationResult {
        program,
        warnings,
        config,
    } = result;
    if kind == ProgramKind::Condition && !program.final_type_info().result.is_boolean() {
        let error = Diagnostic::error(0, "VRL conditions must return a boolean.");
        return Outcome::Refused(DiagnosticList::from(error));
    }
    let meanings = config.get_custom::<Meanings>().cloned().unwrap_or_default();
    Outcome::Accepted(Box::new(Compiled {
        program,
        kind,
        warnings,
        meanings,
    }))
}
