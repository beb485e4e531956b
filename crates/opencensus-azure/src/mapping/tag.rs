//! Selects whether an attribute becomes a tag, a measurement or a property.

use opencensus_core::Value;

use crate::envelope::{Field, fields};

/// The tags of users and sessions on items of every kind, with the attributes that they hold.
pub(crate) const TAGS: [(Field, &[&str]); 3] = [
    (fields::USER_AUTH_ID, &["enduser.id", "user.id"]),
    (fields::USER_ID, &["enduser.pseudo.id"]),
    (fields::SESSION_ID, &["session.id"]),
];

/// The keys of a client's user agent.
pub(crate) const USER_AGENT: [&str; 2] = ["user_agent.original", "http.user_agent"];

/// The keys of a client's address on an item of any kind.
pub(crate) const CLIENT_ADDRESS: [&str; 3] = ["microsoft.client.ip", "client.address", "http.client_ip"];

/// The keys of a client's address on an incoming request, whose peer is the client or a proxy.
pub(crate) const CLIENT_OR_PEER_ADDRESS: [&str; 6] = [
    "microsoft.client.ip",
    "client.address",
    "http.client_ip",
    "net.peer.ip",
    "net.sock.peer.addr",
    "network.peer.address",
];

/// The number of a measurement. `None` if the attribute is none.
pub(crate) fn measurement(key: &str, value: &Value) -> Option<i64> {
    match value {
        Value::I64(number) if matches!(key, "http.request.body.size" | "http.response.body.size") => Some(*number),
        _ => None,
    }
}

/// The field that has the limit of a property's value.
pub(crate) fn property_field(key: &str) -> Field {
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
    if is_conversation { fields::CONVERSATION } else { fields::PROPERTY_VALUE }
}
