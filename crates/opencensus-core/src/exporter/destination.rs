//! Where an exporter sends, as a name that discloses nothing.

use std::fmt;
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher24};

/// Names the endpoint and the resource to which an exporter sends. Batches on disk belong to it: another exporter, or
/// the same one with another endpoint or key, does not send them.
///
/// It is a hash (SipHash-2-4 with 128 bits) of the parts, so that neither an endpoint nor a key can be read on disk.
///
/// # Examples
///
/// ```
/// use opencensus_core::exporter::Destination;
///
/// let shop = Destination::new(["https://shop.example/v2.1/track", "c0ffee00-1234-4abc-8def-0123456789ab"]);
/// assert_eq!(shop.to_string().len(), 32);
/// assert_ne!(shop, Destination::new(["https://shop.example/v2.1/track", "another key"]));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Destination(u128);

impl Destination {
    /// The destination that these parts identify, such as a URL and a key.
    #[must_use]
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = SipHasher24::new();
        for part in parts {
            // The length separates the parts.
            hasher.write(&(part.len() as u64).to_le_bytes());
            hasher.write(part.as_bytes());
        }
        Self(hasher.finish128().as_u128())
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
