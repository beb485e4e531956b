//! Selects whether an attribute becomes a tag, a measurement or a property.

use crate::envelope::limits;

/// The tag that holds the attribute instead of a property, and the limit of the tag in UTF-16 units.
pub(crate) fn tag_of(key: &str) -> Option<(&'static str, usize)> {
    match key {
        "user.id" | "enduser.id" => Some(("ai.user.authUserId", limits::TAG_USER_AUTH_ID)),
        "enduser.pseudo.id" => Some(("ai.user.id", limits::TAG_USER_ID)),
        "session.id" => Some(("ai.session.id", limits::TAG_SESSION_ID)),
        _ => None,
    }
}

/// Whether the attribute is a number that becomes a measurement.
pub(crate) fn is_measurement(key: &str) -> bool {
    matches!(key, "http.request.body.size" | "http.response.body.size")
}

/// The limit of a property's value in UTF-16 units.
pub(crate) fn property_limit(key: &str) -> usize {
    const CONVERSATIONS: [&str; 7] = [
        "evaluation.explanation",
        "input.messages",
        "output.messages",
        "system_instructions",
        "tool.call.arguments",
        "tool.call.result",
        "tool.definitions",
    ];
    let is_conversation = key.strip_prefix("gen_ai.").is_some_and(|key| CONVERSATIONS.contains(&key));
    if is_conversation { limits::CONVERSATION } else { limits::PROPERTY_VALUE }
}
