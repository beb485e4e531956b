//! Marks the places of a text that was searched.

use maud::{Markup, html};

/// The most marks of a text.
const MAX_MARKS: usize = 100;

/// The text with a mark around each place that equals `find`. The case of ASCII letters is ignored.
pub(super) fn highlight(text: &str, find: &str) -> Markup {
    html! {
        @for (part, is_found) in parts(text, find) {
            @if is_found { mark { (part) } } @else { (part) }
        }
    }
}

fn parts<'a>(text: &'a str, find: &str) -> Vec<(&'a str, bool)> {
    // Only ASCII letters change, so that places in both texts are the same.
    let (lower, find) = (text.to_ascii_lowercase(), find.to_ascii_lowercase());
    let mut parts = Vec::new();
    let mut end = 0;
    if !find.is_empty() {
        for (at, _) in lower.match_indices(&find).take(MAX_MARKS) {
            parts.push((&text[end..at], false));
            end = at + find.len();
            parts.push((&text[at..end], true));
        }
    }
    parts.push((&text[end..], false));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_places_are_marked_and_escaped() {
        assert_eq!(
            highlight("Öl <b>oak</b> OAK", "oak").into_string(),
            "Öl &lt;b&gt;<mark>oak</mark>&lt;/b&gt; <mark>OAK</mark>"
        );
        assert_eq!(highlight("a<", "").into_string(), "a&lt;");
        assert_eq!(highlight("öö", "Ö").into_string(), "öö");
        assert_eq!(highlight("", "x").into_string(), "");
    }
}
