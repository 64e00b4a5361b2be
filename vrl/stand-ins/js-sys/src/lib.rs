//! Stands in for the crate of this name: JavaScript's `Date` as chrono uses it, and `Intl` as iana-time-zone does.
//!
//! The local time zone is UTC, whatever the machine's is: a test gives the same events on every machine.

use wasm_bindgen::JsValue;

const LOCAL_TIME_ZONE: &str = "UTC";

/// A moment, in milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct Date {
    ms: f64,
}

impl Date {
    pub fn new_0() -> Self {
        Self { ms: Self::now() }
    }

    pub fn new(ms: &JsValue) -> Self {
        Self {
            ms: ms.as_f64().unwrap_or(f64::NAN),
        }
    }

    /// Chrono asks such a date for its offset from UTC, nothing else, and that is the same for all.
    pub fn new_with_year_month_day_hr_min_sec(
        _year: u32,
        _month: i32,
        _day: i32,
        _hour: i32,
        _minute: i32,
        _second: i32,
    ) -> Self {
        Self { ms: f64::NAN }
    }

    pub fn now() -> f64 {
        nvl_host::now_ms() as f64
    }

    pub fn get_time(&self) -> f64 {
        self.ms
    }

    /// Minutes from local time to UTC.
    pub fn get_timezone_offset(&self) -> f64 {
        0.0
    }
}

#[derive(Clone, Debug, Default)]
pub struct Array;

impl Array {
    pub fn new() -> Self {
        Self
    }
}

#[derive(Clone, Debug, Default)]
pub struct Object;

impl Object {
    pub fn new() -> Self {
        Self
    }
}

#[allow(non_snake_case)] // JavaScript's name
pub mod Reflect {
    use super::{JsValue, LOCAL_TIME_ZONE, Object};

    /// Every object here is the options of a date format, and has one member.
    pub fn get(_target: &Object, key: &JsValue) -> Result<JsValue, JsValue> {
        match key.as_string().as_deref() {
            Some("timeZone") => Ok(JsValue::from_str(LOCAL_TIME_ZONE)),
            _ => Ok(JsValue::Undefined),
        }
    }
}

#[allow(non_snake_case)] // JavaScript's name
pub mod Intl {
    use super::{Array, Object};

    #[derive(Clone, Debug)]
    pub struct DateTimeFormat;

    impl DateTimeFormat {
        pub fn new(_locales: &Array, _options: &Object) -> Self {
            Self
        }

        pub fn resolved_options(&self) -> Object {
            Object
        }
    }
}
