//! What a term tests a field for.

/// A test of a field's value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// The item has the field.
    Present,
    /// The value is this text, in any ASCII letter case.
    Equals(String),
    /// The value matches this pattern, in which `*` stands for any characters.
    Like(String),
    /// The value is a number that compares so with this one.
    Number(Comparison, f64),
    /// The value is a number between these two, or one of them.
    Between(f64, f64),
}

/// A comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

/// The longer ones first, because the shorter ones begin them.
const SIGNS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("=", Comparison::Equal),
];

impl Comparison {
    /// Splits `>=5` into the comparison and the rest.
    pub(super) fn split(text: &str) -> Option<(Self, &str)> {
        SIGNS.iter().find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?)))
    }

    /// The sign, as in the language and in SQL.
    pub(crate) fn sign(self) -> &'static str {
        SIGNS.iter().find(|(_, comparison)| *comparison == self).map_or("=", |(sign, _)| sign)
    }
}
