//! Enrichment tables, looked up as Vector does in its tables of `type = "file"`.
//!
//! The host feeds them; loaded programs find a table by its id each time, so that new rows are seen at once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use vrl::{
    compiler::{TimeZone, conversion::Conversion},
    prelude::Bytes,
    value::{ObjectMap, Value},
};

use crate::{run::timezone_named, values::Decoded};

static TABLES: Mutex<BTreeMap<String, Arc<Table>>> = Mutex::new(BTreeMap::new());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TablesRequest {
    tables: BTreeMap<String, TableIn>,
    /// Of the timestamps of a schema that name no zone.
    timezone: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableIn {
    columns: Vec<String>,
    rows: Vec<Vec<Decoded>>,
    /// Vector's option of this name: what a column's text is turned into.
    #[serde(default)]
    schema: HashMap<String, String>,
}

/// Replaces all tables; says how many rows each has.
pub fn feed(request: TablesRequest) -> Result<BTreeMap<String, usize>, String> {
    let timezone = timezone_named(request.timezone.as_deref())?;
    let mut tables = BTreeMap::new();
    for (id, given) in request.tables {
        let table = Table::new(given, timezone).map_err(|error| format!("table {id}: {error}"))?;
        tables.insert(id, Arc::new(table));
    }
    let sizes = tables
        .iter()
        .map(|(id, table)| (id.clone(), table.rows.len()))
        .collect();
    *locked(&TABLES) = tables;
    Ok(sizes)
}

/// The columns of each table that was fed.
pub fn columns_of_all() -> BTreeMap<String, Option<Vec<String>>> {
    let tables = locked(&TABLES);
    tables
        .iter()
        .map(|(id, table)| (id.clone(), Some(table.columns.clone())))
        .collect()
}

/// The table of an id, as it was fed last.
pub fn table(id: &str) -> Result<Arc<Table>, String> {
    let found = locked(&TABLES).get(id).cloned();
    found.ok_or_else(|| format!("Table {id} not loaded"))
}

/// What a row must be.
pub enum Condition<'a> {
    Equals {
        column: &'a str,
        value: Value,
    },
    /// A timestamp, both ends included.
    Within {
        column: &'a str,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    },
}

pub struct Search<'a> {
    pub conditions: &'a [Condition<'a>],
    /// The columns that the program names in conditions of equality, as its text shows.
    pub indexed: &'a [String],
    pub is_case_sensitive: bool,
    /// A row may have this value in place of the one asked for.
    pub wildcard: Option<&'a Value>,
    /// Columns to answer; all without it.
    pub select: Option<&'a [String]>,
}

/// Rows by the bytes of the columns that a program looks for.
type Index = HashMap<Vec<u8>, Vec<usize>>;

#[derive(Debug)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    /// Made when first needed: by whether case matters, and columns.
    indexes: Mutex<HashMap<(bool, Vec<usize>), Arc<Index>>>,
}

impl Table {
    fn new(given: TableIn, timezone: TimeZone) -> Result<Self, String> {
        let TableIn {
            columns,
            rows,
            schema,
        } = given;
        let conversions = columns
            .iter()
            .map(|column| schema.get(column).map(|to| Converter::of(to, timezone)).transpose())
            .collect::<Result<Vec<_>, String>>()?;

        let mut converted = Vec::with_capacity(rows.len());
        for (at, row) in rows.into_iter().enumerate() {
            if row.len() != columns.len() {
                let (has, wants) = (row.len(), columns.len());
                return Err(format!("row {at} has {has} values for {wants} columns"));
            }
            let values = row.into_iter().zip(&conversions).map(|(Decoded(value), to)| match to {
                Some(to) => to.convert(value).map_err(|error| format!("row {at}: {error}")),
                None => Ok(value),
            });
            converted.push(values.collect::<Result<Vec<_>, String>>()?);
        }
        Ok(Self {
            columns,
            rows: converted,
            indexes: Mutex::default(),
        })
    }

    /// All rows that meet all conditions, up to a number of them, in the order of the table.
    pub fn find(&self, search: &Search, most: usize) -> Result<Vec<ObjectMap>, String> {
        let index = self.index(search)?;
        let mut candidates = index.get(&self.key(search, None)?);
        if let (None, Some(wildcard)) = (candidates, search.wildcard) {
            // As in Vector: either all columns are as asked, or all are the wildcard.
            candidates = index.get(&self.key(search, Some(wildcard))?);
        }
        let rows = candidates.into_iter().flatten().map(|at| &self.rows[*at]);
        let found = rows.filter(|row| self.meets_all(row, search)).take(most);
        Ok(found.map(|row| self.selected(row, search.select)).collect())
    }

    /// The one row that meets all conditions.
    pub fn find_one(&self, search: &Search) -> Result<ObjectMap, String> {
        let mut found = self.find(search, 2)?;
        match (found.pop(), found.pop()) {
            (Some(row), None) => Ok(row),
            (None, _) => Err("No rows found".to_owned()),
            (Some(_), Some(_)) => Err("More than one row found".to_owned()),
        }
    }

    fn index(&self, search: &Search) -> Result<Arc<Index>, String> {
        let positions = positions(&self.columns, search.indexed)?;
        let mut indexes = locked(&self.indexes);
        let name = (search.is_case_sensitive, positions);
        if let Some(index) = indexes.get(&name) {
            return Ok(Arc::clone(index));
        }
        let mut index = Index::new();
        for (at, row) in self.rows.iter().enumerate() {
            let mut key = Vec::new();
            for position in &name.1 {
                add_to_key(&mut key, &row[*position], search.is_case_sensitive)?;
            }
            index.entry(key).or_default().push(at);
        }
        let index = Arc::new(index);
        indexes.insert(name, Arc::clone(&index));
        Ok(index)
    }

    /// What the index has a matching row under. Columns come in the order of the table.
    fn key(&self, search: &Search, wildcard: Option<&Value>) -> Result<Vec<u8>, String> {
        let mut key = Vec::new();
        for column in &self.columns {
            let asked = search.conditions.iter().find_map(|condition| match condition {
                Condition::Equals { column: of, value } if of == column => Some(value),
                _ => None,
            });
            if let Some(value) = asked {
                add_to_key(&mut key, wildcard.unwrap_or(value), search.is_case_sensitive)?;
            }
        }
        Ok(key)
    }

    fn meets_all(&self, row: &[Value], search: &Search) -> bool {
        search.conditions.iter().all(|condition| match condition {
            Condition::Equals { column, value } => self.value(row, column).is_some_and(|has| {
                let is_same = |asked: &Value| are_same(has, asked, search.is_case_sensitive);
                is_same(value) || search.wildcard.is_some_and(is_same)
            }),
            Condition::Within { column, from, to } => match self.value(row, column) {
                Some(Value::Timestamp(has)) => {
                    from.is_none_or(|from| from <= *has) && to.is_none_or(|to| *has <= to)
                }
                _ => false,
            },
        })
    }

    fn value<'a>(&self, row: &'a [Value], column: &str) -> Option<&'a Value> {
        let position = self.columns.iter().position(|name| name == column);
        position.map(|position| &row[position])
    }

    fn selected(&self, row: &[Value], select: Option<&[String]>) -> ObjectMap {
        self.columns
            .iter()
            .zip(row)
            .filter(|(column, _)| select.is_none_or(|select| select.contains(column)))
            .map(|(column, value)| (column.as_str().into(), value.clone()))
            .collect()
    }
}

/// Where the named columns are in a table, in its order; an error names those it lacks.
pub fn positions(columns: &[String], names: &[String]) -> Result<Vec<usize>, String> {
    let positions: Vec<usize> = (0..columns.len())
        .filter(|at| names.contains(&columns[*at]))
        .collect();
    if positions.len() == names.len() {
        return Ok(positions);
    }
    let missing: Vec<&str> = names
        .iter()
        .filter(|name| !columns.contains(name))
        .map(String::as_str)
        .collect();
    Err(format!("Field(s) '{}' missing from dataset", missing.join(", ")))
}

fn are_same(has: &Value, asked: &Value, is_case_sensitive: bool) -> bool {
    match (has, asked) {
        (Value::Bytes(has), Value::Bytes(asked)) if !is_case_sensitive => {
            match (std::str::from_utf8(has), std::str::from_utf8(asked)) {
                (Ok(has), Ok(asked)) => has.to_lowercase() == asked.to_lowercase(),
                (Err(_), Err(_)) => has == asked,
                _ => false,
            }
        }
        _ => has == asked,
    }
}

fn add_to_key(key: &mut Vec<u8>, value: &Value, is_case_sensitive: bool) -> Result<(), String> {
    match value {
        Value::Bytes(bytes) if is_case_sensitive => key.extend_from_slice(bytes),
        Value::Bytes(bytes) => {
            let text = std::str::from_utf8(bytes);
            let text = text.map_err(|error| format!("Column contains invalid UTF-8: {error}"))?;
            key.extend_from_slice(text.to_lowercase().as_bytes());
        }
        other => {
            let bytes = other.encode_as_bytes();
            let bytes = bytes.map_err(|error| format!("Failed to encode value: {error}"))?;
            key.extend_from_slice(&bytes);
        }
    }
    // Ends a column, so that ("a", "bc") is not ("ab", "c").
    key.push(0);
    Ok(())
}

/// What the schema of a table says of a column.
enum Converter {
    Date(String),
    Other(Conversion),
}

impl Converter {
    fn of(name: &str, timezone: TimeZone) -> Result<Self, String> {
        let (kind, format) = match name.split_once('|') {
            Some((kind, format)) => (kind.trim(), Some(format.trim())),
            None => (name.trim(), None),
        };
        if kind == "date" {
            return Ok(Self::Date(format.unwrap_or("%Y-%m-%d").to_owned()));
        }
        Conversion::parse(name, timezone)
            .map(Self::Other)
            .map_err(|error| error.to_string())
    }

    fn convert(&self, value: Value) -> Result<Value, String> {
        let bytes = match value {
            Value::Bytes(bytes) => bytes,
            typed_already => return Ok(typed_already),
        };
        match self {
            Self::Date(format) => {
                let text = String::from_utf8_lossy(&bytes);
                let date = NaiveDate::parse_from_str(&text, format);
                let date = date.map_err(|_| format!("unable to parse date {text}"))?;
                Ok(Value::Timestamp(date.and_time(NaiveTime::MIN).and_utc()))
            }
            Self::Other(conversion) => conversion
                .convert::<Value>(Bytes::clone(&bytes))
                .map_err(|_| format!("unable to parse {}", String::from_utf8_lossy(&bytes))),
        }
    }
}

/// A panic ends the module, so no lock of it is ever poisoned.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
