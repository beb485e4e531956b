//! The grammar of one entry.

use regex::RegexBuilder;

/// An entry of the blacklist that is malformed or cannot match anything.
#[derive(Clone, Debug, thiserror::Error)]
#[error("blacklist entry `{entry}`: {fault}")]
pub struct InvalidPathEntry {
    entry: String,
    #[source]
    fault: EntryFault,
}

impl InvalidPathEntry {
    /// The entry as it was given; hidden if it holds an `@`.
    #[must_use]
    pub fn entry(&self) -> &str {
        &self.entry
    }

    pub(super) fn of_all_patterns(error: regex::Error) -> Self {
        Self { entry: "all patterns together".to_owned(), fault: EntryFault::InvalidRegex(error.to_string()) }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn fault(&self) -> &EntryFault {
        &self.fault
    }
}

/// What is wrong with an entry of the blacklist.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// Nothing is left of the entry.
    #[error("it is empty: write a path (`/` would hide every request)")]
    Empty,
    /// A path with `?` or `#`: query and fragment are no part of a path.
    #[error("a path contains no `?` and no `#`: leave the query away, the query is not looked at")]
    QueryInPath,
    /// A path with blanks or control characters, which no request's path contains.
    #[error("a path contains no blanks; was a method meant (`GET /path`)?")]
    BlankInPath,
    /// A path with signs of a pattern, which no request's path contains as they are.
    #[error(
        "a plain path holds no `*`, `^`, `{{` or `}}`: write `glob:…` or `re:…` for a pattern, `=…` for an exact path"
    )]
    PatternInPath,
    /// An exact path without its leading slash.
    #[error("an exact path begins with `/` or is `*`")]
    RelativeExactPath,
    /// A glob that begins with neither `/` nor `**`: every path begins with `/`, which `*` does not
    /// stand for.
    #[error("a glob begins with `/` or `**`")]
    RelativeGlob,
    /// A host that is empty, holds a path, or is an IPv6 address without brackets.
    #[error("a host is a name or an address, with a port or without; an IPv6 address stands in brackets, `[::1]`")]
    InvalidHost,
    /// A URL of a scheme other than `http` and `https`.
    #[error("only `http` and `https` requests arrive here: write one of them, or `host:…`")]
    ForeignScheme,
    /// The regular expression does not compile.
    #[error("the regular expression does not compile: {0}")]
    InvalidRegex(String),
}

/// One entry, taken apart.
pub(super) struct Entry {
    pub(super) method: Option<Box<str>>,
    pub(super) scheme: Option<Box<str>>,
    pub(super) host: Option<Box<str>>,
    pub(super) path: PathRule,
}

pub(super) enum PathRule {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    /// A regular expression that compiles.
    Pattern(Box<str>),
}

// A pattern that needs more memory than this is refused, whoever wrote it.
pub(super) const REGEX_SIZE_LIMIT: usize = 1 << 20;

impl Entry {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidPathEntry> {
        // What stands in front of an `@` may be a password.
        let shown = || if text.contains('@') { "…@…".to_owned() } else { text.to_owned() };
        parse(text.trim()).map_err(|fault| InvalidPathEntry { entry: shown(), fault })
    }
}

fn parse(text: &str) -> Result<Entry, EntryFault> {
    let (method, target) = split_method(text);
    let entry = |scheme: Option<&str>, host: Option<&str>, path| Entry {
        method: method.map(Into::into),
        scheme: scheme.map(Into::into),
        host: host.map(Into::into),
        path,
    };
    if target.is_empty() {
        return if method.is_some() { Ok(entry(None, None, PathRule::Any)) } else { Err(EntryFault::Empty) };
    }
    if let Some(path) = target.strip_prefix('=') {
        return Ok(entry(None, None, exact(path)?));
    }
    if let Some(glob) = target.strip_prefix("glob:") {
        return Ok(entry(None, None, glob_rule(glob)?));
    }
    if let Some(pattern) = target.strip_prefix("re:") {
        return Ok(entry(None, None, pattern_rule(pattern)?));
    }
    if let Some(host) = target.strip_prefix("host:") {
        return Ok(entry(None, Some(checked_host(host.trim())?), PathRule::Any));
    }
    if let Some((scheme, rest)) = target.split_once("://") {
        return site(scheme, rest).map(|(host, path)| entry(Some(scheme), Some(host), path));
    }
    Ok(entry(None, None, prefix(target)?))
}

const METHODS: [&str; 10] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

/// `GET /path`, or `GET` alone. A token in capitals that a blank follows, or a usual method that
/// stands alone: `API` alone is a path.
fn split_method(text: &str) -> (Option<&str>, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_method =
        !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-' || byte == b'_');
    let stands_alone = rest.trim().is_empty();
    if is_method && (!stands_alone || METHODS.contains(&first)) {
        (Some(first), rest.trim_start())
    } else {
        (None, text)
    }
}

fn site<'a>(scheme: &str, rest: &'a str) -> Result<(&'a str, PathRule), EntryFault> {
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(EntryFault::ForeignScheme);
    }
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() || path == "/" { PathRule::Any } else { prefix(path)? };
    Ok((checked_host(host)?, path))
}

fn exact(path: &str) -> Result<PathRule, EntryFault> {
    if path != "*" && !path.starts_with('/') {
        return Err(EntryFault::RelativeExactPath);
    }
    Ok(PathRule::Exact(checked_path(path)?.into()))
}

/// Segments from the start of the path. `/` alone, the empty prefix, hides everything.
fn prefix(path: &str) -> Result<PathRule, EntryFault> {
    let path = checked_path(path)?.trim_end_matches('/');
    if path.contains(['*', '^', '{', '}']) {
        return Err(EntryFault::PatternInPath);
    }
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    Ok(PathRule::Prefix(format!("{slash}{path}").into()))
}

fn checked_path(path: &str) -> Result<&str, EntryFault> {
    if path.contains(['?', '#']) {
        return Err(EntryFault::QueryInPath);
    }
    if path.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(EntryFault::BlankInPath);
    }
    Ok(path)
}

fn checked_host(host: &str) -> Result<&str, EntryFault> {
    let name = without_port(host);
    let wrong = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '@' | '*');
    let port_is_wrong = has_port(host) && host[name.len() + 1..].parse::<u16>().is_err();
    let lacks_brackets = name.contains(':') && !(name.starts_with('[') && name.ends_with(']'));
    if name.is_empty() || host.contains(wrong) || port_is_wrong || lacks_brackets {
        Err(EntryFault::InvalidHost)
    } else {
        Ok(host)
    }
}

fn glob_rule(glob: &str) -> Result<PathRule, EntryFault> {
    // `*` alone is the target of `OPTIONS *`, and `*/` a path's first segment of nothing.
    if !(glob.starts_with("**") || glob.starts_with('/') || glob.starts_with("*/") || glob == "*") {
        return Err(EntryFault::RelativeGlob);
    }
    if glob.contains('#') || glob.contains(char::is_whitespace) {
        return Err(EntryFault::BlankInPath);
    }
    let mut pattern = String::from("^(?s:");
    let mut rest = glob;
    while let Some(next) = rest.chars().next() {
        let (regex, length) = match next {
            '*' if rest.starts_with("**") => (".*".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            '?' => ("[^/]".to_owned(), 1),
            other => (regex::escape(other.encode_utf8(&mut [0; 4])), other.len_utf8()),
        };
        pattern.push_str(&regex);
        rest = &rest[length..];
    }
    pattern.push_str(")$");
    pattern_rule(&pattern)
}

fn pattern_rule(pattern: &str) -> Result<PathRule, EntryFault> {
    if pattern.is_empty() {
        return Err(EntryFault::Empty);
    }
    let compiled = RegexBuilder::new(pattern).size_limit(REGEX_SIZE_LIMIT).build();
    compiled.map_err(|error| EntryFault::InvalidRegex(error.to_string()))?;
    Ok(PathRule::Pattern(pattern.into()))
}

/// Whether a host carries a port: a colon that is not inside `[…]`.
pub(super) fn has_port(host: &str) -> bool {
    without_port(host).len() != host.len()
}

pub(super) fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_cannot_match_are_refused() {
        for entry in [
            "",
            "  ",
            "/a?b=1",
            "/a#b",
            "/a b",
            "=health",
            "glob:static",
            "glob:*.css",
            "host:::1",
            "host:2001:db8::1",
            "host:",
            "host:a/b",
            "ftp://x/",
            "/static/*",
            "^/health$",
            "/users/{id}",
            "host:a:b",
            "host:a:70000",
            "re:(",
            "re:",
            "https://",
        ] {
            assert!(Entry::parse(entry).is_err(), "{entry:?}");
        }
    }

    #[test]
    fn fault_names_the_entry_and_the_remedy() {
        let error = Entry::parse("/search?q=1").err().unwrap();
        assert_eq!(error.entry(), "/search?q=1");
        assert!(error.to_string().contains("the query is not looked at"));
    }

    #[test]
    fn word_in_capitals_is_a_path_unless_it_is_a_usual_method() {
        assert!(Entry::parse("API").unwrap().method.is_none());
        assert_eq!(Entry::parse("TRACE").unwrap().method.as_deref(), Some("TRACE"));
        assert_eq!(Entry::parse("PURGE /cache").unwrap().method.as_deref(), Some("PURGE"));
    }

    #[test]
    fn ports_are_told_from_ipv6_colons() {
        assert_eq!(without_port("[::1]:80"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
        assert!(has_port("a:80") && !has_port("a"));
    }
}
