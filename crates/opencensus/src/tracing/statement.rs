//! The texts of SQL statements.

/// How a database system writes literals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dialect {
    /// Identifiers are in double quotes, and a backslash is a character like others.
    Standard,
    /// Texts may be in double quotes, and a backslash escapes the next character. For unknown systems, too: rather an
    /// identifier is removed than a literal is kept.
    MySql,
}

impl Dialect {
    pub(super) fn of(system: &str) -> Self {
        match system {
            "postgresql" | "sqlite" => Self::Standard,
            _ => Self::MySql,
        }
    }
}

/// The first word of a statement and the table after the first word that precedes one, such as `SELECT chairs`.
pub(super) fn summary(statement: &str) -> String {
    let statement = without_literals(statement, Dialect::Standard);
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.' | '"' | '`');
    let mut words = statement.split(|character| !is_part(character)).filter(|word| !word.is_empty());
    let verb = words.next().unwrap_or("SQL").to_uppercase();
    let precedes =
        |word: &&str| ["FROM", "INTO", "TABLE", "UPDATE"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let is_filler = |word: &&str| ["IF", "NOT", "EXISTS", "ONLY"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let table =
        if verb == "UPDATE" { words.next() } else { words.find(precedes).and(words.find(|word| !is_filler(word))) };
    match table {
        Some(table) => format!("{verb} {}", table.replace(['"', '`'], "")),
        None => verb,
    }
}

/// Replaces each text and each number by `?`, and each comment by a space.
pub(super) fn without_literals(statement: &str, dialect: Dialect) -> String {
    let mut out = String::with_capacity(statement.len());
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let (length, replacement) = token(rest, dialect, out.chars().next_back());
        match replacement {
            Some(replacement) => out.push_str(replacement),
            None => out.push_str(&rest[..length]),
        }
        rest = &rest[length.max(first.len_utf8())..];
    }
    out
}

/// The length of the token at the beginning of a text, and what replaces it.
fn token(text: &str, dialect: Dialect, before: Option<char>) -> (usize, Option<&'static str>) {
    let first = text.chars().next().unwrap_or_default();
    let escapes = dialect == Dialect::MySql;
    match first {
        '\'' => (quoted(text, '\'', escapes || matches!(before, Some('e' | 'E'))), Some("?")),
        '"' if escapes => (quoted(text, '"', true), Some("?")),
        '"' | '`' => (quoted(text, first, false), None),
        '$' => match dollar_quoted(text) {
            Some(length) => (length, Some("?")),
            // A parameter.
            None => (1 + text[1..].bytes().take_while(u8::is_ascii_digit).count(), None),
        },
        // A parameter of SQLite.
        '?' => (1 + text[1..].bytes().take_while(u8::is_ascii_digit).count(), None),
        '-' if text.starts_with("--") => (text.find('\n').unwrap_or(text.len()), Some(" ")),
        '#' if escapes => (text.find('\n').unwrap_or(text.len()), Some(" ")),
        '/' if text.starts_with("/*") => (block_comment(text), Some(" ")),
        '0'..='9' => (number(text), Some("?")),
        _ if is_word(first) => (text.find(|character| !is_word(character)).unwrap_or(text.len()), None),
        _ => (first.len_utf8(), None),
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The length of a text in quotes, which are doubled within it. One without an end reaches to the end.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return index + quote.len_utf8();
        }
    }
    text.len()
}

/// The length of PostgreSQL's `$tag$…$tag$`.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag_end = 1 + text[1..].find('$')?;
    let tag = &text[..=tag_end];
    let is_tag = tag[1..tag_end].chars().all(is_word) && !tag[1..].starts_with(|first: char| first.is_ascii_digit());
    let content = is_tag.then(|| &text[tag.len()..])?;
    Some(content.find(tag).map_or(text.len(), |end| tag.len() + end + tag.len()))
}

/// The length of a comment, in which others may be nested.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = text[at..].find(['/', '*']) {
        let rest = &text[at + found..];
        at += found + if rest.starts_with("/*") || rest.starts_with("*/") { 2 } else { 1 };
        if rest.starts_with("/*") {
            depth += 1;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at;
            }
        }
    }
    text.len()
}

/// The length of a number: digits, a point, an exponent with its sign, or hexadecimal digits.
fn number(text: &str) -> usize {
    let mut before = '0';
    let is_part = |character: char| {
        let is_exponent = matches!(before, 'e' | 'E') && matches!(character, '+' | '-') && !text.starts_with("0x");
        before = character;
        is_word(character) || character == '.' || is_exponent
    };
    text.find({
        let mut is_part = is_part;
        move |character| !is_part(character)
    })
    .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_comments_are_removed_and_names_and_parameters_stay() {
        for (statement, dialect, expected) in [
            (
                "SELECT * FROM t1 WHERE a = 'it''s' AND b2 = 7",
                Dialect::Standard,
                "SELECT * FROM t1 WHERE a = ? AND b2 = ?",
            ),
            (
                "INSERT INTO t VALUES (1.5e-3, -2, 0xFF, ?1, $2, :name)",
                Dialect::Standard,
                "INSERT INTO t VALUES (?, -?, ?, ?1, $2, :name)",
            ),
            (r#"SELECT "chair 7" FROM `t`"#, Dialect::Standard, r#"SELECT "chair 7" FROM `t`"#),
            (r#"SELECT "chair 7" FROM `t`"#, Dialect::MySql, "SELECT ? FROM `t`"),
            (r"SELECT 'it\'s secret', 'x'", Dialect::MySql, "SELECT ?, ?"),
            (r"SELECT 'C:\', 'x'", Dialect::Standard, "SELECT ?, ?"),
            (r"SELECT E'it\'s', X'FF'", Dialect::Standard, "SELECT E?, X?"),
            ("SELECT $$a 'b' c$$, $t$x$$y$t$ || $1", Dialect::Standard, "SELECT ?, ? || $1"),
            ("SELECT 1 -- secret\nFROM t /* se /* c */ ret */ x", Dialect::Standard, "SELECT ?  \nFROM t   x"),
            ("SELECT 'open", Dialect::Standard, "SELECT ?"),
            ("SELECT 'ü', ü FROM größe", Dialect::Standard, "SELECT ?, ü FROM größe"),
            ("", Dialect::Standard, ""),
        ] {
            assert_eq!(without_literals(statement, dialect), expected, "{statement}");
        }
    }

    #[test]
    fn summary_is_the_verb_and_the_table() {
        for (statement, expected) in [
            ("select a from \"chairs\" where b in (select c from d)", "SELECT chairs"),
            ("INSERT INTO shop.chairs (a) VALUES (1)", "INSERT shop.chairs"),
            ("UPDATE chairs SET a = 1", "UPDATE chairs"),
            ("CREATE TABLE IF NOT EXISTS chairs (a)", "CREATE chairs"),
            ("DELETE FROM chairs", "DELETE chairs"),
            ("SELECT 'from secret'", "SELECT"),
            ("BEGIN", "BEGIN"),
            ("/* note */ select 1", "SELECT"),
        ] {
            assert_eq!(summary(statement), expected);
        }
    }
}
