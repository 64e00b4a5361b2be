//! Vector's `get_enrichment_table_record()` and `find_enrichment_table_records()`, over the tables that the host feeds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use vrl::{
    compiler::expression::{Container, Expr, Variant},
    prelude::*,
};

use crate::tables::{self, Condition, Search};

pub fn all() -> Vec<Box<dyn Function>> {
    vec![Box::new(Lookup::One), Box::new(Lookup::All)]
}

/// The tables that a program may name while it is compiled, with their columns; `None` where any column will do.
#[derive(Clone, Debug)]
pub struct Catalog(BTreeMap<String, Option<Vec<String>>>);

impl Catalog {
    pub fn new(tables: BTreeMap<String, Option<Vec<String>>>) -> Self {
        Self(tables)
    }

    fn ids(&self) -> Vec<Value> {
        self.0.keys().map(|id| Value::from(id.as_str())).collect()
    }

    fn check_columns(&self, table: &str, names: &[String]) -> Result<(), String> {
        match self.0.get(table) {
            Some(Some(columns)) => tables::positions(columns, names).map(|_| ()),
            _ => Ok(()),
        }
    }
}

/// How many rows are wanted.
#[derive(Clone, Copy, Debug)]
enum Lookup {
    One,
    All,
}

static CASE_MATTERS: Value = Value::Boolean(true);

impl Function for Lookup {
    fn identifier(&self) -> &'static str {
        match self {
            Self::One => "get_enrichment_table_record",
            Self::All => "find_enrichment_table_records",
        }
    }

    fn usage(&self) -> &'static str {
        match self {
            Self::One => "The row of a table that meets the condition.",
            Self::All => "The rows of a table that meet the condition.",
        }
    }

    fn category(&self) -> &'static str {
        "Enrichment"
    }

    fn return_kind(&self) -> u16 {
        match self {
            Self::One => kind::OBJECT,
            Self::All => kind::ARRAY,
        }
    }

    fn parameters(&self) -> &'static [Parameter] {
        const PARAMETERS: &[Parameter] = &[
            Parameter::required("table", kind::BYTES, "The table."),
            Parameter::required("condition", kind::OBJECT, "What a row must be."),
            Parameter::optional("select", kind::ARRAY, "The columns wanted; all without it."),
            Parameter::optional("case_sensitive", kind::BOOLEAN, "Whether case matters.")
                .default(&CASE_MATTERS),
            Parameter::optional("wildcard", kind::BYTES, "A value that any row may have instead."),
        ];
        PARAMETERS
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
        let Some(catalog) = context.get_external_context::<Catalog>() else {
            return refused("enrichment tables not loaded".to_owned());
        };
        let table = arguments.required_enum("table", &catalog.ids(), state)?;
        let table = table.to_string_lossy().into_owned();
        let condition = arguments.required_object("condition")?;
        let is_case_sensitive = arguments.optional_literal("case_sensitive", state)?;
        let is_case_sensitive = is_case_sensitive.and_then(|it| it.as_boolean());

        let indexed: Vec<String> = condition
            .iter()
            .filter(|(_, asked)| !is_range(asked))
            .map(|(column, _)| column.to_string())
            .collect();
        if let Err(error) = catalog.check_columns(&table, &indexed) {
            return refused(error);
        }
        Ok(LookupCall {
            lookup: *self,
            table,
            condition,
            indexed,
            select: arguments.optional("select"),
            wildcard: arguments.optional("wildcard"),
            is_case_sensitive: is_case_sensitive.unwrap_or(true),
        }
        .as_expr())
    }
}

fn refused(message: String) -> Compiled {
    Err(Box::new(ExpressionError::from(message)))
}

/// Whether the program's text shows a range of time, `{"from": …, "to": …}`.
fn is_range(asked: &Expr) -> bool {
    match asked {
        Expr::Container(Container {
            variant: Variant::Object(object),
        }) => object.contains_key("from") || object.contains_key("to"),
        _ => false,
    }
}

#[derive(Clone, Debug)]
struct LookupCall {
    lookup: Lookup,
    table: String,
    condition: BTreeMap<KeyString, Expr>,
    indexed: Vec<String>,
    select: Option<Box<dyn Expression>>,
    wildcard: Option<Box<dyn Expression>>,
    is_case_sensitive: bool,
}

impl FunctionExpression for LookupCall {
    fn resolve(&self, context: &mut Context) -> Resolved {
        let mut conditions = Vec::with_capacity(self.condition.len());
        for (column, asked) in &self.condition {
            let value = asked.resolve(context)?;
            conditions.push(condition_of(column, value)?);
        }
        let select = self.select.map_resolve(context)?;
        let wildcard = self.wildcard.map_resolve(context)?;
        let select = select.map(texts_of).transpose()?;

        let table = tables::table(&self.table)?;
        let search = Search {
            conditions: &conditions,
            indexed: &self.indexed,
            is_case_sensitive: self.is_case_sensitive,
            wildcard: wildcard.as_ref(),
            select: select.as_deref(),
        };
        match self.lookup {
            Lookup::One => Ok(Value::Object(table.find_one(&search)?)),
            Lookup::All => {
                let rows = table.find(&search, usize::MAX)?;
                Ok(Value::Array(rows.into_iter().map(Value::Object).collect()))
            }
        }
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        match self.lookup {
            Lookup::One => TypeDef::object(Collection::any()).fallible(),
            Lookup::All => {
                let row = Kind::object(Collection::any());
                TypeDef::array(Collection::from_unknown(row)).fallible()
            }
        }
    }
}

fn condition_of(column: &str, value: Value) -> ExpressionResult<Condition<'_>> {
    if let Value::Object(range) = &value {
        let (from, to) = (end_of(range, "from")?, end_of(range, "to")?);
        if from.is_some() || to.is_some() {
            return Ok(Condition::Within { column, from, to });
        }
    }
    Ok(Condition::Equals { column, value })
}

fn end_of(range: &ObjectMap, name: &str) -> Result<Option<DateTime<Utc>>, String> {
    match range.get(name) {
        None => Ok(None),
        Some(Value::Timestamp(moment)) => Ok(Some(*moment)),
        Some(_) => Err(format!("{name} in condition must be a timestamp")),
    }
}

fn texts_of(select: Value) -> ExpressionResult<Vec<String>> {
    let columns = select.try_array()?;
    let texts = columns.iter().map(|column| -> ExpressionResult<String> {
        Ok(column.try_bytes_utf8_lossy()?.into_owned())
    });
    texts.collect()
}
