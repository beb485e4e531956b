//! The connection string: where telemetry goes, and in whose name.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Connection string of an Application Insights resource.
///
/// `key=value` parts with `;` between them. Names are compared without letter case; the last of
/// two equal names wins; empty parts, blanks around values and `=` inside values are allowed.
/// Blanks around a *name* are an error: Microsoft's own exporters take it for another name, and send
/// elsewhere.
///
/// | name | meaning | default |
/// | --- | --- | --- |
/// | `InstrumentationKey` | names the resource; a GUID; required | |
/// | `IngestionEndpoint` | where telemetry is sent, `http` or `https` as given | `https://dc.services.visualstudio.com` |
/// | `LiveEndpoint` | live metrics | `https://rt.services.visualstudio.com` |
/// | `EndpointSuffix` | instead: `https://dc.SUFFIX`, `https://live.SUFFIX` | |
/// | `Location` | in front of that: `https://LOCATION.dc.SUFFIX` | |
/// | `Authorization` | only `ikey` | `ikey` |
/// | `AADAudience` | audience of Entra tokens | |
/// | `ApplicationId` | id of the application | |
/// | `UseDevelopmentTelemetry` | `true`: the local portal, wherever no other part says otherwise | `false` |
///
/// Other names are ignored. The key is shown by nothing but
/// [`InstrumentationKey::expose`].
///
/// # Examples
///
/// ```
/// use opencensus_azure::ConnectionString;
///
/// let text = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:8787/";
/// let connection: ConnectionString = text.parse()?;
/// assert_eq!(connection.track_url()?.as_str(), "http://127.0.0.1:8787/v2.1/track");
/// assert!(!format!("{connection:?}").contains("00000001"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct ConnectionString {
    instrumentation_key: InstrumentationKey,
    ingestion_endpoint: String,
    live_endpoint: String,
    aad_audience: Option<String>,
    application_id: Option<String>,
}

/// The key that names an Application Insights resource. `Debug` does not show it.
#[derive(Clone, Eq, PartialEq)]
pub struct InstrumentationKey(Box<str>);

/// Why a connection string was rejected. No message repeats a part of it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseConnectionStringError {
    /// There is neither a connection string nor an instrumentation key.
    #[error("no connection string is given: set `APPLICATIONINSIGHTS_CONNECTION_STRING`")]
    Missing,
    /// The text is empty.
    #[error("the connection string is empty")]
    Empty,
    /// The part at this place, counted from 1, has no `=`.
    #[error("part {0} of the connection string is not `name=value`")]
    NotAPair(usize),
    /// The name of the part at this place, counted from 1, has blanks around it, which would make it
    /// another name.
    #[error("the name in part {0} of the connection string has blanks around it")]
    BlankInName(usize),
    /// `InstrumentationKey` is absent or empty.
    #[error("`InstrumentationKey` is missing in the connection string")]
    MissingInstrumentationKey,
    /// `InstrumentationKey` is not a GUID.
    #[error("`InstrumentationKey` is not a GUID such as 00000000-0000-0000-0000-000000000000")]
    InvalidInstrumentationKey,
    /// `Authorization` is something else than `ikey`.
    #[error("`Authorization` in a connection string can only be `ikey`")]
    UnsupportedAuthorization,
}

/// An endpoint that no telemetry can be sent to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{part}` of the connection string {reason}")]
pub struct InvalidEndpoint {
    part: &'static str,
    reason: InvalidEndpointReason,
}

/// What is wrong with an endpoint.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpointReason {
    /// It is not an absolute URL.
    #[error("is not an absolute URL: {0}")]
    NotAUrl(url::ParseError),
    /// Its scheme is not `http` or `https`.
    #[error("begins with neither `https://` nor `http://`")]
    ForeignScheme,
    /// It carries a user name or password.
    #[error("must not carry a user name or password")]
    Credentials,
    /// It carries a query or a fragment.
    #[error("must not carry `?` or `#`")]
    Query,
}

const DEFAULT_INGESTION: &str = "https://dc.services.visualstudio.com";
const DEFAULT_LIVE: &str = "https://rt.services.visualstudio.com";
const TRACK_PATH: &str = "/v2.1/track";

/// Where the local portal listens by default, and a key that it takes as well as any.
const LOCAL: &str = "http://127.0.0.1:8787";
const LOCAL_KEY: &str = "00000000-0000-0000-0000-000000000000";

const CONNECTION_STRING: &str = "APPLICATIONINSIGHTS_CONNECTION_STRING";
const INSTRUMENTATION_KEY: &str = "APPINSIGHTS_INSTRUMENTATIONKEY";

impl ConnectionString {
    /// Takes the first that is given, as a whole: the text from code, the environment's
    /// `APPLICATIONINSIGHTS_CONNECTION_STRING`, the older `APPINSIGHTS_INSTRUMENTATIONKEY`.
    /// `environment` looks a variable up.
    ///
    /// # Errors
    ///
    /// Nothing is given, or the first that is given is malformed.
    pub fn from_sources(
        code: Option<&str>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ParseConnectionStringError> {
        if let Some(text) = code {
            return text.parse();
        }
        if let Some(text) = environment(CONNECTION_STRING) {
            return text.parse();
        }
        let key = environment(INSTRUMENTATION_KEY).ok_or(ParseConnectionStringError::Missing)?;
        format!("InstrumentationKey={key}").parse()
    }

    /// The key that names the resource.
    #[must_use]
    pub fn instrumentation_key(&self) -> &InstrumentationKey {
        &self.instrumentation_key
    }

    /// Where telemetry is sent, as given or derived, without `/` at the end.
    #[must_use]
    pub fn ingestion_endpoint(&self) -> &str {
        &self.ingestion_endpoint
    }

    /// Where live metrics are, as given or derived, without `/` at the end.
    #[must_use]
    pub fn live_endpoint(&self) -> &str {
        &self.live_endpoint
    }

    /// The audience of Entra tokens.
    #[must_use]
    pub fn aad_audience(&self) -> Option<&str> {
        self.aad_audience.as_deref()
    }

    /// The application's id.
    #[must_use]
    pub fn application_id(&self) -> Option<&str> {
        self.application_id.as_deref()
    }

    /// The whole text, **with the key**: for a file or an environment that only its reader sees.
    /// Endpoints are written out.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut text = format!(
            "InstrumentationKey={};IngestionEndpoint={};LiveEndpoint={}",
            self.instrumentation_key.expose(),
            self.ingestion_endpoint,
            self.live_endpoint
        );
        for (name, value) in [("AADAudience", &self.aad_audience), ("ApplicationId", &self.application_id)] {
            if let Some(value) = value {
                text.extend([";", name, "=", value]);
            }
        }
        text
    }

    /// The URL that telemetry is posted to: the ingestion endpoint, a path prefix kept, and
    /// `/v2.1/track`.
    ///
    /// # Errors
    ///
    /// The endpoint is not an absolute `http` or `https` URL.
    pub fn track_url(&self) -> Result<Url, InvalidEndpoint> {
        let invalid = |reason| InvalidEndpoint { part: "IngestionEndpoint", reason };
        let not_a_url = |error| invalid(InvalidEndpointReason::NotAUrl(error));
        let endpoint = Url::parse(&self.ingestion_endpoint).map_err(not_a_url)?;
        if !matches!(endpoint.scheme(), "http" | "https") {
            return Err(invalid(InvalidEndpointReason::ForeignScheme));
        }
        if !endpoint.username().is_empty() || endpoint.password().is_some() {
            return Err(invalid(InvalidEndpointReason::Credentials));
        }
        if endpoint.query().is_some() || endpoint.fragment().is_some() {
            return Err(invalid(InvalidEndpointReason::Query));
        }
        Url::parse(&format!("{}{TRACK_PATH}", self.ingestion_endpoint)).map_err(not_a_url)
    }
}

impl FromStr for ConnectionString {
    type Err = ParseConnectionStringError;

    fn from_str(text: &str) -> Result<Self, ParseConnectionStringError> {
        if text.trim().is_empty() {
            return Err(ParseConnectionStringError::Empty);
        }
        let parts = Parts::split(text)?;
        let is_local = parts.get("UseDevelopmentTelemetry").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let local_key = is_local.then_some(LOCAL_KEY);
        let key = parts.get("InstrumentationKey").or(local_key);
        let key = key.ok_or(ParseConnectionStringError::MissingInstrumentationKey)?;
        let (ingestion, live) = if is_local { (LOCAL, LOCAL) } else { (DEFAULT_INGESTION, DEFAULT_LIVE) };
        if parts.get("Authorization").is_some_and(|kind| !kind.eq_ignore_ascii_case("ikey")) {
            return Err(ParseConnectionStringError::UnsupportedAuthorization);
        }
        Ok(Self {
            instrumentation_key: key.parse()?,
            ingestion_endpoint: parts.endpoint("IngestionEndpoint", "dc", ingestion),
            live_endpoint: parts.endpoint("LiveEndpoint", "live", live),
            aad_audience: parts.get("AADAudience").map(str::to_owned),
            application_id: parts.get("ApplicationId").map(str::to_owned),
        })
    }
}

/// Names and values in their order.
struct Parts<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, ParseConnectionStringError> {
        let mut parts = Vec::new();
        for (at, part) in text.split(';').enumerate().filter(|(_, part)| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').ok_or(ParseConnectionStringError::NotAPair(at + 1))?;
            if name.trim() != name {
                return Err(ParseConnectionStringError::BlankInName(at + 1));
            }
            parts.push((name, value.trim()));
        }
        Ok(Self(parts))
    }

    /// The last value of that name; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().rev().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(*value).filter(|value| !value.is_empty())
    }

    fn endpoint(&self, name: &str, service: &str, default: &str) -> String {
        let suffix = || {
            let location = self.get("Location").map(|location| format!("{location}.")).unwrap_or_default();
            self.get("EndpointSuffix").map(|suffix| format!("https://{location}{service}.{suffix}"))
        };
        let endpoint = self.get(name).map(str::to_owned).or_else(suffix).unwrap_or_else(|| default.to_owned());
        endpoint.trim_end_matches('/').to_owned()
    }
}

impl InstrumentationKey {
    /// The key itself, in the letter case in which it was given.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for InstrumentationKey {
    type Err = ParseConnectionStringError;

    fn from_str(text: &str) -> Result<Self, ParseConnectionStringError> {
        let is_guid = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if is_guid { Ok(Self(text.into())) } else { Err(ParseConnectionStringError::InvalidInstrumentationKey) }
    }
}

impl fmt::Debug for ConnectionString {
    // Hosts only: what else stands in an endpoint may be a secret by mistake.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |endpoint: &str| {
            let url = Url::parse(endpoint).ok();
            url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "…".to_owned())
        };
        f.debug_struct("ConnectionString")
            .field("ingestion_host", &host(&self.ingestion_endpoint))
            .field("live_host", &host(&self.live_endpoint))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for InstrumentationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstrumentationKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "1234abcd-5678-4efa-8abc-1234567890ab";

    fn parse(rest: &str) -> Result<ConnectionString, ParseConnectionStringError> {
        format!("InstrumentationKey={KEY};{rest}").parse()
    }

    #[test]
    fn exposed_text_says_the_same() {
        for text in [
            "InstrumentationKey=00000000-0000-0000-0000-000000000001",
            "InstrumentationKey=00000000-0000-0000-0000-000000000001;EndpointSuffix=ai.example;Location=west;\
             AADAudience=https://a.example/b=c;ApplicationId=x",
        ] {
            let connection: ConnectionString = text.parse().unwrap();
            assert_eq!(connection.expose().parse(), Ok(connection));
        }
    }

    #[test]
    fn key_is_shown_by_nothing() {
        let connection = parse("IngestionEndpoint=ftp://x").unwrap();
        let errors = [
            parse("oops").unwrap_err().to_string(),
            parse("Authorization=aad").unwrap_err().to_string(),
            format!("{KEY}0").parse::<InstrumentationKey>().unwrap_err().to_string(),
            connection.track_url().unwrap_err().to_string(),
            format!("{connection:?} {:?}", connection.instrumentation_key()),
        ];
        for text in errors {
            assert!(!text.contains("1234"), "{text}");
        }
    }

    #[test]
    fn broken_part_is_named_by_its_place() {
        assert_eq!(parse("oops"), Err(ParseConnectionStringError::NotAPair(2)));
        assert_eq!(parse(" IngestionEndpoint=http://x"), Err(ParseConnectionStringError::BlankInName(2)));
    }

    #[test]
    fn local_http_endpoint_stays_http() {
        let connection = parse("IngestionEndpoint=http://127.0.0.1:8787//").unwrap();
        assert_eq!(connection.track_url().unwrap().as_str(), "http://127.0.0.1:8787/v2.1/track");
    }

    #[test]
    fn development_means_the_local_portal_unless_another_part_says_otherwise() {
        let track = |text: &str| ConnectionString::from_str(text).unwrap().track_url().unwrap().to_string();
        assert_eq!(track("UseDevelopmentTelemetry=true"), "http://127.0.0.1:8787/v2.1/track");
        assert_eq!(
            track("usedevelopmenttelemetry=TRUE;IngestionEndpoint=http://[::1]:1/"),
            "http://[::1]:1/v2.1/track"
        );
        let key = "InstrumentationKey=00000000-0000-0000-0000-000000000001";
        assert_eq!(track(&format!("{key};UseDevelopmentTelemetry=true")), "http://127.0.0.1:8787/v2.1/track");
        assert!(track(&format!("{key};UseDevelopmentTelemetry=false")).starts_with("https://dc."));
        let none = ConnectionString::from_str("UseDevelopmentTelemetry=false");
        assert_eq!(none, Err(ParseConnectionStringError::MissingInstrumentationKey));
    }

    #[test]
    fn path_prefix_of_a_gateway_is_kept() {
        let connection = parse("IngestionEndpoint=https://proxy.local/app/insights/").unwrap();
        assert_eq!(connection.track_url().unwrap().as_str(), "https://proxy.local/app/insights/v2.1/track");
    }

    #[test]
    fn endpoints_that_cannot_work_are_typed_errors() {
        for endpoint in ["not a url", "ftp://x", "https://u:p@x", "https://x/?a", "https://x/#a", "https://"] {
            let connection = parse(&format!("IngestionEndpoint={endpoint}")).unwrap();
            assert!(connection.track_url().is_err(), "{endpoint}");
        }
    }

    #[test]
    fn values_may_hold_equals_signs_and_blanks_around_them() {
        let connection = parse("AADAudience=a; ;aadaudience= x ;AADAudience= b=c ;;").unwrap();
        assert_eq!(connection.aad_audience(), Some("b=c"));
    }
}
