//! How to send the first item, for pages without items.

use maud::{Markup, html};

/// One way to send telemetry to the portal.
struct Way {
    name: &'static str,
    /// Where the lines go.
    place: &'static str,
    lines: String,
}

/// The lines that make programs send their telemetry to the portal with this connection string.
fn ways(connection_string: &str) -> [Way; 5] {
    let endpoint = connection_string.rsplit_once("IngestionEndpoint=").map_or("", |(_, endpoint)| endpoint);
    let variable = format!("export APPLICATIONINSIGHTS_CONNECTION_STRING='{connection_string}'");
    let way = |name, place, lines| Way { name, place, lines };
    [
        way(
            "Rust",
            "with the crate `opencensus`: the variable, and one layer",
            format!(
                "{variable}\n\nlet telemetry = Telemetry::from_env()?;\n\
                let app = Router::new().route(\"/\", get(index)).layer(OpenCensusLayer::new(telemetry.clone()));"
            ),
        ),
        way(
            "Python",
            "with azure-monitor-opentelemetry",
            format!(
                "{variable}\n\nfrom azure.monitor.opentelemetry import configure_azure_monitor\nconfigure_azure_monitor()"
            ),
        ),
        way(
            "Node",
            "with applicationinsights 2; version 3 needs the portal's certificate, see Settings",
            format!("{variable}\n\nrequire('applicationinsights').setup().start();"),
        ),
        way(
            "Browser",
            "with @microsoft/applicationinsights-web, in a page of this machine",
            format!(
                "const insights = new ApplicationInsights({{ config: {{\n  connectionString: '{connection_string}'\n}} }});\n\
                insights.loadAppInsights();\ninsights.trackPageView();"
            ),
        ),
        way(
            "OpenTelemetry",
            "any SDK, by OTLP over HTTP",
            format!(
                "export OTEL_EXPORTER_OTLP_ENDPOINT='{endpoint}'\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
            ),
        ),
    ]
}

/// The ways to send telemetry, each with lines to copy. The first is open.
pub(super) fn lines_to_copy(connection_string: &str) -> Markup {
    html! {
        @for (at, way) in ways(connection_string).iter().enumerate() {
            details.way open[at == 0] {
                summary { (way.name) " " span.soft { (way.place) } }
                div.copyable { pre tabindex="0" data-copy { (way.lines) } }
            }
        }
    }
}

/// What an empty page shows. `what` names the items that it lists, as in "requests".
pub(super) fn hint(what: &str, connection_string: &str) -> Markup {
    html! {
        section.card.first {
            h2 { "No " (what) " yet" }
            p { "This page fills by itself as soon as telemetry arrives. To send some, start a program with these lines:" }
            (lines_to_copy(connection_string))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_names_the_endpoint() {
        let ways = ways("InstrumentationKey=k;IngestionEndpoint=http://127.0.0.1:1");
        assert!(ways.iter().all(|way| way.lines.contains("http://127.0.0.1:1")));
        assert!(ways[4].lines.contains("ENDPOINT='http://127.0.0.1:1'"));
    }
}
