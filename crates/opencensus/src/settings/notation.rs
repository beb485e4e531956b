//! The predecessor's notation: calls of Python classes with literals as arguments.

use crate::settings::node::Node;

/// `package.module.Class(1.0, name='text')`, or the dotted name alone. Read, and never evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// What stands before the last dot; empty if there is none.
    pub(crate) module: String,
    /// What stands behind it.
    pub(crate) name: String,
    /// `None`: no brackets.
    pub(crate) arguments: Option<Vec<Argument>>,
}

/// One argument, with its name or without.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Argument {
    pub(crate) name: Option<String>,
    pub(crate) value: Node,
}

/// What to do about a text that looks like a call and is none.
pub(crate) const REMEDY: &str = "nothing is evaluated: write `Class(name=value)` with numbers and texts, and `${NAME}` for a variable of the environment";

/// Deeper lists and dictionaries are refused.
const MAX_DEPTH: usize = 16;

impl Call {
    /// The dotted name, and something behind it.
    pub(crate) fn path_with(&self, end: &str) -> String {
        let dot = if self.module.is_empty() { "" } else { "." };
        format!("{}{dot}{}{end}", self.module, self.name)
    }
}

/// A dictionary of literals, as it stands in code or in JSON. `None`: the text is none.
pub(crate) fn parse_dictionary(text: &str) -> Option<Node> {
    let mut parser = Parser { rest: text };
    let dictionary = parser.dictionary(0)?;
    parser.skip_blanks();
    parser.rest.is_empty().then_some(dictionary)
}

/// A list of literals, as it stands in code. `None`: the text is none.
pub(crate) fn parse_list(text: &str) -> Option<Vec<Node>> {
    let mut parser = Parser { rest: text };
    let list = parser.list("[", "]", 0)?;
    parser.skip_blanks();
    match list {
        Node::List(items) if parser.rest.is_empty() => Some(items),
        _ => None,
    }
}

/// `None`: the text is no call.
pub(crate) fn parse(text: &str) -> Option<Call> {
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
    /// Blanks, line ends, and comments up to the end of their line.
    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix('#') else { return };
            self.rest = comment.find('\n').map_or("", |end| &comment[end..]);
        }
    }

    /// Whether `sign` comes next; it is taken then.
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

    /// Up to and with the closing bracket.
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

    fn literal(&mut self, depth: usize) -> Option<Node> {
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

    /// `${NAME}` without quotes: a text that is filled in later.
    fn variable(&mut self) -> Option<Node> {
        let end = self.rest.starts_with("${").then(|| self.rest.find('}')).flatten()?;
        let (variable, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        Some(Node::text(variable))
    }

    /// A value in brackets, or a list if there is a comma.
    fn brackets(&mut self, depth: usize) -> Option<Node> {
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

    fn constant(&mut self) -> Option<Node> {
        match self.dotted_name()? {
            "True" | "true" => Some(Node::Bool(true)),
            "False" | "false" => Some(Node::Bool(false)),
            "None" => Some(Node::Null),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Node> {
        let digits = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'));
        let digits = digits.replace('_', "");
        let integer = digits.parse().ok().map(Node::Integer);
        // Not `inf` and `nan`, which are names in Python.
        let is_number = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        integer.or_else(|| digits.parse().ok().filter(|_| is_number).map(Node::Float))
    }

    /// Texts that follow each other are one.
    fn texts(&mut self) -> Option<Node> {
        let mut value = String::new();
        loop {
            self.skip_blanks();
            let prefix = ["r", "u"]
                .into_iter()
                .find(|prefix| self.rest.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['\'', '"'])));
            self.rest = &self.rest[prefix.map_or(0, str::len)..];
            let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| self.rest.starts_with(quote));
            let Some(quote) = quote else { return Some(Node::text(value)) };
            self.rest = &self.rest[quote.len()..];
            self.text_until(quote, prefix == Some("r"), &mut value)?;
        }
    }

    /// `is_raw`: a backslash is a character, and so is the quote behind it.
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
                    // Escapes that nobody needs here are better refused than read wrongly.
                    'a' | 'b' | 'f' | 'v' | 'x' | 'u' | 'U' | 'N' | '0'..='7' => return None,
                    'n' => value.push('\n'),
                    't' => value.push('\t'),
                    'r' => value.push('\r'),
                    '\n' => {}
                    c @ ('\\' | '\'' | '"') => value.push(c),
                    // As Python: other escapes stay as they are.
                    c => value.extend(['\\', c]),
                },
                '\n' if quote.len() == 1 => return None,
                c => value.push(c),
            }
            self.rest = chars.as_str();
        }
    }

    fn list(&mut self, open: &str, close: &str, depth: usize) -> Option<Node> {
        self.takes(open).then_some(())?;
        let mut items = Vec::new();
        loop {
            if self.takes(close) {
                return Some(Node::List(items));
            }
            items.push(self.literal(depth + 1)?);
            if !self.takes(",") {
                return self.takes(close).then_some(Node::List(items));
            }
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Node> {
        self.takes("{").then_some(())?;
        let mut entries = Vec::new();
        loop {
            if self.takes("}") {
                return Some(Node::Table(entries));
            }
            self.skip_blanks();
            let Node::Text(key) = self.texts()? else { return None };
            if !self.takes(":") {
                return None;
            }
            entries.push((key.value, self.literal(depth + 1)?));
            if !self.takes(",") {
                return self.takes("}").then_some(Node::Table(entries));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Call {
        parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    fn named(name: &str, value: Node) -> Argument {
        Argument { name: Some(name.to_owned()), value }
    }

    #[test]
    fn documented_sampler_is_read() {
        let call = call("opencensus.trace.samplers.ProbabilitySampler(rate=1.0)");
        assert_eq!((&*call.module, &*call.name), ("opencensus.trace.samplers", "ProbabilitySampler"));
        assert_eq!(call.arguments.unwrap(), [named("rate", Node::Float(1.0))]);
    }

    #[test]
    fn documented_exporter_is_read_over_several_lines() {
        let text = "opencensus.ext.azure.trace_exporter.AzureExporter(\n    connection_string=\"Instrumentation\"\n  'Key=x',  # ours\n)";
        let arguments = call(text).arguments.unwrap();
        assert_eq!(arguments, [named("connection_string", Node::text("InstrumentationKey=x"))]);
    }

    #[test]
    fn every_literal_is_read() {
        let text = r#"A(1, -2, 1e-4, 1_000, .5, True, None, 'a\'b\\\n\d', """x"y""", [1, (2,)], {'k': 1,}, n = 1)"#;
        let values: Vec<_> = call(text).arguments.unwrap().into_iter().map(|argument| argument.value).collect();
        let wanted = [
            Node::Integer(1),
            Node::Integer(-2),
            Node::Float(1e-4),
            Node::Integer(1000),
            Node::Float(0.5),
            Node::Bool(true),
            Node::Null,
            Node::text("a'b\\\n\\d"),
            Node::text("x\"y"),
            Node::List(vec![Node::Integer(1), Node::List(vec![Node::Integer(2)])]),
            Node::Table(vec![("k".to_owned(), Node::Integer(1))]),
            Node::Integer(1),
        ];
        assert_eq!(values, wanted);
    }

    #[test]
    fn brackets_prefixes_and_variables_are_literals_too() {
        let text = r#"A(('a' 'b'), (1.0), (1,), (), u'c', r'\d\'', ${E:-1}, '${F}')"#;
        let values: Vec<_> = call(text).arguments.unwrap().into_iter().map(|argument| argument.value).collect();
        let wanted = [
            Node::text("ab"),
            Node::Float(1.0),
            Node::List(vec![Node::Integer(1)]),
            Node::List(Vec::new()),
            Node::text("c"),
            Node::text(r"\d\'"),
            Node::text("${E:-1}"),
            Node::text("${F}"),
        ];
        assert_eq!(values, wanted);
        assert_eq!(parse_list("['/a', \"/b\"]"), Some(vec![Node::text("/a"), Node::text("/b")]));
        assert_eq!(parse_list("[::1]:80"), None);
    }

    #[test]
    fn what_python_would_evaluate_is_no_literal() {
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
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&format!("A({}", "[".repeat(100_000))), None);
    }
}
