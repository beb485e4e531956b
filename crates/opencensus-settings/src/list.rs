//! Lists in one text, such as the value of an environment variable.

/// Splits a text at line ends and at commas outside brackets, so that `re:a{1,2}` stays whole. Entries are trimmed, and
/// empty ones are left out. An escaped bracket (`\{`) does not count.
///
/// # Examples
///
/// ```
/// assert_eq!(opencensus_settings::list::split("/health, re:^/v{1,2}$"), ["/health", "re:^/v{1,2}$"]);
/// ```
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    text.lines().flat_map(split_line).map(|entry| entry.trim().to_owned()).filter(|entry| !entry.is_empty()).collect()
}

fn split_line(line: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let (mut start, mut depth, mut escaped, mut in_class) = (0, 0_u32, false, false);
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            // Between `[` and `]` other brackets are literal characters.
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                entries.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    entries.push(&line[start..]);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_at_line_ends_and_at_commas_outside_brackets() {
        assert_eq!(split("/health, /a ,,re:^/v{1,2}/[a,b]$"), ["/health", "/a", "re:^/v{1,2}/[a,b]$"]);
        assert_eq!(split("/health\nGET /metrics\n\n"), ["/health", "GET /metrics"]);
        assert_eq!(split(r"re:\{,/b"), [r"re:\{", "/b"]);
        assert_eq!(split("re:^/a[(]b,/health"), ["re:^/a[(]b", "/health"]);
        assert!(split(" ").is_empty());
    }
}
