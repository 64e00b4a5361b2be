//! `parse_grok()`, with another engine for its regular expressions: Vector's, Oniguruma, is C.

use std::{error::Error, sync::Arc};

use vrl::{compiler::codes::ExprCode, diagnostic::Label, prelude::*, stdlib};

#[derive(Clone, Copy, Debug)]
pub struct ParseGrok;

impl Function for ParseGrok {
    fn identifier(&self) -> &'static str {
        "parse_grok"
    }

    fn usage(&self) -> &'static str {
        "Parses a string by a grok pattern."
    }

    fn category(&self) -> &'static str {
        Category::Parse.as_ref()
    }

    fn return_kind(&self) -> u16 {
        kind::OBJECT
    }

    fn parameters(&self) -> &'static [Parameter] {
        stdlib::ParseGrok.parameters()
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
        let value = arguments.required("value");
        let pattern = arguments.required_literal("pattern", state)?;
        let compiled =
            ::grok::Grok::with_default_patterns().compile(&pattern.to_string_lossy(), true);
        match compiled {
            Ok(pattern) => Ok(ParseGrokCall {
                value,
                pattern: Arc::new(pattern),
            }
            .as_expr()),
            Err(error) => Err(Box::new(InvalidPattern(error.to_string()))),
        }
    }
}

#[derive(Clone, Debug)]
struct ParseGrokCall {
    value: Box<dyn Expression>,
    pattern: Arc<::grok::Pattern>,
}

impl FunctionExpression for ParseGrokCall {
    fn resolve(&self, context: &mut Context) -> Resolved {
        let value = self.value.resolve(context)?;
        let text = value.try_bytes_utf8_lossy()?;
        let Some(matches) = self.pattern.match_against(&text) else {
            return Err("unable to parse input with grok pattern".into());
        };
        let mut fields = ObjectMap::new();
        for (name, found) in &matches {
            fields.insert(name.into(), found.into());
        }
        Ok(Value::Object(fields))
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        TypeDef::object(Collection::any()).fallible()
    }
}

#[derive(Debug)]
struct InvalidPattern(String);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for InvalidPattern {}

impl DiagnosticMessage for InvalidPattern {
    fn code(&self) -> usize {
        ExprCode::InvalidGrokPattern as usize
    }

    fn labels(&self) -> Vec<Label> {
        vec![Label::primary(format!("grok pattern error: {self}"), Span::default())]
    }
}
