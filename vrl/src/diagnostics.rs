//! What the compiler said of a program, as data.

use std::{collections::BTreeMap, fmt::Write};

use serde::Serialize;
use vrl::{
    diagnostic::{Diagnostic, DiagnosticList, Formatter, Label, Severity},
    path::OwnedTargetPath,
};

use crate::compile::Compiled;

/// The answer to `check` and `load`.
#[derive(Serialize)]
pub struct Verdict {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<u32>,
    diagnostics: Vec<Said>,
    warnings: Vec<Said>,
    /// All of it as Vector prints it, without colours; empty where nothing was said.
    text: String,
    #[serde(flatten)]
    facts: Option<Facts>,
}

/// What is known of an accepted program.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    /// It can end with an error while it runs.
    is_fallible: bool,
    /// It has an `abort`.
    is_abortable: bool,
    /// Paths of the event and its metadata that it may read and write.
    reads: Vec<String>,
    writes: Vec<String>,
    /// By `set_semantic_meaning`.
    meanings: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct Said {
    code: usize,
    severity: &'static str,
    message: String,
    labels: Vec<Place>,
    notes: Vec<String>,
}

/// A place of the program, in bytes of its UTF-8 text, and what is said of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    message: String,
    start: usize,
    end: usize,
    is_primary: bool,
}

impl Verdict {
    pub fn accepted(source: &str, compiled: &Compiled) -> Self {
        let info = compiled.program.info();
        Self {
            ok: true,
            handle: None,
            diagnostics: Vec::new(),
            warnings: said(compiled.warnings.clone()),
            text: text(source, compiled.warnings.clone()),
            facts: Some(Facts {
                is_fallible: info.fallible,
                is_abortable: info.abortable,
                reads: written(&info.target_queries),
                writes: written(&info.target_assignments),
                meanings: compiled.meanings.written(),
            }),
        }
    }

    pub fn refused(source: &str, errors: DiagnosticList) -> Self {
        Self {
            ok: false,
            handle: None,
            text: text(source, errors.clone()),
            diagnostics: said(errors),
            warnings: Vec::new(),
            facts: None,
        }
    }

    pub fn with_handle(mut self, handle: u32) -> Self {
        self.handle = Some(handle);
        self
    }
}

impl From<Label> for Place {
    fn from(label: Label) -> Self {
        Self {
            start: label.span.start(),
            end: label.span.end(),
            is_primary: label.primary,
            message: label.message,
        }
    }
}

impl From<Diagnostic> for Said {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            code: diagnostic.code,
            severity: match diagnostic.severity {
                Severity::Bug => "bug",
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            },
            message: diagnostic.message,
            labels: diagnostic.labels.into_iter().map(Place::from).collect(),
            notes: diagnostic.notes.iter().map(ToString::to_string).collect(),
        }
    }
}

fn said(diagnostics: DiagnosticList) -> Vec<Said> {
    diagnostics.into_iter().map(Said::from).collect()
}

fn text(source: &str, diagnostics: DiagnosticList) -> String {
    let mut text = String::new();
    // A place that lies outside the program makes it fail half way; what it has by then is better than a panic.
    let _ = write!(text, "{}", Formatter::new(source, diagnostics));
    text
}

fn written(paths: &[OwnedTargetPath]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}
