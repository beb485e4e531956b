//! Synthetic traffic: requests of robots and availability tests.

use opencensus_core::{Attribute, Value};

/// OpenTelemetry's attribute (user agent conventions).
pub(crate) const SYNTHETIC_TYPE: &str = "user_agent.synthetic.type";

/// The run of an availability test, as the middleware records it.
const RUN_ID: &str = "SyntheticTest-RunId";
const LOCATION: &str = "SyntheticTest-Location";

/// The source that Microsoft's SDKs name for requests with the headers of an availability test.
const AVAILABILITY_MONITORING: &str = "Application Insights Availability Monitoring";
/// The source that Microsoft's exporter for Python names.
const MARKED: &str = "True";
/// The source that Microsoft's SDK for .NET names for robots.
const ROBOT: &str = "Bot";

/// Finds the synthetic source of items, and remembers that of the latest user agent: reading one to its end costs more than
/// comparing it, and clients send many requests.
#[derive(Debug, Default)]
pub(crate) struct SyntheticSources {
    user_agent: String,
    source: Option<&'static str>,
}

impl SyntheticSources {
    /// The synthetic source of a request with these attributes and this user agent. `None`: the request of a person or a
    /// program.
    pub(crate) fn of(&mut self, attributes: &[Attribute], user_agent: Option<&str>) -> Option<&'static str> {
        if attributes.iter().any(|attribute| attribute.key == RUN_ID) {
            return Some(AVAILABILITY_MONITORING);
        }
        if attributes.iter().any(|attribute| attribute.key == SYNTHETIC_TYPE && is_synthetic_type(&attribute.value)) {
            return Some(MARKED);
        }
        let user_agent = user_agent?;
        if user_agent != self.user_agent {
            self.user_agent.clear();
            self.user_agent.push_str(user_agent);
            self.source = source_of_user_agent(user_agent);
        }
        self.source
    }
}

fn source_of_user_agent(user_agent: &str) -> Option<&'static str> {
    if user_agent.contains("AlwaysOn") || user_agent.contains("AppInsights)") {
        return Some(MARKED);
    }
    is_robot(user_agent).then_some(ROBOT)
}

/// The session and the user of a request of an availability test, as in Microsoft's SDK for .NET: the run, and the
/// location with the run.
pub(crate) fn test_session_and_user(attributes: &[Attribute]) -> Option<(String, String)> {
    let text = |key| attributes.iter().find(|attribute| attribute.key == key).map(|found| found.value.to_string());
    let run = text(RUN_ID)?;
    let user = text(LOCATION).map_or_else(|| run.clone(), |location| format!("{location}_{run}"));
    Some((run, user))
}

/// Whether the value of [`SYNTHETIC_TYPE`] names synthetic traffic.
fn is_synthetic_type(value: &Value) -> bool {
    matches!(value.to_string().as_str(), "bot" | "test")
}

/// Whether the user agent contains `bot`, `crawl` or `spider`, in any letter case: the first parts of the list of
/// Microsoft's SDK for .NET. Its other parts occur in the user agents of people, too. Cubot is a telephone.
fn is_robot(user_agent: &str) -> bool {
    let bytes = user_agent.as_bytes();
    let begins =
        |at: usize, part: &[u8]| bytes[at..].get(..part.len()).is_some_and(|text| text.eq_ignore_ascii_case(part));
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'B' | b'b' => begins(at, b"bot") && !(at >= 2 && begins(at - 2, b"cubot")),
        b'C' | b'c' => begins(at, b"crawl"),
        b'S' | b's' => begins(at, b"spider"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synthetic_source(attributes: &[Attribute], user_agent: Option<&str>) -> Option<&'static str> {
        SyntheticSources::default().of(attributes, user_agent)
    }

    #[test]
    fn source_of_another_user_agent_is_not_remembered() {
        let mut sources = SyntheticSources::default();
        for (user_agent, source) in
            [("curl/8", None), ("Googlebot", Some(ROBOT)), ("Googlebot", Some(ROBOT)), ("", None)]
        {
            assert_eq!(sources.of(&[], Some(user_agent)), source, "{user_agent}");
            assert_eq!(sources.of(&[], None), None, "an item without a user agent");
        }
    }

    #[test]
    fn robots_and_availability_tests_are_recognized_by_their_user_agents() {
        for (user_agent, source) in [
            ("Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; AppInsights)", Some(MARKED)),
            ("AlwaysOn", Some(MARKED)),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Some(ROBOT)),
            ("Baiduspider/2.0", Some(ROBOT)),
            ("Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36", None),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", None),
            ("appinsights", None),
            ("", None),
        ] {
            assert_eq!(synthetic_source(&[], Some(user_agent)), source, "{user_agent}");
        }
    }

    #[test]
    fn run_of_a_test_is_its_session_and_with_its_location_its_user() {
        let run = Attribute::new(RUN_ID, "run");
        let location = Attribute::new(LOCATION, "emea-nl-ams-azr");
        assert_eq!(synthetic_source(std::slice::from_ref(&run), Some("curl/8")), Some(AVAILABILITY_MONITORING));
        let both = test_session_and_user(&[location.clone(), run.clone()]);
        assert_eq!(both, Some(("run".to_owned(), "emea-nl-ams-azr_run".to_owned())));
        assert_eq!(test_session_and_user(&[run]), Some(("run".to_owned(), "run".to_owned())));
        assert_eq!(
            (synthetic_source(std::slice::from_ref(&location), None), test_session_and_user(&[location])),
            (None, None)
        );
    }
}
