//! The place that a message is sent to or received from.

use crate::mapping::attributes::Attributes;

/// `peer/destination` of a message, for a field that holds it.
pub(super) fn take_message_target(attributes: &Attributes<'_>) -> Option<String> {
    let peer =
        attributes.take(&["peer.address", "server.address", "net.peer.name", "net.peer.ip", "network.peer.address"]);
    // `message_bus.destination` stays a property, as in Microsoft's exporters.
    let destination = attributes
        .text(&["message_bus.destination"])
        .or_else(|| attributes.take(&["messaging.destination.name", "messaging.destination"]));
    match (peer, destination) {
        (Some(peer), Some(destination)) => Some(format!("{peer}/{destination}")),
        (one, other) => one.or(other).map(std::borrow::Cow::into_owned),
    }
}
