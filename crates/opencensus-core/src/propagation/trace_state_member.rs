//! The grammar of one `tracestate` member.

/// Most members of a list ([W3C Trace Context level 2](https://www.w3.org/TR/trace-context-2/), section 3.3.1.1).
pub(super) const MAX_MEMBERS: usize = 32;
/// Longest value, in bytes.
pub(super) const MAX_VALUE: usize = 256;
const MAX_KEY: usize = 256;
/// Level 1: a tenant and its system.
const MAX_TENANT: usize = 241;
const MAX_SYSTEM: usize = 14;

/// Reads a member without blanks around it. `None`: it breaks the grammar.
pub(super) fn parse(member: &[u8]) -> Option<(&str, &str)> {
    let member = std::str::from_utf8(member).ok()?;
    let (key, value) = member.split_once('=')?;
    (is_key(key.as_bytes()) && is_value(value.as_bytes())).then_some((key, value))
}

/// Joins members to a list.
pub(super) fn join<V: AsRef<str>>(members: &[(&str, V)]) -> String {
    let length: usize = members.iter().map(|(key, value)| key.len() + value.as_ref().len() + 2).sum();
    let mut list = String::with_capacity(length);
    for (key, value) in members {
        list.extend([if list.is_empty() { "" } else { "," }, key, "=", value.as_ref()]);
    }
    list
}

/// Removes blanks and tabs around a member. A line feed inside a list is an attack, not white space.
pub(super) fn trim_blanks(mut member: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = member {
        member = rest;
    }
    member
}

/// Level 2's grammar, except that a key with `@` must name a tenant and a system as in level 1: the W3C's
/// own test suite rejects others ([level 1, section 3.3.1.3.1][key]).
///
/// [key]: https://www.w3.org/TR/trace-context-1/#key
fn is_key(key: &[u8]) -> bool {
    match key.iter().position(|byte| *byte == b'@') {
        None => is_simple_key(key, MAX_KEY),
        Some(at) => {
            let (tenant, system) = (&key[..at], &key[at + 1..]);
            let begins_with_letter = matches!(system.first(), Some(b'a'..=b'z'));
            is_simple_key(tenant, MAX_TENANT) && begins_with_letter && is_simple_key(system, MAX_SYSTEM)
        }
    }
}

fn is_simple_key(key: &[u8], max_length: usize) -> bool {
    let first_fits = matches!(key.first(), Some(b'a'..=b'z' | b'0'..=b'9'));
    let all_fit = key.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'));
    first_fits && all_fit && key.len() <= max_length
}

fn is_value(value: &[u8]) -> bool {
    let is_printable = value.iter().all(|&byte| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=');
    is_printable && value.last().is_some_and(|&byte| byte != b' ') && value.len() <= MAX_VALUE
}
