//! How clients that insist on TLS trust the portal.

use maud::{Markup, html};

use crate::app_state::AppState;

pub(super) fn certificate(state: &AppState) -> Markup {
    let file = state.tls.path().map(|path| path.display().to_string());
    let place = file.as_deref().unwrap_or("portal.pem");
    let https = state.connection_string.replacen("http://", "https://", 1);
    html! {
        p {
            "The same port serves TLS, for clients that send over TLS alone, such as applicationinsights 3 for Node. Download the "
            a href="/api/v1/certificate" download="portal.pem" { "certificate" }
            ", and start the client so that it trusts it:"
        }
        @if file.is_none() {
            p.soft { "This portal keeps its certificate in memory: the next start has another one." }
        }
        div.copyable {
            pre tabindex="0" data-copy {
                "export NODE_EXTRA_CA_CERTS='" (place) "'\n"
                "export REQUESTS_CA_BUNDLE='" (place) "' SSL_CERT_FILE='" (place) "'\n"
                "export APPLICATIONINSIGHTS_CONNECTION_STRING='" (https) "'"
            }
        }
    }
}
