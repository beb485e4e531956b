//! Mutations that follow the structure of JSON: a token becomes another value.

use std::ops::Range;

use test_support::random::Random;

/// Values that a field does not expect, and text that is almost JSON.
const VALUES: [&str; 37] = [
    "null",
    "true",
    "[]",
    "{}",
    "[null]",
    "{\"\":null}",
    "\"\"",
    "0",
    "-1",
    "5",
    "-0.0",
    "1e999",
    "-1e999",
    "1e-999",
    "0.0000001",
    "18446744073709551616",
    "-9223372036854775809",
    "NaN",
    "Infinity",
    "01",
    "'text'",
    "\"not closed",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\x\"",
    "\"\u{202e}\u{feff}\u{10ffff}\"",
    "\"<script>alert(1)</script>\"",
    "\"' OR 1=1 --\"",
    "\"%00..%2f\"",
    "\"999.23:59:59.9999999\"",
    "\"999999999.23:59:59\"",
    "\"-1.00:00:00\"",
    "\"PT9999999999999S\"",
    "\"9999-12-31T23:59:59.9999999Z\"",
    "\"0000-00-00T00:00:00Z\"",
    "\"2024-02-30T24:60:60+99:99\"",
    "\"RequestData\"",
];

/// Replaces one token of the text.
pub(super) fn replace_token(body: &mut Vec<u8>, random: &mut Random) {
    let tokens = tokens(body);
    if tokens.is_empty() {
        return;
    }
    let token = random.pick(&tokens).clone();
    let value = match random.below(12) {
        0 => long_text(random).into_bytes(),
        1 => nested(random).into_bytes(),
        2 => many_keys(random).into_bytes(),
        // Another token of the same text: a key as a value, or a value as a key.
        3 | 4 => body[random.pick(&tokens).clone()].to_vec(),
        _ => random.pick(&VALUES).as_bytes().to_vec(),
    };
    body.splice(token, value);
}

/// The strings, numbers and names of a text.
fn tokens(text: &[u8]) -> Vec<Range<usize>> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let length = match text[at] {
            b'"' => string_length(&text[at..]),
            byte if is_word(byte) => text[at..].iter().take_while(|byte| is_word(**byte)).count(),
            _ => 0,
        };
        if length > 0 {
            tokens.push(at..at + length);
        }
        at += length.max(1);
    }
    tokens
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// The length of a string that begins with a quotation mark.
fn string_length(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = text[1..].iter().position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 2)
}

fn long_text(random: &mut Random) -> String {
    let character = random.pick(&["x", "ü", "\u{1f4a1}", "\\u0001", "\\ud83d\\udca1", " "]);
    let length = *random.pick(&[40, 64, 128, 150, 512, 1024, 2048, 8192, 32_768, 65_536]);
    format!("\"{}\"", character.repeat(length + random.below(3) - 1))
}

/// Nested lists or objects: mostly at the limit of a parser, rarely far beyond.
fn nested(random: &mut Random) -> String {
    let depth = if random.below(50) == 0 { 100_000 } else { 1 + random.below(260) };
    let (open, close) = *random.pick(&[("[", "]"), ("{\"a\":", "}"), ("[[", "]"), ("[", "")]);
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

fn many_keys(random: &mut Random) -> String {
    let keys = 1 + random.below(2000);
    let pairs: Vec<_> = (0..keys).map(|key| format!("\"{}\":{key}", key % 1500)).collect();
    format!("{{{}}}", pairs.join(","))
}
