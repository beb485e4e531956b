//! Parses one entry.

use regex::RegexBuilder;

/// An entry of the blacklist is malformed or cannot match any request.
///
/// # Examples
///
/// ```
/// use opencensus_core::PathFilter;
/// use opencensus_core::path_filter::EntryFault;
///
/// let error = PathFilter::new(["/health", "/search?q=1"]).expect_err("a path has no query");
/// assert_eq!(error.entry(), "/search?q=1");
/// assert!(matches!(error.fault(), EntryFault::QueryInPath));
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("blacklist entry `{entry}`: {fault}")]
pub struct InvalidPathEntry {
    entry: String,
    #[source]
    fault: EntryFault,
}

impl InvalidPathEntry {
    /// The entry as it was written; masked if it contains an `@`.
    #[must_use]
    pub fn entry(&self) -> &str {
        &self.entry
    }

    pub(super) fn of_all_patterns(error: regex::Error) -> Self {
        Self { entry: "all patterns together".to_owned(), fault: EntryFault::InvalidRegex(error.to_string()) }
    }

    /// What is wrong with the entry.
    #[must_use]
    pub fn fault(&self) -> &EntryFault {
        &self.fault
    }
}

/// What is wrong with an entry of the blacklist.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// The entry is empty.
    #[error("write a path (`/` excludes every request)")]
    Empty,
    /// A path contains `?` or `#`; query and fragment are not part of a path.
    #[error("a path must not contain `?` or `#`: remove the query, which is ignored")]
    QueryInPath,
    /// A path contains blanks or control characters, which no request's path does.
    #[error("a path must not contain blanks; write a method in capitals (`GET /path`)")]
    BlankInPath,
    /// A method alone. It would exclude every request with this method, which is written with a path.
    #[error("a method alone is no path: write `{0} /` to exclude every `{0}` request, or `{0} /path`")]
    MethodAlone(String),
    /// A plain path contains characters of patterns, or a parameter of a route, which no request's path does. With an
    /// entry that may be meant.
    #[error(
        "a plain path must not contain `*`, `^`, `{{`, `}}`, `<`, `>` or `\\`: did you mean `{0}`? (`glob:…` and `re:…` \
         are patterns, `=…` is an exact path)"
    )]
    PatternInPath(String),
    /// An exact path has no leading slash.
    #[error("an exact path must begin with `/` or be `*`")]
    RelativeExactPath,
    /// A glob begins with neither `/` nor `**`. Every path begins with `/`, which `*` does not match.
    #[error("a glob must begin with `/` or `**`")]
    RelativeGlob,
    /// A host is empty, contains a path, or is an IPv6 address without brackets.
    #[error("a host must be a name or an address, with or without a port; write an IPv6 address in brackets, `[::1]`")]
    InvalidHost,
    /// A URL has a scheme other than `http` and `https`.
    #[error("the scheme of requests is `http` or `https`: write one of them, or `host:…`")]
    ForeignScheme,
    /// The regular expression does not compile.
    #[error("the regular expression does not compile: {0}")]
    InvalidRegex(String),
}

/// A parsed entry.
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
    /// A regular expression that has been compiled once.
    Pattern(Box<str>),
}

/// The most memory that one pattern may take, in bytes.
pub(super) const REGEX_SIZE_LIMIT: usize = 1 << 20;

impl Entry {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidPathEntry> {
        // The text before an `@` may be a password.
        let masked = || if text.contains('@') { "…@…".to_owned() } else { text.to_owned() };
        parse(text.trim()).map_err(|fault| InvalidPathEntry { entry: masked(), fault })
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
        return Err(method.map_or(EntryFault::Empty, |method| EntryFault::MethodAlone(method.to_owned())));
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

/// Splits `GET /path`. A method is a token in capitals before a blank, or one of [`METHODS`] alone: `API`
/// alone is a path.
fn split_method(text: &str) -> (Option<&str>, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_method =
        !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-' || byte == b'_');
    let is_alone = rest.trim().is_empty();
    if is_method && (!is_alone || METHODS.contains(&first)) { (Some(first), rest.trim_start()) } else { (None, text) }
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

/// Parses a plain path. `/` becomes the empty prefix, which excludes every path.
fn prefix(path: &str) -> Result<PathRule, EntryFault> {
    let path = checked_path(path)?.trim_end_matches('/');
    if path.contains(['*', '^', '{', '}', '<', '>', '\\']) {
        return Err(EntryFault::PatternInPath(suggestion(path)));
    }
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    Ok(PathRule::Prefix(format!("{slash}{path}").into()))
}

/// The pattern that may be meant by a plain path: a regular expression of Django, or a route with parameters.
fn suggestion(path: &str) -> String {
    if path.contains(['^', '\\']) {
        return format!("re:{path}");
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    let is_pattern = |segment: &str| segment.contains(['*', '{', '}', '<', '>']);
    let before = path.trim_end_matches("/**").trim_end_matches("/*");
    if before != path && !is_pattern(before) {
        // A plain path excludes what is below it.
        return format!("{slash}{before}");
    }
    let is_tail = |segment: &str| segment.contains("path:") || segment.starts_with("{*") || segment == "**";
    let segments = path.split('/').map(|segment| match segment {
        _ if is_tail(segment) => "**",
        _ if segment.contains(['{', '}', '<', '>']) => "*",
        _ => segment,
    });
    format!("glob:{slash}{}", segments.collect::<Vec<_>>().join("/"))
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
    // `*` alone is the target of `OPTIONS *`, and `*/` matches an empty text before the first slash.
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

/// Whether a host has a port, which is a colon outside of `[…]`.
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
    fn entries_that_cannot_match_are_rejected() {
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
            "GET",
            "/chairs/<int:id>",
            r"/users/\d+",
        ] {
            assert!(Entry::parse(entry).is_err(), "{entry:?}");
        }
    }

    #[test]
    fn fault_names_the_entry_and_the_remedy() {
        let error = Entry::parse("/search?q=1").err().unwrap();
        assert_eq!(error.entry(), "/search?q=1");
        assert!(error.to_string().contains("remove the query"));
    }

    #[test]
    fn fault_of_a_near_miss_suggests_the_entry_that_may_be_meant() {
        for (entry, meant) in [
            ("GET", "write `GET /` to exclude every `GET` request, or `GET /path`"),
            ("/chairs/<int:id>", "did you mean `glob:/chairs/*`?"),
            ("users/{id}/avatar", "did you mean `glob:/users/*/avatar`?"),
            ("/files/{*rest}", "did you mean `glob:/files/**`?"),
            ("/files/<path:name>", "did you mean `glob:/files/**`?"),
            ("/static/*", "did you mean `/static`?"),
            ("^/health$", "did you mean `re:^/health$`?"),
            ("/users/\\d+", "did you mean `re:/users/\\d+`?"),
        ] {
            let fault = Entry::parse(entry).err().unwrap().to_string();
            assert!(fault.contains(meant), "{fault}");
        }
        assert!(Entry::parse(" ").err().unwrap().to_string().ends_with("`: write a path (`/` excludes every request)"));
    }

    #[test]
    fn word_in_capitals_is_a_path_unless_it_is_a_known_method() {
        assert!(Entry::parse("API").unwrap().method.is_none());
        assert!(Entry::parse("TRACE").is_err() && Entry::parse("/TRACE").is_ok());
        assert_eq!(Entry::parse("PURGE /cache").unwrap().method.as_deref(), Some("PURGE"));
    }

    #[test]
    fn ports_are_distinguished_from_ipv6_colons() {
        assert_eq!(without_port("[::1]:80"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
        assert!(has_port("a:80") && !has_port("a"));
    }
}
