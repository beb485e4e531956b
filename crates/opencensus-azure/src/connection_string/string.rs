//! The parsed connection string.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::connection_string::error::{InvalidEndpoint, InvalidEndpointReason, ParseConnectionStringError};
use crate::connection_string::parts::Parts;

/// Connection string of an Application Insights resource.
///
/// The text consists of `name=value` parts separated by `;`. Names are case-insensitive, and the last of
/// several equal names wins. Empty parts, spaces around values other than the key, a line end after the text
/// and `=` inside values are allowed. As for Microsoft's exporters, a name with a space or a line end around it is
/// another name, which is ignored, and the key is a GUID in lower case.
///
/// | name | meaning | default |
/// | --- | --- | --- |
/// | `InstrumentationKey` | identifies the resource; a GUID; required | |
/// | `IngestionEndpoint` | the endpoint that telemetry is sent to; its scheme, `http` or `https`, is kept | `https://dc.services.visualstudio.com` |
/// | `LiveEndpoint` | the endpoint of live metrics | `https://rt.services.visualstudio.com` |
/// | `EndpointSuffix` | used if an endpoint is absent: `https://dc.SUFFIX`, `https://live.SUFFIX` | |
/// | `Location` | a prefix for `EndpointSuffix`: `https://LOCATION.dc.SUFFIX` | |
/// | `Authorization` | must be `ikey` | `ikey` |
/// | `AADAudience` | the audience of Entra tokens | |
/// | `ApplicationId` | the id of the application | |
/// | `UseDevelopmentTelemetry` | `true` makes the local portal the default endpoint, with any key | `false` |
///
/// Other names are ignored, but one that resembles a name of the table is an error: telemetry would go to the default
/// endpoint. `Debug` and errors never show the key; [`expose`](Self::expose) and
/// [`InstrumentationKey::expose`] do.
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

/// The key that identifies an Application Insights resource. `Debug` does not show it.
///
/// # Examples
///
/// ```
/// use opencensus_azure::InstrumentationKey;
///
/// let key: InstrumentationKey = "00000000-0000-0000-0000-000000000001".parse()?;
/// assert_eq!(format!("{key:?}"), "InstrumentationKey(…)");
/// # Ok::<(), opencensus_azure::ParseConnectionStringError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct InstrumentationKey(Box<str>);

const DEFAULT_INGESTION: &str = "https://dc.services.visualstudio.com";
const DEFAULT_LIVE: &str = "https://rt.services.visualstudio.com";
const TRACK_PATH: &str = "/v2.1/track";

/// The default address of the local portal. It accepts any key.
const LOCAL: &str = "http://127.0.0.1:8787";
const LOCAL_KEY: &str = "00000000-0000-0000-0000-000000000000";

const CONNECTION_STRING: &str = "APPLICATIONINSIGHTS_CONNECTION_STRING";
const INSTRUMENTATION_KEY: &str = "APPINSIGHTS_INSTRUMENTATIONKEY";

impl ConnectionString {
    /// Parses the first source that is present: the text from code, the environment variable
    /// `APPLICATIONINSIGHTS_CONNECTION_STRING`, the older `APPINSIGHTS_INSTRUMENTATIONKEY`. Sources are
    /// never combined. `environment` looks up a variable.
    ///
    /// # Errors
    ///
    /// No source is present, or the first one that is present is malformed.
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

    /// The key that identifies the resource.
    #[must_use]
    pub fn instrumentation_key(&self) -> &InstrumentationKey {
        &self.instrumentation_key
    }

    /// The endpoint that telemetry is sent to, without a trailing `/`.
    #[must_use]
    pub fn ingestion_endpoint(&self) -> &str {
        &self.ingestion_endpoint
    }

    /// The endpoint of live metrics, without a trailing `/`.
    #[must_use]
    pub fn live_endpoint(&self) -> &str {
        &self.live_endpoint
    }

    /// The audience of Entra tokens.
    #[must_use]
    pub fn aad_audience(&self) -> Option<&str> {
        self.aad_audience.as_deref()
    }

    /// The id of the application.
    #[must_use]
    pub fn application_id(&self) -> Option<&str> {
        self.application_id.as_deref()
    }

    /// The whole connection string, **including the key**. The endpoints are written in full.
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

    /// The URL that telemetry is posted to: the ingestion endpoint with its path, followed by
    /// `/v2.1/track`.
    ///
    /// # Errors
    ///
    /// The endpoint is not an absolute `http` or `https` URL, or contains credentials, a query or a fragment.
    pub fn track_url(&self) -> Result<Url, InvalidEndpoint> {
        let invalid = |reason| InvalidEndpoint { part: "IngestionEndpoint", reason };
        let not_a_url = |error| invalid(InvalidEndpointReason::NotAUrl(error));
        let endpoint = Url::parse(&self.ingestion_endpoint).map_err(not_a_url)?;
        if !matches!(endpoint.scheme(), "http" | "https") {
            return Err(invalid(InvalidEndpointReason::UnsupportedScheme));
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
        // A file or a variable often ends with a line end.
        let text = text.trim_end_matches(['\r', '\n']);
        if is_quoted(text) {
            return Err(ParseConnectionStringError::Quoted);
        }
        let parts = Parts::split(text)?;
        let is_local = parts.get("UseDevelopmentTelemetry").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let local_key = is_local.then_some(LOCAL_KEY);
        let key = parts.key().or(local_key).ok_or_else(|| parts.missing_key())?;
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

/// Whether a text begins with a quote of any kind.
fn is_quoted(text: &str) -> bool {
    text.trim_start().starts_with(['"', '\'', '`', '“', '”', '‘', '’', '«', '„'])
}

impl InstrumentationKey {
    /// The key itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for InstrumentationKey {
    type Err = ParseConnectionStringError;

    fn from_str(text: &str) -> Result<Self, ParseConnectionStringError> {
        let trimmed = text.trim();
        let is_guid = trimmed.len() == 36
            && trimmed.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if is_quoted(text) {
            return Err(ParseConnectionStringError::Quoted);
        }
        if !is_guid {
            return Err(ParseConnectionStringError::InvalidInstrumentationKey);
        }
        if trimmed != text || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(ParseConnectionStringError::UnusualInstrumentationKey);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Debug for ConnectionString {
    // Shows hosts only: a path may contain a secret by mistake.
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
    fn exposed_text_parses_to_the_same_connection_string() {
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
    fn misspelled_name_is_an_error_that_suggests_the_known_one() {
        for (name, meant) in [
            ("IngestionEndpiont", "IngestionEndpoint"),
            ("ingestionendpoint1", "IngestionEndpoint"),
            ("Ingestion_Endpoint", "IngestionEndpoint"),
            ("InstrumentationsKey", "InstrumentationKey"),
            ("LiveEndpiont", "LiveEndpoint"),
            ("EndpointSufix", "EndpointSuffix"),
        ] {
            let text = format!("InstrumentationKey={LOCAL_KEY};{name}=https://shop.example/");
            let error = text.parse::<ConnectionString>().unwrap_err().to_string();
            assert_eq!(error, format!("`{name}` in the connection string is unknown; did you mean `{meant}`?"));
        }
        for name in ["ProfilerEndpoint", "Tenant", "x", &"IngestionEndpoint".repeat(5)] {
            let text = format!("InstrumentationKey={LOCAL_KEY};{name}=https://shop.example/");
            assert!(text.parse::<ConnectionString>().is_ok(), "{name}");
        }
    }

    #[test]
    fn debug_and_errors_never_show_the_key() {
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
    fn malformed_part_is_reported_by_its_number() {
        assert_eq!(parse("oops"), Err(ParseConnectionStringError::NotAPair(2)));
        for text in [format!(" InstrumentationKey={KEY}"), format!("InstrumentationKey\n={KEY}")] {
            let parsed: Result<ConnectionString, _> = text.parse();
            assert_eq!(parsed, Err(ParseConnectionStringError::SpaceAroundName(1)), "{text:?}");
        }
    }

    #[test]
    fn quotes_are_reported_as_quotes() {
        for text in [
            format!("\"InstrumentationKey={KEY}\""),
            format!("'InstrumentationKey={KEY};IngestionEndpoint=https://x'"),
            format!("InstrumentationKey=\"{KEY}\""),
            format!(" “InstrumentationKey={KEY}”"),
        ] {
            let error = text.parse::<ConnectionString>().unwrap_err();
            assert_eq!(error, ParseConnectionStringError::Quoted, "{text}");
            assert!(error.to_string().contains("quotes") && !error.to_string().contains("1234"), "{error}");
        }
    }

    #[test]
    fn key_is_a_guid_in_lower_case_without_spaces_and_other_names_with_spaces_are_ignored() {
        let key = |key: &str| format!("InstrumentationKey={key}").parse::<ConnectionString>().map(|_| ());
        let invalid = Err(ParseConnectionStringError::UnusualInstrumentationKey);
        assert_eq!(key(&KEY.to_uppercase()), invalid);
        for spaced in [format!(" {KEY}"), format!("{KEY} "), format!("{KEY}\t"), format!("{KEY} ;Location=x")] {
            assert_eq!(key(&spaced), invalid, "{spaced:?}");
        }
        for line_end in ["\n", "\r\n"] {
            assert_eq!(key(&format!("{KEY}{line_end}")), Ok(()));
        }
        for name in ["\nIngestionEndpoint", " IngestionEndpoint", "IngestionEndpoint\t"] {
            let connection = parse(&format!("{name}=https://x.example")).unwrap();
            assert_eq!(connection.ingestion_endpoint(), DEFAULT_INGESTION, "{name:?}");
        }
    }

    #[test]
    fn local_http_endpoint_stays_http() {
        let connection = parse("IngestionEndpoint=http://127.0.0.1:8787//").unwrap();
        assert_eq!(connection.track_url().unwrap().as_str(), "http://127.0.0.1:8787/v2.1/track");
    }

    #[test]
    fn development_telemetry_goes_to_the_local_portal_unless_an_endpoint_is_set() {
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
    fn path_of_the_endpoint_is_kept() {
        let connection = parse("IngestionEndpoint=https://proxy.local/app/insights/").unwrap();
        assert_eq!(connection.track_url().unwrap().as_str(), "https://proxy.local/app/insights/v2.1/track");
    }

    #[test]
    fn invalid_endpoints_are_rejected() {
        for endpoint in ["not a url", "ftp://x", "https://u:p@x", "https://x/?a", "https://x/#a", "https://"] {
            let connection = parse(&format!("IngestionEndpoint={endpoint}")).unwrap();
            assert!(connection.track_url().is_err(), "{endpoint}");
        }
    }

    #[test]
    fn values_may_contain_equals_signs_and_have_spaces_around_them() {
        let connection = parse("AADAudience=a; ;aadaudience= x ;AADAudience= b=c ;;").unwrap();
        assert_eq!(connection.aad_audience(), Some("b=c"));
    }
}
