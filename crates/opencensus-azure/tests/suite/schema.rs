//! The length limits of the schema.

use serde_json::Value;

const TAGS: [(&str, usize); 8] = [
    ("ai.operation.name", 1024),
    ("ai.operation.id", 128),
    ("ai.location.ip", 46),
    ("ai.user.id", 128),
    ("ai.user.authUserId", 1024),
    ("ai.session.id", 64),
    ("ai.cloud.role", 256),
    ("ai.cloud.roleInstance", 256),
];

/// The most UTF-16 units of a tag.
pub(crate) fn tag_limit(tag: &str) -> Option<usize> {
    TAGS.iter().find(|(other, _)| *other == tag).map(|(_, limit)| *limit)
}

/// The fields of an envelope that exceed the schema's limits, in UTF-16 units.
pub(crate) fn violations(envelope: &Value) -> Vec<String> {
    const FIELDS: [(&str, usize); 9] = [
        ("name", 1024),
        ("url", 2048),
        ("responseCode", 1024),
        ("resultCode", 1024),
        ("source", 1024),
        ("type", 1024),
        ("target", 1024),
        ("data", 8192),
        ("message", 32_768),
    ];
    let units = |text: &str| text.encode_utf16().count();
    let mut found = Vec::new();
    let mut check = |name: &str, value: Option<&Value>, limit: usize| {
        if value.and_then(Value::as_str).is_some_and(|text| units(text) > limit) {
            found.push(format!("{name} is longer than {limit}"));
        }
    };
    let data = &envelope["data"]["baseData"];
    TAGS.iter().for_each(|(tag, limit)| check(tag, envelope["tags"].get(tag), *limit));
    FIELDS.iter().for_each(|(field, limit)| check(field, data.get(field), *limit));
    for exception in data["exceptions"].as_array().into_iter().flatten() {
        check("typeName", exception.get("typeName"), 1024);
        check("exception message", exception.get("message"), 32_768);
        check("stack", exception.get("stack"), 32_768);
    }
    for (key, value) in data["properties"].as_object().into_iter().flatten() {
        check("property", Some(value), if key.starts_with("gen_ai.") { 262_144 } else { 8192 });
        check("key of a property", Some(&Value::String(key.clone())), 150);
    }
    found
}
