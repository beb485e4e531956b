//! The grammar of one `tracestate` member.

/// Most members of a list ([W3C Trace Context level 2](https://www.w3.org/TR/trace-context-2/), section 3.3.1.1).
pub(super) const MAX_MEMBERS: usize = 32;
/// Longest value, in bytes.
pub(super) const MAX_VALUE: usize = 256;
const MAX_KEY: usize = 256;

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

/// Level 2's grammar: a letter or a digit, then also `_`, `-`, `*`, `/` and `@`, 256 characters in all ([section
/// 3.3.1.3.1][key]). Level 1 allowed one `@`, between a tenant and a system.
///
/// [key]: https://www.w3.org/TR/trace-context-2/#key
fn is_key(key: &[u8]) -> bool {
    let first_fits = matches!(key.first(), Some(b'a'..=b'z' | b'0'..=b'9'));
    let all_fit = key.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@'));
    first_fits && all_fit && key.len() <= MAX_KEY
}

fn is_value(value: &[u8]) -> bool {
    let is_printable = value.iter().all(|&byte| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=');
    is_printable && value.last().is_some_and(|&byte| byte != b' ') && value.len() <= MAX_VALUE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_sign_stands_anywhere_in_a_key_except_in_front() {
        let longest = format!("t@{}", "v".repeat(254));
        for key in ["foo@", "foo@@bar", "a@b@c", "0@", &"t@".repeat(128), &longest] {
            assert_eq!(parse(format!("{key}=1").as_bytes()), Some((key, "1")), "{key}");
        }
        for key in ["@", "@foo", "", "Foo", "foo bar", "foo.bar", &format!("{longest}v")] {
            assert_eq!(parse(format!("{key}=1").as_bytes()), None, "{key}");
        }
    }
}
