//! A search as terms that all must hold.

use crate::search::field::Field;
use crate::search::hint::Hint;
use crate::search::test::Test;
use crate::search::value;
use crate::search::word::{Part, Word, words};

/// The most conditions of a search, which bounds the statement for the database.
const MAX_CLAUSES: usize = 200;
/// The metric in which exporters of OpenTelemetry describe the resource.
pub(crate) const RESOURCE_METRIC: &str = "_OTELRESOURCE_";
/// The most bytes of a search, which bounds the work for a page: each of its links edits the text.
pub(super) const MAX_LENGTH: usize = 4096;
/// The most characters of a word that a hint repeats.
const MAX_SHOWN: usize = 60;

/// A parsed search. Every text is one: what cannot be understood becomes a hint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query {
    pub(crate) terms: Vec<Term>,
    pub(crate) hints: Vec<Hint>,
}

/// A condition of a search: one of its clauses must hold, or none if it is excluded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    pub(crate) excluded: bool,
    pub(crate) clauses: Vec<Clause>,
    /// The term as written.
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Clause {
    /// A text of the item contains this one, in any ASCII letter case.
    Text(String),
    Field(Field, Test),
}

impl Query {
    /// Parses the text of a search.
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        if text.len() > MAX_LENGTH {
            let word = text.chars().take(MAX_SHOWN).collect();
            query.hints.push(Hint { column: 1, word, message: format!("a search has {MAX_LENGTH} bytes at most") });
            return query;
        }
        let mut clauses = 0;
        for word in words(text) {
            let read = read(&word).and_then(|found| {
                clauses += found.len();
                if clauses > MAX_CLAUSES {
                    Err(format!("a search has {MAX_CLAUSES} conditions at most"))
                } else {
                    Ok(found)
                }
            });
            let written = &text[word.start..word.end];
            match read {
                Ok(clauses) => query.terms.push(Term { excluded: word.excluded, clauses, text: written.to_owned() }),
                Err(message) => query.hints.push(Hint {
                    column: text[..word.start].chars().count() + 1,
                    word: written.chars().take(MAX_SHOWN).collect(),
                    message,
                }),
            }
            if clauses > MAX_CLAUSES {
                break;
            }
        }
        query
    }

    /// Whether a term names the metrics in which exporters of OpenTelemetry describe the resource.
    pub(crate) fn names_resource_metrics(&self) -> bool {
        let names = |term: &Term| !term.excluded && term.text.to_ascii_uppercase().contains(RESOURCE_METRIC);
        self.terms.iter().any(names)
    }

    /// The clauses that include items, without those that exclude them.
    pub(crate) fn included(&self) -> impl Iterator<Item = &Clause> {
        self.terms.iter().filter(|term| !term.excluded).flat_map(|term| &term.clauses)
    }

    /// Splits the query into the terms of this field alone and the others.
    pub(crate) fn split(self, field: &Field) -> (Self, Self) {
        let is_of =
            |term: &Term| term.clauses.iter().all(|clause| matches!(clause, Clause::Field(other, _) if other == field));
        let (of_field, others) = self.terms.into_iter().partition(is_of);
        (Self { terms: of_field, hints: Vec::new() }, Self { terms: others, hints: self.hints })
    }
}

/// Whether two terms select the same items, however they are written.
impl Term {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.excluded == other.excluded && self.clauses == other.clauses
    }
}

fn read(word: &Word) -> Result<Vec<Clause>, String> {
    if let Some(fault) = word.fault {
        return Err(fault.to_owned());
    }
    let Some(key) = &word.key else {
        return word.values.iter().map(text).collect();
    };
    if !key.quoted && key.text.eq_ignore_ascii_case("has") {
        return Ok(word.values.iter().map(|value| Clause::Field(field(value), Test::Present)).collect());
    }
    let field = field(key);
    let clause = |value| Ok(Clause::Field(field.clone(), value::read(&field, value)?));
    word.values.iter().map(clause).collect()
}

fn text(value: &Part) -> Result<Clause, String> {
    if value.text.is_empty() {
        Err("the quotation marks are empty".to_owned())
    } else {
        Ok(Clause::Text(value.text.clone()))
    }
}

/// The field of a key. Quotation marks make it a property, also if the language has the key.
fn field(key: &Part) -> Field {
    if key.quoted { Field::Property(key.text.clone()) } else { Field::of(&key.text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::test::Comparison::{AtLeast, AtMost, Equal, Greater, Less};

    fn clauses(text: &str) -> Vec<Clause> {
        let query = Query::parse(text);
        assert_eq!((query.hints.len(), query.terms.len()), (0, 1), "{text}: {:?}", query.hints);
        query.terms.into_iter().next().unwrap().clauses
    }

    fn property(key: &str) -> Field {
        Field::Property(key.into())
    }

    #[test]
    fn values_are_read_by_the_kind_of_their_field() {
        let equals = |text: &str| Test::Equals(text.into());
        for (text, field, test) in [
            ("status:500", Field::Code, equals("500")),
            ("code:4xx", Field::Code, Test::Between(400.0, 499.0)),
            ("status:>=400", Field::Code, Test::Number(AtLeast, 400.0)),
            ("status:400..404", Field::Code, Test::Between(400.0, 404.0)),
            ("status:\"4xx\"", Field::Code, equals("4xx")),
            ("status:Faulted", Field::Code, equals("Faulted")),
            ("STATUS:*", Field::Code, Test::Present),
            ("op:\"GET /x\"", Field::Operation, equals("GET /x")),
            ("op:GET*", Field::Operation, Test::Like("GET*".into())),
            ("name:\"a*\"", Field::Name, equals("a*")),
            ("dur:>200ms", Field::Duration, Test::Number(Greater, 200e3)),
            ("dur:<=1.5s", Field::Duration, Test::Number(AtMost, 1.5e6)),
            ("dur:<850µs", Field::Duration, Test::Number(Less, 850.0)),
            ("dur:200us..2m", Field::Duration, Test::Between(200.0, 120e6)),
            ("kind:Exceptions", Field::Kind, equals("exception")),
            ("kind:page-view", Field::Kind, equals("page_view")),
            ("kind:log", Field::Kind, equals("trace")),
            ("severity:>=warning", Field::Severity, Test::Number(AtLeast, 2.0)),
            ("severity:Error", Field::Severity, Test::Number(Equal, 3.0)),
            ("severity:info..warn", Field::Severity, Test::Between(1.0, 2.0)),
            ("success:no", Field::Success, Test::Number(Equal, 0.0)),
            ("is:failed", Field::Outcome, equals("failed")),
            ("tenant:acme", property("tenant"), equals("acme")),
            ("\"the key\":\"a b\"", property("the key"), equals("a b")),
            ("\"status\":5", property("status"), equals("5")),
            ("basket:>=3", property("basket"), Test::Number(AtLeast, 3.0)),
            ("basket:\">3\"", property("basket"), equals(">3")),
            ("version:1..2", property("version"), Test::Between(1.0, 2.0)),
            ("file:a..b", property("file"), equals("a..b")),
            ("tenant:*", property("tenant"), Test::Present),
            ("has:tenant", property("tenant"), Test::Present),
            ("has:user", Field::User, Test::Present),
            ("trace:*", Field::Trace, Test::Present),
        ] {
            assert_eq!(clauses(text), [Clause::Field(field, test)], "{text}");
        }
    }

    #[test]
    fn values_in_a_list_are_alternatives_and_terms_are_excluded_by_a_dash() {
        let query = Query::parse("-status:404,5xx \"out of\" stock");
        assert_eq!(query.terms[0].clauses.len(), 2);
        let texts: Vec<_> = query.terms.iter().map(|term| (term.excluded, term.text.as_str())).collect();
        assert_eq!(texts, [(true, "-status:404,5xx"), (false, "\"out of\""), (false, "stock")]);
        assert_eq!(query.terms[1].clauses, [Clause::Text("out of".into())]);
    }

    #[test]
    fn word_that_cannot_be_understood_is_a_hint_and_the_others_apply() {
        for (word, expected) in [
            ("dur:200", "a unit (µs, ms, s, m, h) is expected, as in `dur:>200ms`"),
            ("dur:<=5", "a unit (µs, ms, s, m, h) is expected, as in `dur:<=5ms`"),
            ("dur:2s", "a comparison is expected, as in `dur:>2s`"),
            ("dur:>x", "a duration is compared as in `dur:>200ms`, `dur:<=1.5s` or `dur:200ms..1s`"),
            ("dur:1..2ms", "a duration is compared as in"),
            ("kind:requests,x", "a kind is one of request, dependency, trace, exception, event, metric,"),
            ("severity:loud", "a severity is one of verbose, information, warning, error and critical"),
            ("success:maybe", "`success` is `yes` or `no`"),
            ("is:odd", "`is` is followed by `failed` or `ok`"),
            ("status:>many", "a number is expected, as in `status:>=400`"),
            ("tenant:", "a value is expected after the colon; quotation marks make it a text to search for"),
            ("status:500,", "a value is expected after the comma"),
            ("-", "a word is expected after `-`"),
            ("\"\"", "the quotation marks are empty"),
            ("op:\"GET", "the quotation mark has no end"),
        ] {
            let query = Query::parse(&format!("é oak {word}"));
            assert_eq!((query.terms.len(), query.hints.len()), (2, 1), "{word}");
            let hint = &query.hints[0];
            assert_eq!((hint.column, hint.word.as_str()), (7, word));
            assert!(hint.message.starts_with(expected), "{hint}");
        }
    }

    #[test]
    fn conditions_are_bounded() {
        let query = Query::parse(&"a ".repeat(MAX_LENGTH));
        assert_eq!((query.terms.len(), query.hints[0].word.len()), (0, MAX_SHOWN));
        let query = Query::parse(&"a ".repeat(MAX_LENGTH / 2));
        assert_eq!((query.terms.len(), query.hints.len()), (MAX_CLAUSES, 1));
        let query = Query::parse(&format!("k:{}1 b", "1,".repeat(MAX_CLAUSES)));
        assert_eq!((query.terms.len(), query.hints[0].word.chars().count()), (0, MAX_SHOWN));
    }

    #[test]
    fn kinds_are_split_from_the_other_terms() {
        let (kinds, others) = Query::parse("oak kind:trace -kind:event status:500 dur:5").split(&Field::Kind);
        assert_eq!((kinds.terms.len(), others.terms.len(), others.hints.len()), (2, 2, 1));
    }
}
