//! The service that a span calls.

use crate::otlp::attributes::Attributes;
use crate::otlp::url::with_port;

/// The name of the service, if the span records it.
pub(super) fn take_service(attributes: &mut Attributes) -> Option<String> {
    attributes.take(&["peer.service", "service.peer.name"])
}

/// Host and port of the peer. The ports in `default_ports` are left out.
pub(super) fn take_peer(attributes: &mut Attributes, default_ports: &[&str]) -> Option<String> {
    let address = attributes.take(&[
        "server.address",
        "net.peer.name",
        "http.host",
        "net.peer.ip",
        "net.sock.peer.addr",
        "network.peer.address",
    ])?;
    let port = attributes.take(&["server.port", "net.peer.port", "net.sock.peer.port", "network.peer.port"]);
    Some(with_port(&address, port.filter(|port| !default_ports.contains(&port.as_str()))))
}
