//! What the module can be asked, and what it answers: requests and answers as data. `README.md` shows their JSON.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

use serde::{Deserialize, Serialize};

use crate::{
    compile::{Compiled, Outcome, ProgramKind, compile},
    diagnostics::Verdict,
    functions::{self, Catalog},
    run::{self, RunRequest, Ran},
    tables::{self, TablesRequest},
};

/// Raised with each change that a host must know of.
const INTERFACE: u32 = 1;

thread_local! {
    static PROGRAMS: RefCell<Programs> = RefCell::default();
}

#[derive(Default)]
struct Programs {
    loaded: HashMap<u32, Compiled>,
    last_handle: u32,
}

#[derive(Serialize)]
pub struct Version {
    interface: u32,
    vrl: &'static str,
    /// Functions that compile as in Vector and fail when they are called, each with what it lacks here.
    unavailable: BTreeMap<&'static str, &'static str>,
}

pub fn version() -> Version {
    Version {
        interface: INTERFACE,
        vrl: env!("VRL_VERSION"),
        unavailable: functions::unavailable(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompileRequest {
    program: String,
    #[serde(default)]
    kind: ProgramKind,
    /// Tables by their columns; `null` for columns that nobody knows yet. Without it: the tables that were fed.
    tables: Option<BTreeMap<String, Option<Vec<String>>>>,
}

/// Says what Vector's compiler says of a program.
pub fn check(request: CompileRequest) -> Verdict {
    match compile_as_asked(&request) {
        Outcome::Accepted(compiled) => Verdict::accepted(&request.program, &compiled),
        Outcome::Refused(errors) => Verdict::refused(&request.program, errors),
    }
}

/// The same, and keeps the program for `run`.
pub fn load(request: CompileRequest) -> Verdict {
    let compiled = match compile_as_asked(&request) {
        Outcome::Accepted(compiled) => compiled,
        Outcome::Refused(errors) => return Verdict::refused(&request.program, errors),
    };
    let verdict = Verdict::accepted(&request.program, &compiled);
    let handle = PROGRAMS.with_borrow_mut(|programs| {
        programs.last_handle += 1;
        programs.loaded.insert(programs.last_handle, *compiled);
        programs.last_handle
    });
    verdict.with_handle(handle)
}

fn compile_as_asked(request: &CompileRequest) -> Outcome {
    let catalog = match &request.tables {
        Some(tables) => Catalog::new(tables.clone()),
        None => Catalog::new(tables::columns_of_all()),
    };
    compile(&request.program, request.kind, catalog)
}

/// Runs a loaded program over events, each for itself.
pub fn run(request: RunRequest) -> Result<Ran, String> {
    PROGRAMS.with_borrow(|programs| match programs.loaded.get(&request.handle) {
        Some(compiled) => run::run(compiled, request),
        None => Err(format!("no program has the handle {}", request.handle)),
    })
}

/// Takes the place of all tables that were fed before. Loaded programs see the new ones.
pub fn tables(request: TablesRequest) -> Result<BTreeMap<String, usize>, String> {
    tables::feed(request)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropRequest {
    handle: u32,
}

#[derive(Serialize)]
pub struct Dropped {
    dropped: bool,
}

/// Frees a program.
pub fn drop_program(request: DropRequest) -> Dropped {
    let program = PROGRAMS.with_borrow_mut(|programs| programs.loaded.remove(&request.handle));
    Dropped {
        dropped: program.is_some(),
    }
}
