//! Reads the parameters of a page's address.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The parameters of a page. Of one that is given several times the last counts. A page is shown for every address: the
/// parameters are default if they cannot be read.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(read(parts.uri.query().unwrap_or_default())))
    }
}

fn read<T: DeserializeOwned + Default>(query: &str) -> T {
    let last: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    let query = form_urlencoded::Serializer::new("/?".to_owned()).extend_pairs(last).finish();
    let uri: Option<Uri> = query.parse().ok();
    uri.and_then(|uri| Query::try_from_uri(&uri).ok()).map(|Query(parameters)| parameters).unwrap_or_default()
}

/// Deserializes a number. `None` if the text is none.
pub(super) fn number<'de, D: serde::Deserializer<'de>>(text: D) -> Result<Option<i64>, D::Error> {
    let text: String = serde::Deserialize::deserialize(text)?;
    Ok(text.parse().ok())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Page {
        op: Option<String>,
        #[serde(deserialize_with = "number")]
        min: Option<i64>,
    }

    #[test]
    fn last_of_several_counts_and_what_is_no_number_is_ignored() {
        let page = |op: &str, min| Page { op: Some(op.into()), min };
        assert_eq!(read::<Page>("op=a&min=5&op=b%26+c&other=1"), page("b& c", Some(5)));
        for min in ["x", "", "99999999999999999999", "1.5"] {
            assert_eq!(read::<Page>(&format!("min={min}&op=a")), page("a", None), "{min}");
        }
        assert_eq!(read::<Page>("op=%ff&&=&%"), page("\u{FFFD}", None));
        assert_eq!(read::<Page>(""), Page::default());
    }
}
