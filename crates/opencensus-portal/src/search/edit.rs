//! Changes the text of a search, for the links of a page.

use crate::search::field::Field;
use crate::search::query::{Clause, MAX_LENGTH, Query};
use crate::search::word::{Word, words};

/// The text of a search with a term added, or taken out if it has the term already.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Switch {
    pub(crate) text: String,
    /// Whether the search has the term: then the text lacks it.
    pub(crate) is_on: bool,
}

/// Formats a term that matches this value exactly.
pub(crate) fn term(field: &Field, value: &str, excluded: bool) -> String {
    let key = field.key();
    let is_plain = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-./{}".contains(c)) && !text.contains("..")
    };
    let key_is_plain = match field {
        Field::Property(key) => {
            Field::of(key) == *field && key != "has" && is_plain(key) && key.starts_with(char::is_alphabetic)
        }
        _ => true,
    };
    // `4xx` and the like have a special meaning.
    let value_is_plain = is_plain(value) && (*field != Field::Code || value.bytes().all(|byte| byte.is_ascii_digit()));
    let part = |text: &str, is_plain: bool| if is_plain { text.to_owned() } else { quoted(text) };
    format!("{}{}:{}", if excluded { "-" } else { "" }, part(key, key_is_plain), part(value, value_is_plain))
}

/// Adds a term to the text of a search, or takes it out.
pub(crate) fn toggle(text: &str, term: &str) -> Switch {
    let switched = Query::parse(term).terms;
    let is_same = |word: &str| {
        let found = Query::parse(word).terms;
        !found.is_empty()
            && found.len() == switched.len()
            && found.iter().zip(&switched).all(|(one, other)| one.is_same(other))
    };
    let words = editable(text);
    let mut kept: Vec<_> = words.iter().map(|word| &text[word.start..word.end]).filter(|word| !is_same(word)).collect();
    let is_on = kept.len() < words.len();
    if !is_on {
        // A quotation mark without an end would swallow the term.
        let at = if words.iter().any(|word| word.fault.is_some()) { 0 } else { kept.len() };
        kept.insert(at, term);
    }
    Switch { text: kept.join(" "), is_on }
}

/// The text of a search whose only included term of this field has these values. Without values it has none.
pub(crate) fn with_values(text: &str, field: &Field, values: &[&str]) -> String {
    let is_replaced = |word: &str| {
        let found = Query::parse(word);
        let of_field = |clause: &Clause| matches!(clause, Clause::Field(other, _) if other == field);
        found.terms.first().is_some_and(|term| !term.excluded && term.clauses.iter().all(of_field))
    };
    let words = editable(text);
    let mut kept: Vec<_> =
        words.iter().map(|word| &text[word.start..word.end]).filter(|word| !is_replaced(word)).collect();
    let term = format!("{}:{}", field.key(), values.join(","));
    if !values.is_empty() {
        kept.insert(0, &term);
    }
    kept.join(" ")
}

/// The words of a search; none of a search that is too long to apply.
fn editable(text: &str) -> Vec<Word> {
    if text.len() > MAX_LENGTH { Vec::new() } else { words(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::test::Test;

    #[test]
    fn terms_match_their_value_exactly() {
        let property = |key: &str| Field::Property(key.into());
        for (field, value, expected) in [
            (Field::Code, "500", "status:500"),
            (Field::Code, "4xx", "status:\"4xx\""),
            (Field::Operation, "GET /x", "op:\"GET /x\""),
            (Field::Role, "shop", "role:shop"),
            (property("tenant"), "a*", "tenant:\"a*\""),
            (property("status"), "a\"\\,", "\"status\":\"a\\\"\\\\,\""),
            (property("has"), "1..2", "\"has\":\"1..2\""),
            (property("the key"), "", "\"the key\":\"\""),
            (property("a:b"), ">3", "\"a:b\":\">3\""),
            (property("-x"), "é", "\"-x\":é"),
        ] {
            let text = term(&field, value, false);
            assert_eq!(text, expected);
            let query = Query::parse(&text);
            assert_eq!(query.terms[0].clauses, [Clause::Field(field, Test::Equals(value.into()))]);
            assert_eq!(query.terms.len(), 1);
        }
    }

    #[test]
    fn term_is_added_or_taken_out_and_the_rest_stays_as_written() {
        let switch = |text: &str, is_on| Switch { text: text.into(), is_on };
        assert_eq!(toggle("", "status:500"), switch("status:500", false));
        assert_eq!(toggle("dur:5  \"a b\"", "-role:shop"), switch("dur:5 \"a b\" -role:shop", false));
        assert_eq!(toggle("a code:\"500\" dur:5", "status:500"), switch("a dur:5", true));
        assert_eq!(toggle("-status:500", "status:500"), switch("-status:500 status:500", false));
        assert_eq!(toggle(&"a ".repeat(MAX_LENGTH), "status:500"), switch("status:500", false));
    }

    #[test]
    fn values_of_a_field_are_replaced() {
        let edit = |text: &str, values: &[&str]| with_values(text, &Field::Kind, values);
        assert_eq!(edit("kind:trace oak -kind:event", &["request", "trace"]), "kind:request,trace oak -kind:event");
        assert_eq!(edit("oak kind:logs,calls kind:x", &[]), "oak kind:x");
    }

    #[test]
    fn no_text_makes_the_parser_panic_or_lose_words() {
        let characters: Vec<char> = "ab1:::\"\"\\-,,*..<>=% \t\u{0}é🎸xsmdur".chars().collect();
        let mut state = 7_u64;
        let mut random = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        for _ in 0..20_000 {
            let text: String = (0..random(24)).map(|_| characters[random(characters.len())]).collect();
            let query = Query::parse(&text);
            assert_eq!(query.terms.len() + query.hints.len(), words(&text).len(), "{text:?}");
            let value = term(&Field::Property(text.clone()), &text, random(2) == 0);
            let parsed = Query::parse(&value).terms;
            let expected = Clause::Field(Field::Property(text.clone()), Test::Equals(text.clone()));
            assert_eq!((parsed.len(), &parsed[0].clauses[..]), (1, &[expected][..]), "{value}");
            let added = Query::parse(&toggle(&text, &value).text);
            assert_eq!(added.terms.len(), query.terms.len() + 1, "{text:?} {value:?}");
        }
    }
}
