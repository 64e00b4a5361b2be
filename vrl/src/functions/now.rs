//! `now()`, which VRL's own has from JavaScript in milliseconds: here a fixed time is exact.

use chrono::DateTime;
use vrl::prelude::*;

#[derive(Clone, Copy, Debug)]
pub struct Now;

impl Function for Now {
    fn identifier(&self) -> &'static str {
        "now"
    }

    fn usage(&self) -> &'static str {
        "The time, in UTC."
    }

    fn category(&self) -> &'static str {
        Category::Timestamp.as_ref()
    }

    fn return_kind(&self) -> u16 {
        kind::TIMESTAMP
    }

    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn compile(
        &self,
        _state: &TypeState,
        _context: &mut FunctionCompileContext,
        _arguments: ArgumentList,
    ) -> Compiled {
        Ok(NowCall.as_expr())
    }
}

#[derive(Clone, Debug)]
struct NowCall;

impl FunctionExpression for NowCall {
    fn resolve(&self, _context: &mut Context) -> Resolved {
        Ok(Value::Timestamp(DateTime::from_timestamp_nanos(nvl_host::now_ns())))
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        TypeDef::timestamp()
    }
}
