//! The name of a header that states the client's address.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The name of a header in which proxies state the client's address, such as `x-azure-clientip`, `cf-connecting-ip`,
/// `x-real-ip` or `fly-client-ip`.
///
/// It is a copy of a reference: a name that was used once stays in memory until the process ends.
///
/// # Examples
///
/// ```
/// use opencensus_core::request::ClientHeader;
///
/// assert_eq!(ClientHeader::new("X-Azure-ClientIP").map(ClientHeader::as_str), Some("x-azure-clientip"));
/// assert_eq!(ClientHeader::new("no name"), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClientHeader(&'static str);

static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// Longest name, in bytes.
const MAX_LENGTH: usize = 128;

impl ClientHeader {
    /// Creates a name, in any letter case. `None`: the text is not the name of a header.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || name.len() > MAX_LENGTH || !name.bytes().all(is_token) {
            return None;
        }
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.iter().find(|known| **known == name) {
            return Some(Self(known));
        }
        let name: &'static str = Box::leak(name.into());
        names.push(name);
        Some(Self(name))
    }

    /// The name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ClientHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
