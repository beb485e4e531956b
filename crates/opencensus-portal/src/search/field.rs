//! The fields that a search compares.

/// A field of an item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Code,
    Duration,
    Id,
    Instance,
    Kind,
    Location,
    Name,
    Operation,
    /// Whether the item is a failure: a failed request, call or test, or an exception.
    Outcome,
    Parent,
    Problem,
    Role,
    Sdk,
    Severity,
    Success,
    Target,
    Trace,
    Type,
    Url,
    User,
    /// A custom property or measurement with this key.
    Property(String),
}

/// The keys of the language, the usual one of each field first.
const KEYS: [(&str, Field); 24] = [
    ("status", Field::Code),
    ("code", Field::Code),
    ("op", Field::Operation),
    ("operation", Field::Operation),
    ("name", Field::Name),
    ("dur", Field::Duration),
    ("duration", Field::Duration),
    ("kind", Field::Kind),
    ("role", Field::Role),
    ("instance", Field::Instance),
    ("severity", Field::Severity),
    ("level", Field::Severity),
    ("user", Field::User),
    ("trace", Field::Trace),
    ("id", Field::Id),
    ("parent", Field::Parent),
    ("target", Field::Target),
    ("type", Field::Type),
    ("sdk", Field::Sdk),
    ("success", Field::Success),
    ("is", Field::Outcome),
    ("url", Field::Url),
    ("problem", Field::Problem),
    ("location", Field::Location),
];

impl Field {
    /// The field of a key without quotation marks. A key that the language does not have is that of a property.
    pub(crate) fn of(key: &str) -> Self {
        let found = KEYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map_or_else(|| Self::Property(key.to_owned()), |(_, field)| field.clone())
    }

    /// The usual key of the field; for a property its own key.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Property(key) => key,
            field => KEYS.iter().find(|(_, other)| other == field).map_or("", |(key, _)| key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_any_letter_case_name_fields_and_others_properties() {
        assert_eq!((Field::of("Status"), Field::of("code").key()), (Field::Code, "status"));
        assert_eq!(Field::of("Tenant"), Field::Property("Tenant".into()));
    }
}
