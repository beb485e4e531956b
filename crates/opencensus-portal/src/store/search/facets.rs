//! Counts items by the values of their fields.

use std::collections::HashMap;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::search::Field;
use crate::store::search::properties::properties;

/// The values of a facet that are listed.
const MAX_VALUES: usize = 8;
/// The custom properties that are facets.
const MAX_PROPERTIES: usize = 8;
/// The values of a field that are counted. The values of an id would fill the memory.
const MAX_COUNTED: usize = 2000;
/// The bytes of a longer value, which is not offered.
const MAX_LENGTH: usize = 200;

/// A field with its most frequent values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facet {
    pub(crate) field: Field,
    /// The most frequent ones, the first of them the most frequent.
    pub(crate) values: Vec<FacetValue>,
    /// Whether there are further values.
    pub(crate) has_more: bool,
}

/// A value of a facet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FacetValue {
    /// As the language writes it.
    pub(crate) value: String,
    /// The number of items before sampling.
    pub(crate) weight: f64,
}

/// The columns of the facets, in the order of [`FIELDS`].
pub(super) const COLUMNS: &str =
    "coalesce(operation_name, CASE kind WHEN 'request' THEN name END), code, role, severity, type, target";
const FIELDS: [Field; 6] = [Field::Operation, Field::Code, Field::Role, Field::Severity, Field::Type, Field::Target];
const SEVERITIES: [&str; 5] = ["verbose", "information", "warning", "error", "critical"];

/// The values of one field while items are counted.
#[derive(Debug, Default)]
struct Values {
    weights: HashMap<String, f64>,
    items: u64,
    is_full: bool,
}

/// The facets while items are counted.
#[derive(Debug, Default)]
pub(super) struct FacetCounter {
    columns: [Values; 6],
    properties: HashMap<String, Values>,
}

impl FacetCounter {
    /// Counts an item. The first column of the facets is number `first` of the row.
    pub(super) fn add(&mut self, row: &Row<'_>, first: usize, weight: f64) -> rusqlite::Result<()> {
        for (at, values) in self.columns.iter_mut().enumerate() {
            match row.get_ref(first + at)? {
                ValueRef::Text(text) => values.add(std::str::from_utf8(text).unwrap_or_default(), weight),
                ValueRef::Integer(level) => {
                    let name = usize::try_from(level).ok().and_then(|level| SEVERITIES.get(level));
                    values.add(name.unwrap_or(&""), weight);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Counts the custom properties of an envelope.
    pub(super) fn add_properties(&mut self, raw: &str, weight: f64) {
        for (key, value) in properties(raw) {
            if let Some(values) = self.properties.get_mut(key.as_ref()) {
                values.add(&value, weight);
            } else if self.properties.len() < MAX_COUNTED && key.len() <= MAX_LENGTH {
                self.properties.entry(key.into_owned()).or_default().add(&value, weight);
            }
        }
    }

    /// The facets that have values: the columns, and the most frequent properties.
    pub(super) fn finish(self) -> Vec<Facet> {
        let mut properties: Vec<_> = self.properties.into_iter().collect();
        // Properties that have another value in most items, such as ids, come last.
        properties.sort_by_key(|(key, values)| (values.is_unique(), std::cmp::Reverse(values.items), key.clone()));
        let properties = properties.into_iter().take(MAX_PROPERTIES);
        let columns = FIELDS.into_iter().zip(self.columns);
        let all = columns.chain(properties.map(|(key, values)| (Field::Property(key), values)));
        all.map(|(field, values)| values.finish(field)).filter(|facet| !facet.values.is_empty()).collect()
    }
}

impl Values {
    fn add(&mut self, value: &str, weight: f64) {
        self.items += 1;
        if let Some(sum) = self.weights.get_mut(value) {
            *sum += weight;
        } else if value.len() > MAX_LENGTH || self.weights.len() >= MAX_COUNTED {
            self.is_full = true;
        } else if !value.is_empty() {
            self.weights.insert(value.to_owned(), weight);
        }
    }

    fn is_unique(&self) -> bool {
        self.items > 10 && (self.is_full || self.weights.len() as u64 * 2 > self.items)
    }

    fn finish(self, field: Field) -> Facet {
        // Terms ignore the case of ASCII letters, so values that differ in it alone are one.
        let mut merged: HashMap<String, FacetValue> = HashMap::new();
        for (value, weight) in self.weights {
            match merged.entry(value.to_ascii_lowercase()) {
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    let entry = entry.get_mut();
                    entry.weight += weight;
                    entry.value = value.min(std::mem::take(&mut entry.value));
                }
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(FacetValue { value, weight });
                }
            }
        }
        let mut values: Vec<_> = merged.into_values().collect();
        values.sort_by(|one, other| other.weight.total_cmp(&one.weight).then_with(|| one.value.cmp(&other.value)));
        let has_more = self.is_full || values.len() > MAX_VALUES;
        values.truncate(MAX_VALUES);
        Facet { field, values, has_more }
    }
}
