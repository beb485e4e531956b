//! Texts that nearly every span has.

/// The names of attributes by OpenTelemetry's conventions, the current and the older ones, and their most frequent values.
const TEXTS: [&str; 117] = [
    "_MS.sampleRate",
    "busy_ns",
    "client.address",
    "client.port",
    "code.file.path",
    "code.filepath",
    "code.function.name",
    "code.line.number",
    "code.lineno",
    "code.module.name",
    "code.namespace",
    "db.collection.name",
    "db.name",
    "db.namespace",
    "db.operation",
    "db.operation.name",
    "db.query.summary",
    "db.query.text",
    "db.response.status_code",
    "db.statement",
    "db.system",
    "db.system.name",
    "db.user",
    "enduser.id",
    "enduser.pseudo.id",
    "error.type",
    "event.name",
    "exception.escaped",
    "exception.message",
    "exception.stacktrace",
    "exception.type",
    "gen_ai.operation.name",
    "gen_ai.request.model",
    "gen_ai.system",
    "http.client_ip",
    "http.flavor",
    "http.host",
    "http.method",
    "http.request.body.size",
    "http.request.method",
    "http.request.method_original",
    "http.request_content_length",
    "http.response.body.size",
    "http.response.status_code",
    "http.response_content_length",
    "http.route",
    "http.scheme",
    "http.server_name",
    "http.status_code",
    "http.target",
    "http.url",
    "http.user_agent",
    "idle_ns",
    "level",
    "messaging.destination.name",
    "messaging.message.id",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.system",
    "microsoft.sample_rate",
    "net.host.name",
    "net.host.port",
    "net.peer.ip",
    "net.peer.name",
    "net.peer.port",
    "net.sock.peer.addr",
    "network.local.address",
    "network.local.port",
    "network.peer.address",
    "network.peer.port",
    "network.protocol.name",
    "network.protocol.version",
    "network.transport",
    "otel.kind",
    "otel.name",
    "otel.status_code",
    "peer.service",
    "rpc.grpc.status_code",
    "rpc.method",
    "rpc.response.status_code",
    "rpc.service",
    "rpc.system",
    "rpc.system.name",
    "server.address",
    "server.port",
    "session.id",
    "target",
    "thread.id",
    "thread.name",
    "url.full",
    "url.path",
    "url.query",
    "url.scheme",
    "url.template",
    "user.id",
    "user_agent.original",
    "user_agent.synthetic.type",
    "1.0",
    "1.1",
    "2",
    "3",
    "DELETE",
    "GET",
    "HEAD",
    "INFO",
    "OPTIONS",
    "PATCH",
    "POST",
    "PUT",
    "grpc",
    "http",
    "https",
    "mysql",
    "postgresql",
    "redis",
    "sqlite",
    "tcp",
];

/// Four times the number of texts, so that few of them share a slot.
const SLOTS: usize = 512;

/// The number of the text in each slot, from 1 on; 0 for an empty slot.
static TABLE: [u8; SLOTS] = table();

/// The same text as a static one, which needs no memory. OpenTelemetry's texts may be static but do not show it, so a copy
/// would allocate.
pub(crate) fn known_text(text: &str) -> Option<&'static str> {
    let mut slot = slot(text.as_bytes());
    while let Some(at) = usize::from(TABLE[slot]).checked_sub(1) {
        if TEXTS[at] == text {
            return Some(TEXTS[at]);
        }
        slot = (slot + 1) % SLOTS;
    }
    None
}

/// A hash of the length and of a few bytes, which suffice to distinguish the known texts.
const fn slot(text: &[u8]) -> usize {
    let length = text.len();
    if length == 0 {
        return 0;
    }
    let bytes = [text[0], text[length / 3], text[length / 2], text[length - 1 - length / 5], text[length - 1]];
    let (mut hash, mut at) = (length as u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash >> 8) as usize % SLOTS
}

const fn table() -> [u8; SLOTS] {
    let mut table = [0; SLOTS];
    let mut at = 0;
    while at < TEXTS.len() {
        let mut slot = slot(TEXTS[at].as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        at += 1;
        table[slot] = at as u8;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_texts_are_found_soon_and_others_are_not() {
        for (at, text) in TEXTS.iter().enumerate() {
            let copy = text.to_string();
            assert_eq!(known_text(&copy), Some(*text));
            assert_eq!(TEXTS.iter().position(|other| other == text), Some(at), "{text} is there once");
            let found =
                (0..SLOTS).position(|step| usize::from(TABLE[(slot(text.as_bytes()) + step) % SLOTS]) == at + 1);
            assert!(found.is_some_and(|steps| steps < 6), "{text}: {found:?}");
            assert_eq!(known_text(&format!("{text}.")), None);
        }
        assert_eq!(known_text(""), None);
        assert_eq!(known_text("shop.chair"), None);
    }
}
