//! The interface as a host sees it: JSON in, JSON out. These run on any machine; what only WebAssembly shows is tested from Node.

use std::sync::Mutex;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::interface;

/// Tables and the fixed time are the module's, of which there is one for all threads here.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn ask<Request: DeserializeOwned, Answer: Serialize>(
    act: impl FnOnce(Request) -> Answer,
    request: Value,
) -> Value {
    let request = serde_json::from_value(request).expect("a request");
    serde_json::to_value(act(request)).expect("an answer")
}

fn check(request: Value) -> Value {
    ask(interface::check, request)
}

fn feed(request: Value) -> Value {
    ask(|request| interface::tables(request).expect("tables"), request)
}

/// Loads a program and runs it over one event.
fn run_with(program: &str, event: Value, mut options: Value) -> Value {
    let loaded = ask(interface::load, json!({ "program": program }));
    assert_eq!(loaded["ok"], true, "{}", loaded["text"]);
    options["handle"] = loaded["handle"].clone();
    options["events"] = json!([{ "event": event }]);
    let ran = ask(|request| interface::run(request).expect("it runs"), options);
    let dropped = ask(interface::drop_program, json!({ "handle": loaded["handle"] }));
    assert_eq!(dropped["dropped"], true);
    ran["results"][0].clone()
}

fn run(program: &str, event: Value) -> Value {
    run_with(program, event, json!({}))
}

#[test]
fn it_says_which_vrl_it_is() {
    let version = serde_json::to_value(interface::version()).expect("a version");
    assert_eq!(version["interface"], 1);
    assert_eq!(version["vrl"], "0.34.0");
    assert_eq!(version["unavailable"]["dns_lookup"], "it needs the network");
}

#[test]
fn an_error_has_a_code_and_a_place() {
    let verdict = check(json!({ "program": ".a = nope(.b)" }));
    assert_eq!(verdict["ok"], false);
    assert_eq!(verdict["diagnostics"][0]["code"], 105);
    let label = &verdict["diagnostics"][0]["labels"][0];
    assert_eq!((&label["start"], &label["end"]), (&json!(5), &json!(9)));
    assert_eq!(label["isPrimary"], true);
}

#[test]
fn an_accepted_program_says_what_it_may_do() {
    let verdict = check(json!({ "program": ".a = to_int!(.b)\nif .a == 1 { abort }" }));
    assert_eq!(verdict["ok"], true);
    assert_eq!(verdict["isFallible"], true);
    assert_eq!(verdict["isAbortable"], true);
    assert_eq!(verdict["writes"], json!([".a"]));
}

#[test]
fn a_condition_is_a_boolean_and_changes_nothing() {
    let ok = |program: &str| check(json!({ "program": program, "kind": "condition" }))["ok"].clone();
    assert_eq!(ok(".a == 1"), true);
    assert_eq!(ok(".a"), false);
    assert_eq!(ok(".a = 1; true"), false);
}

#[test]
fn vectors_own_metadata_is_read_only() {
    let verdict = check(json!({ "program": "%vector.a = 1" }));
    assert_eq!(verdict["diagnostics"][0]["code"], 315);
}

#[test]
fn events_come_back_changed() {
    let _guard = ONE_AT_A_TIME.lock();
    let result = run(".b = (.a + 1) ?? 0; %c = \"d\"", json!({ "a": 1 }));
    assert_eq!(result, json!({ "event": { "a": 1, "b": 2 }, "metadata": { "c": "d" } }));
}

#[test]
fn errors_and_aborts_are_told_apart() {
    let _guard = ONE_AT_A_TIME.lock();
    let error = run(".a = to_int!(.b)", json!({ "b": "x" }));
    assert_eq!(error["kind"], "error");
    assert!(error["error"].as_str().is_some_and(|text| text.starts_with("function call error")));
    let abort = run("abort \"no\"", json!({}));
    assert_eq!((&abort["kind"], &abort["error"]), (&json!("abort"), &json!("no")));
}

#[test]
fn the_time_can_be_fixed() {
    let _guard = ONE_AT_A_TIME.lock();
    let now = "2026-01-02T03:04:05.123456789Z";
    let result = run_with(".a = now()", json!({}), json!({ "now": now }));
    assert_eq!(result["event"]["a"], json!({ "$ts": now }));
}

#[test]
fn values_survive_the_way_in_and_out() {
    let _guard = ONE_AT_A_TIME.lock();
    let event = json!({
        "null": null,
        "list": [true, 1, 1.5, "ä"],
        "large": { "$int": "9007199254740993" },
        "whole": { "$float": "1.0" },
        "tiny": { "$float": "-0.0" },
        "endless": { "$float": "-Infinity" },
        "bytes": { "$bytes": "/w==" },
        "time": { "$ts": "2026-01-02T03:04:05.678Z" },
        "far": { "$ts": "@253402300800.000000001" },
        "pattern": { "$re": "a+" },
        "own": { "$obj": { "$ts": "mine", "$obj": { "$obj": { "$x": 1 } } } },
    });
    assert_eq!(run(".", event.clone())["event"], event);
}

#[test]
fn a_wrong_tag_is_a_wrong_request() {
    let read = |value: Value| serde_json::from_value::<crate::values::Decoded>(value).is_ok();
    assert!(!read(json!({ "$unknown": "x" })));
    assert!(!read(json!({ "$ts": "yesterday" })));
    assert!(!read(json!({ "$int": "1", "b": 1 })));
    assert!(read(json!({ "a": { "$int": "1" } })));
}

#[test]
fn log_lines_are_handed_on() {
    let _guard = ONE_AT_A_TIME.lock();
    let result = run(". = {}\nlog(\"hm\", level: \"warn\")", json!({}));
    assert_eq!(result["logs"], json!([{ "level": "warn", "message": "hm", "start": 7 }]));
}

#[test]
fn what_cannot_work_here_fails_and_is_named() {
    let _guard = ONE_AT_A_TIME.lock();
    let failed = run(".a = reverse_dns!(\"127.0.0.1\")", json!({}));
    let text = failed["error"].as_str().expect("an error");
    assert!(text.ends_with("reverse_dns is not available in nvl: it needs the network"), "{text}");
    let handled = run(".a = get_hostname() ?? \"?\"", json!({}));
    assert_eq!(handled["event"], json!({ "a": "?" }));
    assert_eq!(handled["unavailable"], json!(["get_hostname"]));
}

#[test]
fn grok_patterns_are_parsed() {
    let _guard = ONE_AT_A_TIME.lock();
    let program = ". = parse_grok!(.m, \"%{LOGLEVEL:level} %{GREEDYDATA:text}\")";
    let result = run(program, json!({ "m": "info all well" }));
    assert_eq!(result["event"], json!({ "level": "info", "text": "all well" }));
    let verdict = check(json!({ "program": "parse_grok!(.m, \"%{NOPE}\")" }));
    assert_eq!(verdict["diagnostics"][0]["code"], 610);
}

#[test]
fn tables_are_looked_up() {
    let _guard = ONE_AT_A_TIME.lock();
    let sizes = feed(json!({ "tables": { "tasks": {
        "columns": ["id", "name", "port"],
        "rows": [["a", "Web", "80"], ["b", "db", "81"], ["b", "db", "82"], ["*", "all", "83"]],
        "schema": { "port": "integer" },
    } } }));
    assert_eq!(sizes, json!({ "tasks": 4 }));

    let one = |condition: &str| {
        run(&format!(". = get_enrichment_table_record!(\"tasks\", {condition})"), json!({}))
    };
    assert_eq!(one("{\"id\": \"a\"}")["event"], json!({ "id": "a", "name": "Web", "port": 80 }));
    assert_eq!(one("{\"id\": \"a\"}, select: [\"name\"]")["event"], json!({ "name": "Web" }));
    assert_eq!(one("{\"name\": \"web\"}, case_sensitive: false")["event"]["id"], "a");
    assert_eq!(one("{\"id\": \"z\"}, wildcard: \"*\"")["event"]["name"], "all");
    let error = |condition: &str| one(condition)["error"].as_str().map(str::to_owned);
    assert!(error("{\"id\": \"z\"}").is_some_and(|text| text.ends_with("No rows found")));
    assert!(error("{\"id\": \"b\"}").is_some_and(|text| text.ends_with("More than one row found")));

    let all = run(". = {\"rows\": find_enrichment_table_records!(\"tasks\", {\"id\": \"b\"})}", json!({}));
    assert_eq!(all["event"]["rows"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_program_names_tables_and_columns_that_exist() {
    let ask = |table: &str, column: &str| {
        check(json!({
            "program": format!("get_enrichment_table_record!(\"{table}\", {{\"{column}\": \"x\"}})"),
            "tables": { "tasks": ["id"], "other": null },
        }))["ok"]
            .clone()
    };
    assert_eq!(ask("tasks", "id"), true);
    assert_eq!(ask("tasks", "nope"), false);
    assert_eq!(ask("nope", "id"), false);
    assert_eq!(ask("other", "whatever"), true);
}

#[test]
fn the_secrets_that_an_event_has_are_told() {
    let ran = run_with(r#"set_secret("a", "1"); set_secret("b", "2"); remove_secret("a")"#, json!({}), json!({}));
    assert_eq!(ran["secrets"], json!({ "b": "2" }));
    assert_eq!(run_with(".a = 1", json!({}), json!({}))["secrets"], Value::Null);
}
