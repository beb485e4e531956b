//! The tags that place an item in its trace, and those of its user.

use crate::otlp::attributes::Attributes;
use crate::otlp::envelope::Envelope;

/// The hexadecimal digits of a trace id or a span id. `None` if it has another length or consists of zeros.
pub(super) fn id<const LENGTH: usize>(bytes: &[u8]) -> Option<String> {
    let bytes: &[u8; LENGTH] = bytes.try_into().ok()?;
    bytes.iter().any(|byte| *byte != 0).then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Adds the tags of trace and parent.
pub(super) fn tag_operation(envelope: &mut Envelope, trace_id: &[u8], parent_id: &[u8]) {
    envelope.tag("ai.operation.id", id::<16>(trace_id));
    envelope.tag("ai.operation.parentId", id::<8>(parent_id));
}

/// Takes the attributes of user, session and client.
pub(super) fn take_user(envelope: &mut Envelope, attributes: &mut Attributes) {
    envelope.tag("ai.user.authUserId", attributes.take(&["enduser.id", "user.id"]));
    envelope.tag("ai.user.id", attributes.take(&["enduser.pseudo.id"]));
    envelope.tag("ai.session.id", attributes.take_within(64, &["session.id"]));
    envelope.tag("ai.operation.syntheticSource", is_synthetic(attributes).then(|| "True".to_owned()));
}

/// Takes the attributes of the client's address. The peer of a request is the client or a proxy.
pub(super) fn take_client_address(envelope: &mut Envelope, attributes: &mut Attributes, has_peer: bool) {
    let known = attributes.take(&["microsoft.client.ip", "client.address", "http.client_ip"]);
    let peer = ["net.peer.ip", "net.sock.peer.addr", "network.peer.address"];
    let address = known.or_else(|| has_peer.then(|| attributes.take(&peer)).flatten());
    envelope.tag("ai.location.ip", address);
}

/// Takes the user agent of a request.
pub(super) fn take_user_agent(envelope: &mut Envelope, attributes: &mut Attributes) {
    envelope.tag("ai.user.userAgent", attributes.take(&["user_agent.original", "http.user_agent"]));
}

/// Whether a robot or an availability test sent the request.
fn is_synthetic(attributes: &Attributes) -> bool {
    let is_marked = attributes.text(&["user_agent.synthetic.type"]).is_some_and(|kind| kind == "bot" || kind == "test");
    let user_agent = attributes.text(&["user_agent.original", "http.user_agent"]);
    is_marked || user_agent.is_some_and(|user_agent| user_agent.contains("AlwaysOn"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use serde_json::{Value, json};

    fn tags(pairs: Value, has_peer: bool) -> (Value, Value) {
        let (mut envelope, mut attributes) = (Envelope::default(), Attributes::new(list(pairs)));
        take_user(&mut envelope, &mut attributes);
        take_client_address(&mut envelope, &mut attributes, has_peer);
        take_user_agent(&mut envelope, &mut attributes);
        (envelope.tags.into(), attributes.into_properties().into())
    }

    #[test]
    fn ids_are_hexadecimal_and_those_of_zeros_are_absent() {
        let mut envelope = Envelope::default();
        tag_operation(&mut envelope, &[0xAB; 16], &[0x01; 8]);
        let expected = json!({"ai.operation.id": "ab".repeat(16), "ai.operation.parentId": "01".repeat(8)});
        assert_eq!(Value::from(envelope.tags), expected);
        assert_eq!([id::<8>(&[0; 8]), id::<8>(&[1; 7]), id::<8>(&[])], [None, None, None]);
    }

    #[test]
    fn user_session_client_and_user_agent_are_tags() {
        let pairs = json!({
            "enduser.id": "anna", "enduser.pseudo.id": "7", "session.id": "s", "client.address": "10.0.0.1",
            "network.peer.address": "10.0.0.2", "user_agent.original": "curl/8"
        });
        let expected = json!({
            "ai.user.authUserId": "anna", "ai.user.id": "7", "ai.session.id": "s", "ai.location.ip": "10.0.0.1",
            "ai.user.userAgent": "curl/8"
        });
        assert_eq!(tags(pairs, true), (expected, json!({"network.peer.address": "10.0.0.2"})));
    }

    #[test]
    fn peer_of_a_request_is_the_client() {
        for (has_peer, expected) in [(true, json!("10.0.0.2")), (false, Value::Null)] {
            assert_eq!(tags(json!({"net.peer.ip": "10.0.0.2"}), has_peer).0["ai.location.ip"], expected);
        }
    }

    #[test]
    fn robots_and_tests_are_synthetic() {
        for (pairs, expected) in [
            (json!({"user_agent.synthetic.type": "bot"}), json!("True")),
            (json!({"user_agent.synthetic.type": "person"}), Value::Null),
            (json!({"http.user_agent": "Mozilla AlwaysOn"}), json!("True")),
            (json!({}), Value::Null),
        ] {
            assert_eq!(tags(pairs, true).0["ai.operation.syntheticSource"], expected);
        }
    }
}
