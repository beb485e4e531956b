//! Links between spans of different transactions, which exporters write into the property `_MS.links`.

use serde::Deserialize;

/// The name of the property.
pub(super) const PROPERTY: &str = "_MS.links";
/// The most links of a span.
const MAX_LINKS: usize = 50;

/// A span of another transaction.
#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Link {
    #[serde(rename = "operation_Id")]
    pub(super) operation_id: String,
    #[serde(default)]
    pub(super) id: String,
}

/// Parses the property. What is no list of links has none.
pub(super) fn links(property: &str) -> Vec<Link> {
    let values: Vec<serde_json::Value> = serde_json::from_str(property).unwrap_or_default();
    let links = values.into_iter().filter_map(|value| serde_json::from_value::<Link>(value).ok());
    links.filter(|link| !link.operation_id.is_empty()).take(MAX_LINKS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_parsed_and_what_is_no_link_is_ignored() {
        let property = r#"[{"operation_Id":"t","id":"s"},{"operation_Id":"u"},{"operation_Id":""},{"id":"x"},7]"#;
        let found: Vec<_> = links(property).into_iter().map(|link| (link.operation_id, link.id)).collect();
        assert_eq!(found, [("t".to_owned(), "s".to_owned()), ("u".to_owned(), String::new())]);
        assert_eq!((links("{}"), links("["), links("")), (vec![], vec![], vec![]));
    }
}
