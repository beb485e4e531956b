//! Parses Python literals, and calls of Python classes with literals as arguments. In this form settings of OpenCensus
//! for Python name a sampler or an exporter. Nothing is evaluated.

use std::borrow::Cow;

use crate::value::{Argument, Call, Value};

/// The remedy for a text that looks like a call and cannot be parsed.
pub const REMEDY: &str =
    "nothing is evaluated: write `Class(name=value)` with numbers and texts, and `${NAME}` for an environment variable";

/// The deepest nesting of lists and dictionaries that is parsed.
const MAX_DEPTH: usize = 16;

/// The call that a value is, or that its text consists of.
#[must_use]
pub fn call_of(value: &Value) -> Option<Cow<'_, Call>> {
    match value {
        Value::Call(call) => Some(Cow::Borrowed(call)),
        Value::Text(text) => parse_call(&text.value).map(Cow::Owned),
        _ => None,
    }
}

/// Parses a dictionary of literals, as in Python code or JSON. `None` if the text is anything else.
#[must_use]
pub fn parse_dictionary(text: &str) -> Option<Value> {
    let mut parser = Parser { rest: text };
    let dictionary = parser.dictionary(0)?;
    parser.skip_blanks();
    parser.rest.is_empty().then_some(dictionary)
}

/// Parses a list of literals, as in Python code. `None` if the text is anything else.
///
/// # Examples
///
/// ```
/// use opencensus_settings::{Value, python_literal};
///
/// let list = python_literal::parse_list("['/health', '/metrics']").unwrap();
/// assert_eq!(list, [Value::text("/health"), Value::text("/metrics")]);
/// ```
#[must_use]
pub fn parse_list(text: &str) -> Option<Vec<Value>> {
    let mut parser = Parser { rest: text };
    let list = parser.list("[", "]", 0)?;
    parser.skip_blanks();
    match list {
        Value::List(items) if parser.rest.is_empty() => Some(items),
        _ => None,
    }
}

/// Parses a call, or a dotted name. `None` if the text is anything else.
///
/// # Examples
///
/// ```
/// use opencensus_settings::{Value, python_literal};
///
/// let call = python_literal::parse_call("samplers.ProbabilitySampler(rate=0.25)").unwrap();
/// assert_eq!((&*call.module, &*call.name), ("samplers", "ProbabilitySampler"));
/// assert_eq!(call.arguments.unwrap()[0].value, Value::Float(0.25));
/// ```
#[must_use]
pub fn parse_call(text: &str) -> Option<Call> {
    let mut parser = Parser { rest: text };
    parser.skip_blanks();
    let path = parser.dotted_name()?;
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    let (module, name) = (module.to_owned(), name.to_owned());
    let arguments = if parser.takes("(") { Some(parser.arguments()?) } else { None };
    parser.skip_blanks();
    parser.rest.is_empty().then_some(Call { module, name, arguments })
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    /// Skips blanks, line ends, and comments.
    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix('#') else { return };
            self.rest = comment.find('\n').map_or("", |end| &comment[end..]);
        }
    }

    /// Consumes `sign` if it comes next, and returns whether it did.
    fn takes(&mut self, sign: &str) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn dotted_name(&mut self) -> Option<&'a str> {
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let is_word = |word: &str| !word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit());
        name.split('.').all(is_word).then_some(name)
    }

    /// The arguments of a call, up to and including the closing bracket.
    fn arguments(&mut self) -> Option<Vec<Argument>> {
        let mut arguments = Vec::new();
        loop {
            if self.takes(")") {
                return Some(arguments);
            }
            arguments.push(self.argument()?);
            if !self.takes(",") {
                return self.takes(")").then_some(arguments);
            }
        }
    }

    fn argument(&mut self) -> Option<Argument> {
        self.skip_blanks();
        let before = self.rest;
        if let Some(name) = self.dotted_name().filter(|name| !name.contains('.'))
            && self.takes("=")
        {
            return Some(Argument { name: Some(name.to_owned()), value: self.literal(0)? });
        }
        self.rest = before;
        Some(Argument { name: None, value: self.literal(0)? })
    }

    fn literal(&mut self, depth: usize) -> Option<Value> {
        self.skip_blanks();
        match self.rest.chars().next()? {
            _ if depth > MAX_DEPTH => None,
            '\'' | '"' => self.texts(),
            'u' | 'r' if self.rest[1..].starts_with(['\'', '"']) => self.texts(),
            '$' => self.variable(),
            '[' => self.list("[", "]", depth),
            '(' => self.brackets(depth),
            '{' => self.dictionary(depth),
            '+' | '-' | '.' | '0'..='9' => self.number(),
            _ => self.constant(),
        }
    }

    /// `${NAME}` without quotes: a text that is interpolated later.
    fn variable(&mut self) -> Option<Value> {
        let end = self.rest.starts_with("${").then(|| self.rest.find('}')).flatten()?;
        let (variable, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        Some(Value::text(variable))
    }

    /// A value in brackets, or a list if there is a comma.
    fn brackets(&mut self, depth: usize) -> Option<Value> {
        let before = self.rest;
        self.takes("(").then_some(())?;
        if let Some(value) = self.literal(depth + 1)
            && self.takes(")")
        {
            return Some(value);
        }
        self.rest = before;
        self.list("(", ")", depth)
    }

    fn constant(&mut self) -> Option<Value> {
        match self.dotted_name()? {
            "True" | "true" => Some(Value::Bool(true)),
            "False" | "false" => Some(Value::Bool(false)),
            "None" => Some(Value::Null),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        let digits = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'));
        let digits = digits.replace('_', "");
        let integer = digits.parse().ok().map(Value::Integer);
        // `inf` and `nan` are names in Python, not numbers.
        let is_number = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        integer.or_else(|| digits.parse().ok().filter(|_| is_number).map(Value::Float))
    }

    /// String literals; adjacent ones are concatenated, as in Python.
    fn texts(&mut self) -> Option<Value> {
        let mut value = String::new();
        loop {
            self.skip_blanks();
            let prefix = ["r", "u"]
                .into_iter()
                .find(|prefix| self.rest.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['\'', '"'])));
            self.rest = &self.rest[prefix.map_or(0, str::len)..];
            let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| self.rest.starts_with(quote));
            let Some(quote) = quote else { return Some(Value::text(value)) };
            self.rest = &self.rest[quote.len()..];
            self.text_until(quote, prefix == Some("r"), &mut value)?;
        }
    }

    /// The rest of a string literal. `is_raw`: a backslash is a literal character, and so is the quote after it.
    fn text_until(&mut self, quote: &str, is_raw: bool, value: &mut String) -> Option<()> {
        loop {
            if let Some(rest) = self.rest.strip_prefix(quote) {
                self.rest = rest;
                return Some(());
            }
            let mut chars = self.rest.chars();
            match chars.next()? {
                '\\' if is_raw => value.extend(['\\', chars.next()?]),
                '\\' => match chars.next()? {
                    // Rare escapes are rejected rather than misread.
                    'a' | 'b' | 'f' | 'v' | 'x' | 'u' | 'U' | 'N' | '0'..='7' => return None,
                    'n' => value.push('\n'),
                    't' => value.push('\t'),
                    'r' => value.push('\r'),
                    '\n' => {}
                    c @ ('\\' | '\'' | '"') => value.push(c),
                    // As in Python, other escapes are literal.
                    c => value.extend(['\\', c]),
                },
                '\n' if quote.len() == 1 => return None,
                c => value.push(c),
            }
            self.rest = chars.as_str();
        }
    }

    fn list(&mut self, open: &str, close: &str, depth: usize) -> Option<Value> {
        self.takes(open).then_some(())?;
        let mut items = Vec::new();
        loop {
            if self.takes(close) {
                return Some(Value::List(items));
            }
            items.push(self.literal(depth + 1)?);
            if !self.takes(",") {
                return self.takes(close).then_some(Value::List(items));
            }
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        self.takes("{").then_some(())?;
        let mut entries = Vec::new();
        loop {
            if self.takes("}") {
                return Some(Value::Table(entries));
            }
            self.skip_blanks();
            let Value::Text(key) = self.texts()? else { return None };
            if !self.takes(":") {
                return None;
            }
            entries.push((key.value, self.literal(depth + 1)?));
            if !self.takes(",") {
                return self.takes("}").then_some(Value::Table(entries));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Call {
        parse_call(text).unwrap_or_else(|| panic!("{text}"))
    }

    fn named(name: &str, value: Value) -> Argument {
        Argument { name: Some(name.to_owned()), value }
    }

    #[test]
    fn sampler_of_the_predecessors_documentation_is_parsed() {
        let call = call("opencensus.trace.samplers.ProbabilitySampler(rate=1.0)");
        assert_eq!((&*call.module, &*call.name), ("opencensus.trace.samplers", "ProbabilitySampler"));
        assert_eq!(call.arguments.unwrap(), [named("rate", Value::Float(1.0))]);
    }

    #[test]
    fn exporter_of_the_predecessors_documentation_is_parsed_over_several_lines() {
        let text = "opencensus.ext.azure.trace_exporter.AzureExporter(\n    connection_string=\"Instrumentation\"\n  'Key=x',  # ours\n)";
        let arguments = call(text).arguments.unwrap();
        assert_eq!(arguments, [named("connection_string", Value::text("InstrumentationKey=x"))]);
    }

    #[test]
    fn every_kind_of_literal_is_parsed() {
        let text = r#"A(1, -2, 1e-4, 1_000, .5, True, None, 'a\'b\\\n\d', """x"y""", [1, (2,)], {'k': 1,}, n = 1)"#;
        let values: Vec<_> = call(text).arguments.unwrap().into_iter().map(|argument| argument.value).collect();
        let expected = [
            Value::Integer(1),
            Value::Integer(-2),
            Value::Float(1e-4),
            Value::Integer(1000),
            Value::Float(0.5),
            Value::Bool(true),
            Value::Null,
            Value::text("a'b\\\n\\d"),
            Value::text("x\"y"),
            Value::List(vec![Value::Integer(1), Value::List(vec![Value::Integer(2)])]),
            Value::Table(vec![("k".to_owned(), Value::Integer(1))]),
            Value::Integer(1),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn brackets_prefixes_and_variables_are_parsed() {
        let text = r#"A(('a' 'b'), (1.0), (1,), (), u'c', r'\d\'', ${E:-1}, '${F}')"#;
        let values: Vec<_> = call(text).arguments.unwrap().into_iter().map(|argument| argument.value).collect();
        let expected = [
            Value::text("ab"),
            Value::Float(1.0),
            Value::List(vec![Value::Integer(1)]),
            Value::List(Vec::new()),
            Value::text("c"),
            Value::text(r"\d\'"),
            Value::text("${E:-1}"),
            Value::text("${F}"),
        ];
        assert_eq!(values, expected);
        assert_eq!(parse_list("['/a', \"/b\"]"), Some(vec![Value::text("/a"), Value::text("/b")]));
        assert_eq!(parse_list("[::1]:80"), None);
    }

    #[test]
    fn expressions_that_python_would_evaluate_are_rejected() {
        for text in [
            "A(os.environ['KEY'])",
            "A(rate=1/2)",
            "A(f())",
            "A(rate=nan)",
            "A(1",
            "A(1))",
            "A('x)",
            "A('x\ny')",
            "1A()",
            "a..b()",
            "A() B",
            "",
            "A(b.c=1)",
            "A(,)",
            r"A('\x41')",
            "A($X)",
            "A(${X)",
        ] {
            assert_eq!(parse_call(text), None, "{text}");
        }
        assert_eq!(parse_call(&format!("A({}", "[".repeat(100_000))), None);
    }
}
