//! The paths that clients send telemetry to.

const TRACK: [&str; 2] = ["/v2/track", "/v2.1/track"];
const OPENTELEMETRY: [&str; 3] = ["/v1/traces", "/v1/logs", "/v1/metrics"];

/// What a client sends to a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Endpoint<'a> {
    /// Telemetry of Application Insights.
    Track,
    /// Telemetry of OpenTelemetry.
    OpenTelemetry,
    /// Nothing: the client looks up the app id of this key.
    Profile(&'a str),
}

impl<'a> Endpoint<'a> {
    /// The endpoint of a path. Clients join the path to an endpoint that may end with a slash and may have a path, so the
    /// paths have any prefix, and any number of slashes around them. The paths of the API have priority.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        if path.starts_with("/api/v1/") {
            return None;
        }
        let path = path.trim_end_matches('/');
        if TRACK.iter().any(|track| path.ends_with(track)) {
            return Some(Self::Track);
        }
        if OPENTELEMETRY.iter().any(|signal| path.ends_with(signal)) {
            return Some(Self::OpenTelemetry);
        }
        let (before, key) = path.strip_suffix("/appId")?.rsplit_once('/')?;
        (before.ends_with("/api/profiles") && !key.is_empty()).then_some(Self::Profile(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_clients_are_recognized_below_any_prefix() {
        for path in
            ["/v2/track", "/v2.1/track", "//v2.1/track", "/telemetry/v2/track", "/a/b//v2.1/track", "///v2/track//"]
        {
            assert_eq!(Endpoint::of(path), Some(Endpoint::Track), "{path}");
        }
        for path in ["/v1/traces", "//v1/logs", "/v1/metrics/", "/x/v1/traces"] {
            assert_eq!(Endpoint::of(path), Some(Endpoint::OpenTelemetry), "{path}");
        }
        for path in ["/api/profiles/some-key/appId", "//api/profiles/some-key/appId", "/x/api/profiles/some-key/appId/"]
        {
            assert_eq!(Endpoint::of(path), Some(Endpoint::Profile("some-key")), "{path}");
        }
    }

    #[test]
    fn other_paths_are_no_endpoints() {
        for path in [
            "",
            "/",
            "*",
            "v2/track",
            "/v2/tracks",
            "/v2//track",
            "/xv2/track",
            "/V2/track",
            "/v2%2Ftrack",
            "/api/v1/v2/track",
            "/api/v1/items/v2/track",
            "/api/v1/traces",
            "/v1/profiles",
            "/api/profiles//appId",
            "/api/profiles/appId",
            "/profiles/key/appId",
        ] {
            assert_eq!(Endpoint::of(path), None, "{path}");
        }
    }
}
