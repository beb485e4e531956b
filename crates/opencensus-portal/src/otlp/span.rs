//! Spans as requests and dependencies, with the items of their events.

use serde_json::{Map, Value, json};

use crate::otlp::attributes::Attributes;
use crate::otlp::context::{id, tag_operation, take_client_address, take_user, take_user_agent};
use crate::otlp::envelope::{Envelope, Mapped};
use crate::otlp::message::{Link, Span, Status};
use crate::otlp::record::Record;
use crate::otlp::records::ListNames;
use crate::otlp::sampling::take_rate;
use crate::otlp::{dependency, request, span_event, time};

/// The most UTF-16 units of the property that lists the links.
const MAX_LINKS: usize = 8192;

impl Record for Span {
    const LISTS: ListNames = ["resourceSpans", "scopeSpans", "spans"];
    const REJECTED: &'static str = "rejectedSpans";
    const MAX_BYTES: usize = 1024 * 1024;

    fn count(&self) -> usize {
        1
    }

    fn fault(&self) -> Option<&'static str> {
        let has_ids = id::<16>(&self.trace_id).is_some() && id::<8>(&self.span_id).is_some();
        (!has_ids).then_some("the span has no valid trace id or span id")
    }

    fn map(mut self, mut envelope: Envelope, _scope: &str) -> impl Iterator<Item = Mapped> {
        let mut attributes = Attributes::new(std::mem::take(&mut self.attributes));
        let events = std::mem::take(&mut self.events);
        // A span without a beginning has its end.
        envelope.at(&[self.start_time_unix_nano, self.end_time_unix_nano]);
        envelope.sample_rate = take_rate(&mut attributes, &self.trace_state);
        let mut below = envelope.clone();
        tag_operation(&mut envelope, &self.trace_id, &self.parent_span_id);
        tag_operation(&mut below, &self.trace_id, &self.span_id);
        take_user(&mut envelope, &mut attributes);
        let item = item(&self, envelope, attributes);
        for tag in ["ai.session.id", "ai.operation.name"] {
            below.tag(tag, item["tags"][tag].as_str().map(str::to_owned));
        }
        let below = events.into_iter().map(move |event| span_event::map(event, below.clone()));
        let below = below.map(|envelope| Mapped { envelope, is_record: false });
        std::iter::once(Mapped { envelope: item, is_record: true }).chain(below)
    }
}

fn item(span: &Span, mut envelope: Envelope, mut attributes: Attributes) -> Value {
    let is_request = matches!(span.kind, Span::SERVER | Span::CONSUMER);
    let mut fields = if is_request {
        take_client_address(&mut envelope, &mut attributes, true);
        take_user_agent(&mut envelope, &mut attributes);
        request::fields(span, &mut attributes)
    } else {
        dependency::fields(span, &mut attributes)
    };
    if is_request {
        envelope.tag("ai.operation.name", fields["name"].as_str().map(str::to_owned));
    }
    fields["id"] = id::<8>(&span.span_id).into();
    let nanos = if span.start_time_unix_nano == 0 { 0 } else { span.end_time_unix_nano };
    fields["duration"] = time::duration(nanos.saturating_sub(span.start_time_unix_nano)).into();
    fields["properties"] = properties(span).into();
    envelope.with(if is_request { "RequestData" } else { "RemoteDependencyData" }, fields, attributes)
}

/// The properties that come from the span's own fields.
fn properties(span: &Span) -> Map<String, Value> {
    let mut properties = Map::new();
    if !span.links.is_empty() {
        properties.insert("_MS.links".to_owned(), links(&span.links).into());
    }
    if let Some(Status { message, .. }) = span.status.as_ref().filter(|status| !status.message.is_empty()) {
        properties.insert("otel.status_description".to_owned(), message.as_str().into());
    }
    properties
}

/// As many links as fit into a property, as JSON.
fn links(links: &[Link]) -> String {
    let ids = links.iter().filter_map(|link| Some((id::<16>(&link.trace_id)?, id::<8>(&link.span_id)?)));
    let links = ids.map(|(trace, span)| json!({"operation_Id": trace, "id": span}).to_string());
    let mut text = String::from("[");
    for link in links {
        if text.len() + link.len() + 2 > MAX_LINKS {
            break;
        }
        let comma = if text.len() > 1 { "," } else { "" };
        text.extend([comma, &link]);
    }
    text + "]"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use crate::otlp::message::Event;

    const START: u64 = 1_709_618_828_000_000_000;

    fn span(kind: i32, attributes: Value) -> Span {
        Span {
            trace_id: vec![0xAB; 16],
            span_id: vec![0xCD; 8],
            parent_span_id: vec![0xEF; 8],
            name: "GET".to_owned(),
            kind,
            start_time_unix_nano: START,
            end_time_unix_nano: START + 1_500_000,
            attributes: list(attributes),
            ..Span::default()
        }
    }

    fn map(span: Span) -> Vec<Value> {
        span.map(Envelope::default(), "scope").map(|mapped| mapped.envelope).collect()
    }

    #[test]
    fn kind_of_the_span_decides_between_request_and_dependency() {
        for (kind, base_type) in [
            (Span::SERVER, "RequestData"),
            (Span::CONSUMER, "RequestData"),
            (Span::CLIENT, "RemoteDependencyData"),
            (Span::PRODUCER, "RemoteDependencyData"),
            (Span::INTERNAL, "RemoteDependencyData"),
            (0, "RemoteDependencyData"),
            (99, "RemoteDependencyData"),
        ] {
            assert_eq!(map(span(kind, json!({})))[0]["data"]["baseType"], base_type, "{kind}");
        }
    }

    #[test]
    fn request_has_its_place_in_the_trace_and_its_client() {
        let attributes = json!({
            "http.request.method": "GET", "http.route": "/users/{id}", "client.address": "10.0.0.1",
            "user_agent.original": "curl", "enduser.id": "anna", "tenant": "blue", "_MS.sampleRate": 25
        });
        let item = &map(span(Span::SERVER, attributes))[0];
        let expected = json!({
            "ai.operation.id": "ab".repeat(16), "ai.operation.parentId": "ef".repeat(8), "ai.location.ip": "10.0.0.1",
            "ai.operation.name": "GET /users/{id}", "ai.user.authUserId": "anna", "ai.user.userAgent": "curl"
        });
        assert_eq!(item["tags"], expected);
        assert_eq!((&item["time"], &item["sampleRate"]), (&json!("2024-03-05T06:07:08.0000000Z"), &json!(25.0)));
        let base = &item["data"]["baseData"];
        assert_eq!((&base["id"], &base["duration"]), (&json!("cd".repeat(8)), &json!("0.00:00:00.0015000")));
        assert_eq!(base["properties"], json!({"tenant": "blue"}));
    }

    #[test]
    fn events_hang_on_their_span_and_share_its_rate_operation_and_session() {
        let mut span = span(Span::SERVER, json!({"session.id": "s", "microsoft.sample_rate": 50}));
        let event = |name: &str, time_unix_nano, attributes| Event {
            name: name.to_owned(),
            time_unix_nano,
            attributes: list(attributes),
        };
        span.events = vec![
            event("exception", START + 1_000_000_000, json!({"exception.type": "E", "exception.message": "m"})),
            event("cache miss", 0, json!({"key": "k"})),
            event("", START, json!({})),
        ];
        let items = map(span);
        let expected = json!({
            "ai.operation.id": "ab".repeat(16), "ai.operation.parentId": "cd".repeat(8), "ai.operation.name": "GET",
            "ai.session.id": "s"
        });
        for item in &items[1..] {
            assert_eq!((&item["tags"], &item["sampleRate"]), (&expected, &json!(50.0)));
        }
        let base = |at: usize| &items[at]["data"]["baseData"];
        assert_eq!(items[1]["data"]["baseType"], "ExceptionData");
        assert_eq!(
            (&base(1)["exceptions"][0]["typeName"], &items[1]["time"]),
            (&json!("E"), &json!("2024-03-05T06:07:09.0000000Z"))
        );
        assert_eq!(base(2), &json!({"ver": 2, "message": "cache miss", "properties": {"key": "k"}}));
        assert_eq!((&items[2]["time"], &base(3)["message"]), (&items[0]["time"], &json!("unnamed")));
    }

    #[test]
    fn links_and_description_of_the_status_are_properties() {
        let mut span = span(Span::CONSUMER, json!({}));
        span.status = Some(Status { code: Status::ERROR, message: "out of stock".to_owned() });
        let link = |byte| Link { trace_id: vec![byte; 16], span_id: vec![byte; 8] };
        span.links = vec![link(1), link(0), link(2)];
        let properties = &map(span.clone())[0]["data"]["baseData"]["properties"];
        assert_eq!(properties["otel.status_description"], "out of stock");
        let links: Value = serde_json::from_str(properties["_MS.links"].as_str().unwrap()).unwrap();
        let expected = |digits: &str| json!({"operation_Id": digits.repeat(16), "id": digits.repeat(8)});
        assert_eq!(links, json!([expected("01"), expected("02")]));
        span.links = vec![link(1); 200];
        let properties = &map(span)[0]["data"]["baseData"]["properties"];
        let text = properties["_MS.links"].as_str().unwrap();
        assert!(text.len() <= MAX_LINKS && serde_json::from_str::<Vec<Value>>(text).unwrap().len() > 90);
    }

    #[test]
    fn spans_without_beginning_or_that_end_before_it_have_no_duration() {
        let mut without = span(Span::SERVER, json!({}));
        without.start_time_unix_nano = 0;
        let mut reversed = span(Span::SERVER, json!({}));
        reversed.end_time_unix_nano = 1;
        for span in [without, reversed] {
            let item = &map(span)[0];
            assert_eq!(item["data"]["baseData"]["duration"], "0.00:00:00.0000000");
            assert!(item["time"].as_str().unwrap().starts_with("2024-03-05T06:07:08"));
        }
    }
}
