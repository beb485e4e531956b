//! Rules for following redirects.

use std::time::{Duration, Instant};

use url::Url;

/// The most redirects that are followed in a row.
pub(crate) const MAX_HOPS: usize = 5;

/// The longest time for which a redirect is remembered: an attacker who once changed a response must not get the
/// telemetry of a whole day.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// The status of a redirect that may be remembered, Permanent Redirect. 307 is for one request.
const PERMANENT: u16 = 308;

/// Microsoft's domains. A redirect from a host below one of them may lead to another host below the
/// same domain.
const TRUSTED: [&str; 8] = [
    ".applicationinsights.azure.com",
    ".applicationinsights.azure.us",
    ".applicationinsights.azure.cn",
    ".livediagnostics.monitor.azure.com",
    ".monitor.azure.com",
    ".monitor.azure.us",
    ".monitor.azure.cn",
    ".services.visualstudio.com",
];

/// The target of a 307 or 308, if it may be followed: the same host and port, or within one trusted
/// domain, and with the same scheme. Any other target could belong to an attacker. User and password of the
/// location are left out: a client would send them as credentials.
pub(crate) fn target(from: &Url, location: &str) -> Option<Url> {
    let mut to = from.join(location).ok()?;
    to.set_username("").ok()?;
    to.set_password(None).ok()?;
    let same_place = to.host() == from.host() && to.port_or_known_default() == from.port_or_known_default();
    let trusted = TRUSTED.iter().any(|domain| {
        let below = |url: &Url| url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(domain));
        below(from) && below(&to) && to.port().is_none()
    });
    (to.scheme() == from.scheme() && (same_place || trusted)).then_some(to)
}

/// A URL that replaces the endpoint of the connection string for a limited time.
#[derive(Clone, Debug)]
pub(crate) struct CachedRedirect {
    pub(crate) url: Url,
    until: Instant,
}

impl CachedRedirect {
    /// Lasts for the `max-age` of `Cache-Control`, at most one hour. `None` if the redirect is for this
    /// batch only.
    pub(crate) fn new(status: u16, url: Url, cache_control: Option<&str>, now: Instant) -> Option<Self> {
        let directives = cache_control?.split(',').map(str::trim);
        let age = |directive: &str| directive.to_ascii_lowercase().strip_prefix("max-age=")?.parse::<u64>().ok();
        let seconds = directives.clone().find_map(age)?;
        let is_forbidden = directives.into_iter().any(|directive| directive.eq_ignore_ascii_case("no-store"));
        let until = now + Duration::from_secs(seconds).min(MAX_AGE);
        (status == PERMANENT && !is_forbidden && seconds > 0).then_some(Self { url, until })
    }

    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now >= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, location: &str) -> Option<String> {
        target(&Url::parse(from).unwrap(), location).map(Into::into)
    }

    #[test]
    fn redirect_is_cached_as_long_as_cache_control_allows() {
        let now = Instant::now();
        let url = Url::parse("http://x/").unwrap();
        let cached = |control: Option<&str>| CachedRedirect::new(308, url.clone(), control, now);
        for control in [None, Some("no-cache"), Some("max-age=0"), Some("max-age=60, no-store"), Some("max-age=soon")] {
            assert!(cached(control).is_none(), "{control:?}");
        }
        let minute = cached(Some("public, Max-Age=60")).unwrap();
        assert!(!minute.is_over(now + Duration::from_secs(59)) && minute.is_over(now + Duration::from_secs(60)));
        let hour = Duration::from_secs(3600);
        let longest = cached(Some("max-age=99999999999")).unwrap();
        assert!(!longest.is_over(now + hour - Duration::from_secs(1)) && longest.is_over(now + hour));
    }

    #[test]
    fn temporary_redirect_is_never_remembered() {
        let url = Url::parse("http://x/").unwrap();
        assert!(CachedRedirect::new(307, url, Some("max-age=60"), Instant::now()).is_none());
    }

    #[test]
    fn user_and_password_of_a_location_are_left_out() {
        for location in ["https://anna:hunter2@x.example/a", "//anna:hunter2@x.example/a", "//anna@x.example:443/a"] {
            assert_eq!(follow("https://x.example/v2.1/track", location).as_deref(), Some("https://x.example/a"));
        }
    }

    #[test]
    fn same_host_and_port_is_followed() {
        assert_eq!(follow("http://127.0.0.1:80/v2.1/track", "/other").as_deref(), Some("http://127.0.0.1/other"));
        assert!(follow("http://127.0.0.1:8080/a", "http://127.0.0.1:8081/a").is_none());
    }

    #[test]
    fn trusted_domain_is_followed_within_itself() {
        let west = "https://westeurope-5.in.applicationinsights.azure.com/v2.1/track";
        assert!(follow(west, "https://northeurope-2.in.applicationinsights.azure.com/v2.1/track").is_some());
        assert!(follow(west, "https://dc.services.visualstudio.com/v2.1/track").is_none());
        assert!(follow(west, "https://evilapplicationinsights.azure.com/").is_none());
        assert!(follow(west, "https://x.applicationinsights.azure.com:8443/").is_none());
    }

    #[test]
    fn redirect_to_another_scheme_is_never_followed() {
        let west = "https://westeurope-5.in.applicationinsights.azure.com/v2.1/track";
        assert!(follow(west, "http://westeurope-5.in.applicationinsights.azure.com/v2.1/track").is_none());
        assert!(follow("https://x.example/", "http://x.example:443/").is_none());
        assert!(follow("http://x.example/", "ftp://x.example:80/").is_none());
        assert!(follow("http://x.example:8080/", "https://x.example:8080/").is_none());
    }
}
