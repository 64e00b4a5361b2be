//! Functions that cannot work here. They compile as in Vector, with its parameters and types, and fail when they are called.
//!
//! A program may handle that error and go on; the answer of the run names the function all the same.

use std::collections::BTreeMap;

use vrl::{compiler::function::Error, prelude::*};

use crate::notes;

const FILES: &str = "it reads a file of the machine that runs Vector";
const MACHINE: &str = "it asks the machine that runs Vector";
const NETWORK: &str = "it needs the network";
const RUNNING: &str = "it asks a running Vector";

const REASONS: &[(&str, &str)] = &[
    ("aggregate_vector_metrics", RUNNING),
    ("dns_lookup", NETWORK),
    ("encode_proto", FILES),
    ("find_vector_metrics", RUNNING),
    ("get_env_var", MACHINE),
    ("get_hostname", MACHINE),
    ("get_vector_metric", RUNNING),
    ("http_request", NETWORK),
    ("parse_dnstap", "its parser is not built in"),
    ("parse_groks", "its engine, Oniguruma, is not built in"),
    ("parse_proto", FILES),
    ("reverse_dns", NETWORK),
    ("validate_json_schema", FILES),
];

/// Each function's name and why it fails.
pub fn reasons() -> BTreeMap<&'static str, &'static str> {
    REASONS.iter().copied().collect()
}

/// Vector's own functions, beside those that work.
pub fn of_vector() -> Vec<Box<dyn Function>> {
    const DNSTAP: &[Parameter] = &[
        Parameter::required("value", kind::BYTES, "The data, in Base64."),
        Parameter::optional("lowercase_hostnames", kind::BOOLEAN, "For names of hosts."),
    ];
    const METRIC: &[Parameter] = &[
        Parameter::required("key", kind::BYTES, "The name of the metric."),
        Parameter::optional("tags", kind::OBJECT, "The tags it must have."),
    ];
    const METRICS: &[Parameter] = &[
        Parameter::required("function", kind::BYTES, "What to make of them."),
        Parameter::required("key", kind::BYTES, "The name of the metrics."),
        Parameter::optional("tags", kind::OBJECT, "The tags they must have."),
    ];
    vec![
        Box::new(Unavailable {
            identifier: "parse_dnstap",
            category: "Parse",
            parameters: DNSTAP,
            return_kind: kind::OBJECT,
            // Vector knows the fields; here any may be there.
            type_def: any_object,
            check: nothing_more,
        }),
        Box::new(Unavailable {
            identifier: "get_vector_metric",
            category: "Metrics",
            parameters: METRIC,
            return_kind: kind::OBJECT | kind::NULL,
            type_def: a_metric,
            check: tags_are_strings,
        }),
        Box::new(Unavailable {
            identifier: "find_vector_metrics",
            category: "Metrics",
            parameters: METRIC,
            return_kind: kind::ARRAY,
            type_def: metrics,
            check: tags_are_strings,
        }),
        Box::new(Unavailable {
            identifier: "aggregate_vector_metrics",
            category: "Metrics",
            parameters: METRICS,
            return_kind: kind::FLOAT | kind::NULL,
            type_def: a_sum,
            check: aggregates,
        }),
    ]
}

/// Those of VRL's library that its feature `enable_network_functions` would bring, and an HTTP client with them.
pub fn of_the_network() -> Vec<Box<dyn Function>> {
    const DNS: &[Parameter] = &[
        Parameter::required("value", kind::BYTES, "The name of the domain."),
        Parameter::optional("qtype", kind::BYTES, "The type of record."),
        Parameter::optional("class", kind::BYTES, "The class of the query."),
        Parameter::optional("options", kind::OBJECT, "Of the resolver."),
    ];
    const HTTP: &[Parameter] = &[
        Parameter::required("url", kind::BYTES, "Where to."),
        Parameter::optional("method", kind::BYTES, "GET without it."),
        Parameter::optional("headers", kind::OBJECT, "The headers."),
        Parameter::optional("body", kind::BYTES, "The body."),
        Parameter::optional("http_proxy", kind::BYTES, "A proxy for HTTP."),
        Parameter::optional("https_proxy", kind::BYTES, "A proxy for HTTPS."),
        Parameter::optional("redact_headers", kind::BOOLEAN, "In messages of errors."),
    ];
    const REVERSE: &[Parameter] = &[Parameter::required("value", kind::BYTES, "The address.")];
    vec![
        Box::new(Unavailable {
            identifier: "dns_lookup",
            category: "System",
            parameters: DNS,
            return_kind: kind::OBJECT,
            type_def: a_dns_answer,
            check: nothing_more,
        }),
        Box::new(Unavailable {
            identifier: "http_request",
            category: "System",
            parameters: HTTP,
            return_kind: kind::BYTES,
            type_def: a_string,
            check: nothing_more,
        }),
        Box::new(Unavailable {
            identifier: "reverse_dns",
            category: "System",
            parameters: REVERSE,
            return_kind: kind::BYTES,
            type_def: a_string,
            check: nothing_more,
        }),
    ]
}

/// A function of VRL's library, or what takes its place here.
pub fn instead_of(function: Box<dyn Function>) -> Box<dyn Function> {
    match function.identifier() {
        "encode_proto" => like(&*function, a_string, names_a_message),
        "get_env_var" | "get_hostname" => like(&*function, a_string, nothing_more),
        "parse_groks" => like(&*function, any_object, patterns_are_literals),
        "parse_proto" => like(&*function, any_json, names_a_message),
        "validate_json_schema" => like(&*function, a_boolean, names_a_schema),
        _ => function,
    }
}

fn like(function: &dyn Function, type_def: fn() -> TypeDef, check: Check) -> Box<dyn Function> {
    Box::new(Unavailable {
        identifier: function.identifier(),
        category: function.category(),
        parameters: function.parameters(),
        return_kind: function.return_kind(),
        type_def,
        check,
    })
}

/// What the compiler sees of such a function.
struct Unavailable {
    identifier: &'static str,
    category: &'static str,
    parameters: &'static [Parameter],
    return_kind: u16,
    type_def: fn() -> TypeDef,
    check: Check,
}

/// What Vector asks of the arguments beyond their types.
type Check = fn(&ArgumentList, &TypeState) -> Result<(), Box<dyn DiagnosticMessage>>;

impl fmt::Debug for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unavailable({})", self.identifier)
    }
}

impl Function for Unavailable {
    fn identifier(&self) -> &'static str {
        self.identifier
    }

    fn usage(&self) -> &'static str {
        "Works in Vector, not here."
    }

    fn category(&self) -> &'static str {
        self.category
    }

    fn return_kind(&self) -> u16 {
        self.return_kind
    }

    fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn compile(
        &self,
        state: &TypeState,
        _context: &mut FunctionCompileContext,
        arguments: ArgumentList,
    ) -> Compiled {
        (self.check)(&arguments, state)?;
        let given = self.parameters.iter();
        Ok(UnavailableCall {
            identifier: self.identifier,
            arguments: given
                .filter_map(|parameter| arguments.optional(parameter.keyword))
                .collect(),
            type_def: self.type_def,
        }
        .as_expr())
    }
}

#[derive(Clone, Debug)]
struct UnavailableCall {
    identifier: &'static str,
    arguments: Vec<Box<dyn Expression>>,
    type_def: fn() -> TypeDef,
}

impl FunctionExpression for UnavailableCall {
    fn resolve(&self, context: &mut Context) -> Resolved {
        // An argument that fails, fails before the function does.
        for argument in &self.arguments {
            argument.resolve(context)?;
        }
        notes::was_unavailable(self.identifier);
        let reason = reasons()[self.identifier];
        Err(format!("{} is not available in nvl: {reason}", self.identifier).into())
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        (self.type_def)()
    }
}

// What the functions answer.

fn a_string() -> TypeDef {
    TypeDef::bytes().fallible()
}

fn a_boolean() -> TypeDef {
    TypeDef::boolean().fallible()
}

fn any_object() -> TypeDef {
    TypeDef::object(Collection::any()).fallible()
}

fn any_json() -> TypeDef {
    let scalar =
        Kind::null() | Kind::bytes() | Kind::integer() | Kind::float() | Kind::boolean();
    let inside = scalar.clone()
        | Kind::array(Collection::any())
        | Kind::object(Collection::any());
    let outside = scalar
        | Kind::array(Collection::from_unknown(inside.clone()))
        | Kind::object(Collection::from_unknown(inside));
    TypeDef::from(outside).fallible()
}

fn a_metric() -> TypeDef {
    TypeDef::object(metric_fields()).or_null().infallible()
}

/// An object, though an array is what comes: Vector's own slip, by which it compiles programs.
fn metrics() -> TypeDef {
    TypeDef::object(Collection::from_unknown(Kind::object(metric_fields()))).infallible()
}

fn a_sum() -> TypeDef {
    TypeDef::float().or_null().infallible()
}

fn a_dns_answer() -> TypeDef {
    let header = kinds([
        ("aa", Kind::boolean()),
        ("ad", Kind::boolean()),
        ("anCount", Kind::integer()),
        ("arCount", Kind::integer()),
        ("cd", Kind::boolean()),
        ("nsCount", Kind::integer()),
        ("opcode", Kind::integer()),
        ("qdCount", Kind::integer()),
        ("qr", Kind::integer()),
        ("ra", Kind::boolean()),
        ("rcode", Kind::integer()),
        ("rd", Kind::boolean()),
        ("tc", Kind::boolean()),
    ]);
    let record = kinds([
        ("class", Kind::bytes()),
        ("domainName", Kind::bytes()),
        ("rData", Kind::bytes()),
        ("recordType", Kind::bytes()),
        ("recordTypeId", Kind::integer()),
        ("ttl", Kind::integer()),
    ]);
    let question = kinds([
        ("class", Kind::bytes()),
        ("domainName", Kind::bytes()),
        ("questionType", Kind::bytes()),
        ("questionTypeId", Kind::integer()),
    ]);
    let records = Kind::array(Collection::from_unknown(Kind::object(record)));
    let answer = kinds([
        ("additional", records.clone()),
        ("answers", records.clone()),
        ("authority", records),
        ("fullRcode", Kind::integer()),
        ("header", Kind::object(header)),
        ("question", Kind::array(Collection::from_unknown(Kind::object(question)))),
        ("rcodeName", Kind::bytes() | Kind::null()),
        ("time", Kind::bytes() | Kind::null()),
        ("timePrecision", Kind::bytes() | Kind::null()),
    ]);
    TypeDef::object(answer).fallible()
}

fn metric_fields() -> BTreeMap<Field, Kind> {
    kinds([
        ("name", Kind::bytes()),
        ("tags", Kind::any_object()),
        ("type", Kind::bytes()),
        ("kind", Kind::bytes()),
        ("value", Kind::float() | Kind::null()),
    ])
}

fn kinds<const N: usize>(fields: [(&str, Kind); N]) -> BTreeMap<Field, Kind> {
    let named = fields.into_iter();
    named.map(|(name, kind)| (Field::from(name), kind)).collect()
}

// What Vector asks of their arguments.

fn nothing_more(
    _arguments: &ArgumentList,
    _state: &TypeState,
) -> Result<(), Box<dyn DiagnosticMessage>> {
    Ok(())
}

fn names_a_message(
    arguments: &ArgumentList,
    state: &TypeState,
) -> Result<(), Box<dyn DiagnosticMessage>> {
    arguments.required_literal("desc_file", state)?;
    arguments.required_literal("message_type", state)?;
    Ok(())
}

fn names_a_schema(
    arguments: &ArgumentList,
    state: &TypeState,
) -> Result<(), Box<dyn DiagnosticMessage>> {
    arguments.required_literal("schema_definition", state)?;
    Ok(())
}

fn aggregates(
    arguments: &ArgumentList,
    state: &TypeState,
) -> Result<(), Box<dyn DiagnosticMessage>> {
    let functions = ["sum", "avg", "min", "max"].map(Value::from);
    arguments.required_enum("function", &functions, state)?;
    tags_are_strings(arguments, state)
}

fn tags_are_strings(
    arguments: &ArgumentList,
    state: &TypeState,
) -> Result<(), Box<dyn DiagnosticMessage>> {
    for tag in arguments.optional_object("tags")?.unwrap_or_default().values() {
        if *tag.type_def(state).kind() != Kind::bytes() {
            return Err(Box::new(Error::InvalidArgument {
                keyword: "tags.value",
                value: tag.resolve_constant(state).unwrap_or(Value::Null),
                error: "Tag values must be strings",
            }));
        }
    }
    Ok(())
}

fn patterns_are_literals(
    arguments: &ArgumentList,
    state: &TypeState,
) -> Result<(), Box<dyn DiagnosticMessage>> {
    let patterns = arguments.required_array("patterns")?;
    let aliases = arguments.optional_object("aliases")?.unwrap_or_default();
    let sources = arguments.optional_array("alias_sources")?.unwrap_or_default();
    let all = patterns
        .into_iter()
        .map(|it| ("patterns", it))
        .chain(aliases.into_values().map(|it| ("aliases", it)))
        .chain(sources.into_iter().map(|it| ("alias_sources", it)));
    for (keyword, expression) in all {
        match expression.resolve_constant(state) {
            Some(Value::Bytes(_)) => {}
            Some(value) => {
                return Err(Box::new(Error::InvalidArgument {
                    keyword,
                    value,
                    error: "it must be a string",
                }));
            }
            None => {
                return Err(Box::new(Error::ExpectedStaticExpression {
                    keyword,
                    expr: Box::new(expression),
                }));
            }
        }
    }
    Ok(())
}
