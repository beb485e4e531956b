//! The place that a message is sent to or received from.

use crate::otlp::attributes::Attributes;

/// `peer/destination` of a message.
pub(super) fn take_place(attributes: &mut Attributes) -> Option<String> {
    let destination =
        attributes.take(&["messaging.destination.name", "messaging.destination", "message_bus.destination"])?;
    let peer =
        attributes.take(&["server.address", "net.peer.name", "peer.address", "net.peer.ip", "network.peer.address"]);
    Some(peer.map_or_else(|| destination.clone(), |peer| format!("{peer}/{destination}")))
}
