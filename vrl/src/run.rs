//! Events through a program, as Vector's remap transform runs it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use vrl::{
    compiler::{
        ExpressionError, TargetValue, TimeZone,
        runtime::{Runtime, Terminate},
    },
    diagnostic::{DiagnosticMessage, Note},
    value::{ObjectMap, Secrets, Value},
};

use crate::{
    compile::{Compiled, ProgramKind},
    diagnostics::Place,
    notes::{self, Notes},
    values::{Decoded, Encoded},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RunRequest {
    pub handle: u32,
    events: Vec<EventIn>,
    /// The time that `now()` and the guesses of missing years see, in RFC 3339. Without it: the host's clock.
    now: Option<String>,
    /// Of timestamps that name no zone. Without it, and as `local`: UTC.
    timezone: Option<String>,
    /// Answer what the program's last expression was, also where it is no condition.
    #[serde(default)]
    with_value: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventIn {
    event: Decoded,
    metadata: Option<Decoded>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct Ran {
    results: Vec<EventOut>,
}

#[derive(Serialize)]
struct EventOut {
    #[serde(flatten)]
    outcome: Outcome,
    #[serde(flatten)]
    notes: Notes,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Outcome {
    Done {
        event: Owned,
        metadata: Owned,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        secrets: BTreeMap<String, String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Owned>,
    },
    Failed {
        kind: &'static str,
        error: String,
        /// What Vector puts into `metadata.dropped.message` where it reroutes the event.
        dropped_message: String,
        labels: Vec<Place>,
    },
}

/// A value that encodes itself.
struct Owned(Value);

impl Serialize for Owned {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Encoded(&self.0).serialize(serializer)
    }
}

/// One event after the other: what one does to its variables, no other sees.
pub fn run(compiled: &Compiled, request: RunRequest) -> Result<Ran, String> {
    let timezone = timezone_named(request.timezone.as_deref())?;
    let now_ns = request.now.as_deref().map(ns_of).transpose()?;
    let with_value = request.with_value || compiled.kind == ProgramKind::Condition;

    nvl_host::fix_now_ns(now_ns);
    notes::take();
    let mut runtime = Runtime::default();
    let results = request
        .events
        .into_iter()
        .map(|event| {
            let outcome = run_one(&mut runtime, compiled, &timezone, event, with_value);
            runtime.clear();
            let notes = notes::take();
            EventOut { outcome, notes }
        })
        .collect();
    nvl_host::fix_now_ns(None);
    Ok(Ran { results })
}

fn run_one(
    runtime: &mut Runtime,
    compiled: &Compiled,
    timezone: &TimeZone,
    given: EventIn,
    with_value: bool,
) -> Outcome {
    let mut secrets = Secrets::new();
    let mut names: BTreeSet<String> = given.secrets.keys().cloned().collect();
    for (name, secret) in given.secrets {
        secrets.insert(name, secret);
    }
    let metadata = given.metadata.map(|Decoded(metadata)| metadata);
    let mut target = TargetValue {
        value: given.event.0,
        metadata: metadata.unwrap_or_else(|| Value::Object(ObjectMap::new())),
        secrets,
    };
    match runtime.resolve(&mut target, &compiled.program, timezone) {
        Ok(value) => {
            names.extend(notes::secret_names());
            Outcome::Done {
                event: Owned(target.value),
                metadata: Owned(target.metadata),
                secrets: secrets_named(names, &target.secrets),
                value: with_value.then_some(Owned(value)),
            }
        }
        Err(Terminate::Abort(error)) => failed("abort", &error),
        Err(Terminate::Error(error)) => failed("error", &error),
    }
}

/// The secrets of these names that are there.
fn secrets_named(names: BTreeSet<String>, secrets: &Secrets) -> BTreeMap<String, String> {
    names
        .into_iter()
        .filter_map(|name| {
            let secret = secrets.get(&name)?.to_string();
            Some((name, secret))
        })
        .collect()
}

fn failed(kind: &'static str, error: &ExpressionError) -> Outcome {
    // `assert` and `assert_eq` leave the author's own words in a note.
    let notes = error.notes();
    let own_words = notes
        .iter()
        .rfind(|note| matches!(note, Note::UserErrorMessage(_)));
    Outcome::Failed {
        kind,
        error: error.to_string(),
        dropped_message: own_words.map_or_else(|| error.to_string(), ToString::to_string),
        labels: error.labels().into_iter().map(Place::from).collect(),
    }
}

/// The zone of a name; nothing and `local` are UTC here, by the stand-in for `js-sys`.
pub fn timezone_named(name: Option<&str>) -> Result<TimeZone, String> {
    let name = name.unwrap_or("local");
    TimeZone::parse(name).ok_or_else(|| format!("no time zone has the name {name:?}"))
}

fn ns_of(now: &str) -> Result<i64, String> {
    let moment = DateTime::parse_from_rfc3339(now).map_err(|error| format!("now: {error}"))?;
    let ns = moment.timestamp_nanos_opt();
    ns.ok_or_else(|| "now: nanoseconds count from 1677 to 2262 only".to_owned())
}
