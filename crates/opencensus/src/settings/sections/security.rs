//! Holds the section `security`.

/// The hosts that clients may request, where a [`Telemetry::allowed_hosts`](crate::Telemetry::allowed_hosts) layer checks
/// them.
///
/// # Examples
///
/// ```
/// use opencensus::Settings;
///
/// let mut settings = Settings::default();
/// settings.security.allowed_hosts = vec!["shop.example".to_owned()];
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SecuritySettings {
    /// The allowed hosts: see [`AllowedHosts`](crate::security::AllowedHosts). Default: none; in debug mode this machine.
    /// Environment: `OPENCENSUS_ALLOWED_HOSTS`.
    pub allowed_hosts: Vec<String>,
    /// Takes the host from `X-Forwarded-Host` if the request has that header. Default: false. Environment:
    /// `OPENCENSUS_USE_X_FORWARDED_HOST`.
    pub use_x_forwarded_host: bool,
}
