//! VRL's values as JSON, both ways, without a loss. The whole of the encoding is here:
//!
//! | value | JSON |
//! |---|---|
//! | null, boolean, array | themselves |
//! | string of UTF-8 | string |
//! | other bytes | `{"$bytes": "base64"}` |
//! | integer that a double holds exactly | number |
//! | other integer | `{"$int": "9007199254740993"}` |
//! | float with a fraction | number |
//! | whole or infinite float | `{"$float": "1.0"}`, `{"$float": "-Infinity"}` |
//! | timestamp | `{"$ts": "2026-01-02T03:04:05.678Z"}`; outside the years 0 to 9999 `{"$ts": "@seconds.nanoseconds"}` |
//! | regular expression | `{"$re": "pattern"}` |
//! | object of which no key begins with `$` | object |
//! | any other object | `{"$obj": {…}}`, the object inside as it is |
//!
//! So an object whose first key begins with `$` is never a user's own. Reading takes the same, and a number with a fraction as well as its
//! tag; the tag is exact to the last digit, the number sometimes not.

use std::fmt;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use vrl::{
    prelude::{Bytes, NotNan},
    value::{ObjectMap, Value},
};

const LARGEST_EXACT: i64 = (1 << 53) - 1;

/// Writes a value.
pub struct Encoded<'a>(pub &'a Value);

impl Serialize for Encoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => serializer.serialize_str(text),
                Err(_) => tagged(serializer, "$bytes", &base64_simd::STANDARD.encode_to_string(bytes)),
            },
            Value::Integer(value) if (-LARGEST_EXACT..=LARGEST_EXACT).contains(value) => {
                serializer.serialize_i64(*value)
            }
            Value::Integer(value) => tagged(serializer, "$int", &value.to_string()),
            Value::Float(value) => {
                let float = value.into_inner();
                if float.is_finite() && float.fract() != 0.0 {
                    serializer.serialize_f64(float)
                } else {
                    tagged(serializer, "$float", &whole_float_text(float))
                }
            }
            Value::Timestamp(moment) => tagged(serializer, "$ts", &timestamp_text(moment)),
            Value::Regex(regex) => tagged(serializer, "$re", regex.as_str()),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Encoded)),
            Value::Object(object) if object.keys().any(|key| key.starts_with('$')) => {
                tagged(serializer, "$obj", &Members(object))
            }
            Value::Object(object) => Members(object).serialize(serializer),
        }
    }
}

struct Members<'a>(&'a ObjectMap);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = self.0.iter();
        serializer.collect_map(members.map(|(key, value)| (key.as_str(), Encoded(value))))
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    tag: &'static str,
    content: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, content)?;
    map.end()
}

/// A text that Rust and JavaScript read as the same double.
fn whole_float_text(float: f64) -> String {
    if float.is_finite() {
        format!("{float:?}")
    } else if float > 0.0 {
        "Infinity".to_owned()
    } else {
        "-Infinity".to_owned()
    }
}

fn timestamp_text(moment: &DateTime<Utc>) -> String {
    if (0..=9999).contains(&moment.year()) {
        moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    } else {
        format!("@{}.{:09}", moment.timestamp(), moment.timestamp_subsec_nanos())
    }
}

/// Reads a value.
pub struct Decoded(pub Value);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Decoded)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => Ok(Value::Integer(value)),
            // What VRL itself does with such a number.
            Err(_) => self.visit_f64(value as f64),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        NotNan::new(value).map(Value::Float).map_err(E::custom)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Decoded(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = ObjectMap::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.is_empty() && key.starts_with('$') {
                return untagged(&key, members);
            }
            let Decoded(value) = members.next_value()?;
            object.insert(key.into(), value);
        }
        Ok(Value::Object(object))
    }
}

/// The value of a tag, of which the key has been read.
fn untagged<'de, A: MapAccess<'de>>(tag: &str, mut members: A) -> Result<Value, A::Error> {
    let value = if tag == "$obj" {
        Value::Object(members.next_value_seed(PlainObject)?)
    } else {
        let content: String = members.next_value()?;
        value_of(tag, &content).map_err(A::Error::custom)?
    };
    match members.next_key::<IgnoredAny>()? {
        None => Ok(value),
        Some(_) => Err(A::Error::custom(format!("{tag} must be alone in its object"))),
    }
}

fn value_of(tag: &str, content: &str) -> Result<Value, String> {
    let wrong = |error: &dyn fmt::Display| format!("{tag} {content:?}: {error}");
    match tag {
        "$bytes" => base64_simd::STANDARD
            .decode_to_vec(content)
            .map(|bytes| Value::Bytes(Bytes::from(bytes)))
            .map_err(|error| wrong(&error)),
        "$int" => content
            .parse()
            .map(Value::Integer)
            .map_err(|error| wrong(&error)),
        "$float" => {
            let float = content.parse::<f64>().map_err(|error| wrong(&error))?;
            NotNan::new(float)
                .map(Value::Float)
                .map_err(|error| wrong(&error))
        }
        "$ts" => timestamp_of(content)
            .map(Value::Timestamp)
            .map_err(|error| wrong(&error)),
        "$re" => regex::Regex::new(content)
            .map(Value::from)
            .map_err(|error| wrong(&error)),
        _ => Err(format!("{tag} is no tag; an object of your own with such a key goes into $obj")),
    }
}

fn timestamp_of(text: &str) -> Result<DateTime<Utc>, String> {
    let Some(counted) = text.strip_prefix('@') else {
        let moment = DateTime::parse_from_rfc3339(text).map_err(|error| error.to_string())?;
        return Ok(moment.with_timezone(&Utc));
    };
    let parts = counted.split_once('.');
    let moment = parts.and_then(|(seconds, ns)| {
        DateTime::from_timestamp(seconds.parse().ok()?, ns.parse().ok()?)
    });
    moment.ok_or_else(|| "seconds, a point, and nanoseconds".to_owned())
}

/// The object inside `$obj`: its keys are the user's, its values are values as ever.
struct PlainObject;

impl<'de> DeserializeSeed<'de> for PlainObject {
    type Value = ObjectMap;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ObjectMap, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PlainObject {
    type Value = ObjectMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ObjectMap, A::Error> {
        let mut object = ObjectMap::new();
        while let Some((key, Decoded(value))) = members.next_entry::<String, Decoded>()? {
            object.insert(key.into(), value);
        }
        Ok(object)
    }
}
