//! `log()`, which VRL's own refuses in WebAssembly: here the line goes into the answer of the run.

use vrl::{prelude::*, stdlib};

use crate::notes::{self, Logged};

const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];
const DEFAULT_LEVEL: &str = "info";

#[derive(Clone, Copy, Debug)]
pub struct Log;

impl Function for Log {
    fn identifier(&self) -> &'static str {
        "log"
    }

    fn usage(&self) -> &'static str {
        "Notes a value for whoever runs the program."
    }

    fn category(&self) -> &'static str {
        Category::Debug.as_ref()
    }

    fn return_kind(&self) -> u16 {
        kind::NULL
    }

    fn pure(&self) -> bool {
        false
    }

    fn parameters(&self) -> &'static [Parameter] {
        stdlib::Log.parameters()
    }

    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn compile(
        &self,
        state: &TypeState,
        context: &mut FunctionCompileContext,
        arguments: ArgumentList,
    ) -> Compiled {
        let levels = LEVELS.map(Value::from);
        let level = arguments.optional_enum("level", &levels, state)?;
        let level = level.map_or_else(|| DEFAULT_LEVEL.to_owned(), |it| it.to_string_lossy().into_owned());
        Ok(LogCall {
            value: arguments.required("value"),
            rate_limit_secs: arguments.optional("rate_limit_secs"),
            level,
            start: context.span().start(),
        }
        .as_expr())
    }
}

#[derive(Clone, Debug)]
struct LogCall {
    value: Box<dyn Expression>,
    rate_limit_secs: Option<Box<dyn Expression>>,
    level: String,
    start: usize,
}

impl FunctionExpression for LogCall {
    fn resolve(&self, context: &mut Context) -> Resolved {
        let value = self.value.resolve(context)?;
        // Nothing is held back here; but what is no number is an error, as in Vector.
        if let Some(limit) = self.rate_limit_secs.map_resolve(context)? {
            limit.try_integer()?;
        }
        notes::logged(Logged {
            level: self.level.clone(),
            message: value.to_string_lossy().into_owned(),
            start: self.start,
        });
        Ok(Value::Null)
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        TypeDef::null().infallible().impure()
    }
}
