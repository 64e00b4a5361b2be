//! Stands in for getrandom 0.2, which rand_core 0.6 asks for random bytes.

use std::{fmt, io, num::NonZeroU32};

/// Fills a buffer with the host's random bytes. It never fails.
pub fn getrandom(buffer: &mut [u8]) -> Result<(), Error> {
    nvl_host::fill_random(buffer);
    Ok(())
}

/// An error that never happens here; others want to convert it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(NonZeroU32);

impl Error {
    pub const INTERNAL_START: u32 = 1 << 31;
    pub const CUSTOM_START: u32 = (1 << 31) + (1 << 30);

    pub const fn code(self) -> NonZeroU32 {
        self.0
    }

    pub fn raw_os_error(self) -> Option<i32> {
        None
    }
}

impl From<NonZeroU32> for Error {
    fn from(code: NonZeroU32) -> Self {
        Self(code)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        io::Error::other(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no random bytes ({})", self.0)
    }
}

impl std::error::Error for Error {}
