//! The `baggage` header.

use std::borrow::Cow;
use std::sync::Arc;

use crate::request::percent_decode;

/// The `baggage` header as it was received, joined to one line ([W3C Baggage][w3c]).
///
/// It is parsed on demand and propagated to the services that a request calls. It is never exported: any
/// caller can write anything into it.
///
/// # Examples
///
/// ```
/// use opencensus_core::Baggage;
///
/// let baggage = Baggage::from_lines(["tenant=7;ttl=60, user=Ren%C3%A9".as_bytes()].into_iter()).expect("not empty");
/// let user = baggage.members().find(|member| member.key == "user").expect("it is there");
/// assert_eq!(user.value, "René");
/// ```
///
/// [w3c]: https://www.w3.org/TR/baggage/
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Baggage(Arc<[u8]>);

/// One well-formed member of [`Baggage`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BaggageMember<'a> {
    /// The key, a token.
    pub key: &'a str,
    /// The value, percent-decoded; invalid UTF-8 is replaced.
    pub value: Cow<'a, str>,
    /// Properties: keys, with values decoded like the member's if they have one.
    pub properties: Vec<(&'a str, Option<Cow<'a, str>>)>,
    text: &'a str,
}

impl BaggageMember<'_> {
    /// The properties as they were received, without the first `;`; empty if there are none.
    #[must_use]
    pub fn metadata(&self) -> &str {
        self.text.split_once(';').map_or("", |(_, properties)| trim(properties))
    }
}

impl Baggage {
    /// Longest list that is kept, in bytes: the size that every participant must propagate. A longer one is
    /// discarded as a whole.
    pub const MAX_LENGTH: usize = 8192;

    /// Joins header lines in their order. `None` if they are empty or too long.
    #[inline]
    pub fn from_lines<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        // Most requests have none.
        let first = lines.next()?;
        Self::join(std::iter::once(first).chain(lines))
    }

    #[cold]
    fn join<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut joined = Vec::new();
        for line in lines.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
            if joined.len() + line.len() + usize::from(!joined.is_empty()) > Self::MAX_LENGTH {
                return None;
            }
            if !joined.is_empty() {
                joined.push(b',');
            }
            joined.extend_from_slice(line);
        }
        (!joined.is_empty()).then(|| Self(joined.into()))
    }

    /// The well-formed members in their order; others are skipped.
    pub fn members(&self) -> impl Iterator<Item = BaggageMember<'_>> {
        self.0.split(|byte| *byte == b',').filter_map(member)
    }

    /// The header value to propagate: the well-formed members as they were received. `None`: there are none.
    #[must_use]
    pub fn to_header(&self) -> Option<String> {
        let members: Vec<_> = self.members().map(|member| member.text).collect();
        (!members.is_empty()).then(|| members.join(","))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

fn member(text: &[u8]) -> Option<BaggageMember<'_>> {
    let text = trim(std::str::from_utf8(text).ok()?);
    let mut parts = text.split(';');
    let (key, value) = parts.next()?.split_once('=')?;
    let properties = parts.map(|part| match part.split_once('=') {
        Some((key, value)) => Some((checked_key(key)?, Some(checked_value(value)?))),
        None => Some((checked_key(part)?, None)),
    });
    let properties = properties.collect::<Option<_>>()?;
    Some(BaggageMember { key: checked_key(key)?, value: checked_value(value)?, properties, text })
}

fn checked_key(key: &str) -> Option<&str> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    Some(trim(key)).filter(|key| !key.is_empty() && key.bytes().all(is_token))
}

fn checked_value(value: &str) -> Option<Cow<'_, str>> {
    let is_octet = |byte: u8| matches!(byte, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E);
    let value = Some(trim(value)).filter(|value| value.bytes().all(is_octet))?;
    Some(match percent_decode(value) {
        Cow::Borrowed(_) => Cow::Borrowed(value),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    })
}

// Removes only blanks and tabs.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_members_are_propagated_unchanged() {
        let lines: [&[u8]; 2] = [b"a=%C3%A9 ;p=1;q, b c=1", b"\"x\"=1,d=2"];
        let baggage = Baggage::from_lines(lines.into_iter()).unwrap();
        assert_eq!(baggage.to_header().as_deref(), Some("a=%C3%A9 ;p=1;q,d=2"));
        let members: Vec<_> = baggage.members().collect();
        assert_eq!((members[0].key, &*members[0].value), ("a", "é"));
        assert_eq!(members[0].properties, [("p", Some("1".into())), ("q", None)]);
        assert_eq!((members[0].metadata(), members[1].metadata()), ("p=1;q", ""));
    }

    #[test]
    fn empty_and_too_long_headers_are_ignored() {
        assert_eq!(Baggage::from_lines([&b""[..], b" "].into_iter()), None);
        let long = format!("k={}", "v".repeat(Baggage::MAX_LENGTH));
        assert_eq!(Baggage::from_lines([long.as_bytes()].into_iter()), None);
    }
}
