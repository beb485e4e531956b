//! Secrets of a running portal.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

/// The field of the token in forms, for pages without script.
pub(crate) const FIELD: &str = "token";

/// A secret that is random at each start: 64 hexadecimal digits.
#[derive(Clone)]
pub(crate) struct Token(Arc<str>);

impl Token {
    pub(crate) fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares all bytes, so that the duration does not depend on the first difference.
    pub(crate) fn matches(&self, other: &[u8]) -> bool {
        let own = self.0.as_bytes();
        let difference = own.iter().zip(other).fold(0, |sum, (own, other)| black_box(sum | (own ^ other)));
        own.len() == other.len() && difference == 0
    }
}

/// Without the secret.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_matches_itself_alone_and_is_not_shown() {
        let (token, other) = (Token::random(), Token::random());
        assert!(token.matches(token.as_str().as_bytes()) && token.as_str().len() == 64);
        let longer = format!("{}0", token.as_str());
        for text in [other.as_str(), "", &token.as_str()[..63], &longer] {
            assert!(!token.matches(text.as_bytes()), "{text}");
        }
        assert!(!format!("{token:?}").contains(token.as_str()));
    }
}
