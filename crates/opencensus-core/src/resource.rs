//! The process that sends the telemetry.

use std::fmt;

/// The process that sends the telemetry; OpenTelemetry's resource with text values. Resources are equal if their
/// attributes are, in any order.
///
/// # Examples
///
/// ```
/// use opencensus_core::Resource;
///
/// let resource = Resource::parse("service.namespace=web,service.name=shop")?;
/// assert_eq!(resource.role().as_deref(), Some("web.shop"));
/// # Ok::<(), opencensus_core::InvalidResourceAttributes>(())
/// ```
#[derive(Clone, Debug, Default, Eq)]
pub struct Resource {
    attributes: Vec<(String, String)>,
}

/// The text is not a list of `key=value` pairs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidResourceAttributes {
    pair: usize,
}

impl Resource {
    /// Parses the format of `OTEL_RESOURCE_ATTRIBUTES`: `key=value,key=value` with percent-encoded values.
    ///
    /// # Errors
    ///
    /// A pair has no `=` or no key.
    pub fn parse(text: &str) -> Result<Self, InvalidResourceAttributes> {
        let mut resource = Self::default();
        for (at, pair) in text.split(',').enumerate().filter(|(_, pair)| !pair.trim().is_empty()) {
            let (key, value) = pair.split_once('=').ok_or(InvalidResourceAttributes { pair: at + 1 })?;
            if key.trim().is_empty() {
                return Err(InvalidResourceAttributes { pair: at + 1 });
            }
            let value = crate::request::percent_decode(value.trim());
            resource.set(key.trim(), String::from_utf8_lossy(&value));
        }
        Ok(resource)
    }

    /// Sets an attribute, which replaces one of the same key.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let (key, value) = (key.into(), value.into());
        match self.attributes.iter_mut().find(|(other, _)| *other == key) {
            Some((_, other)) => *other = value,
            None => self.attributes.push((key, value)),
        }
    }

    /// The value of an attribute; `None` if it is absent or empty.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(other, _)| other == key)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// All attributes in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Application Insights' role name: `service.namespace` and `service.name` joined by a dot, or the name alone.
    /// If the name is unknown (OpenTelemetry's `unknown_service…`), it is the name of the Kubernetes workload.
    #[must_use]
    pub fn role(&self) -> Option<String> {
        const WORKLOADS: [&str; 6] = [
            "k8s.deployment.name",
            "k8s.replicaset.name",
            "k8s.statefulset.name",
            "k8s.job.name",
            "k8s.cronjob.name",
            "k8s.daemonset.name",
        ];
        let name = self.get("service.name");
        let workload = || WORKLOADS.iter().find_map(|key| self.get(key)).map(str::to_owned);
        let named = |name: &str| {
            self.get("service.namespace").map_or_else(|| name.to_owned(), |namespace| format!("{namespace}.{name}"))
        };
        match name.filter(|name| !name.starts_with("unknown_service")) {
            Some(name) => Some(named(name)),
            None => workload().or_else(|| name.map(named)),
        }
    }

    /// Application Insights' role instance: the Kubernetes pod, or the service's instance.
    #[must_use]
    pub fn role_instance(&self) -> Option<&str> {
        self.get("k8s.pod.name").or_else(|| self.get("service.instance.id"))
    }
}

impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        // Keys are unique.
        self.attributes.len() == other.attributes.len()
            && self.attributes.iter().all(|attribute| other.attributes.contains(attribute))
    }
}

impl fmt::Display for InvalidResourceAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pair {} of the resource attributes is not `key=value`", self.pair)
    }
}

impl std::error::Error for InvalidResourceAttributes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_percent_decoded_and_the_last_one_wins() {
        let resource = Resource::parse("service.name=shop, team=a%20b%2Cc ,team=d,,").unwrap();
        assert_eq!(resource.get("service.name"), Some("shop"));
        assert_eq!(resource.get("team"), Some("d"));
        assert_eq!(Resource::parse("a=%e4%bd%a0").unwrap().get("a"), Some("你"));
    }

    #[test]
    fn malformed_pair_is_reported_by_its_position() {
        let error = Resource::parse("a=1,secret").unwrap_err();
        assert_eq!(error.to_string(), "pair 2 of the resource attributes is not `key=value`");
        assert!(Resource::parse("=1").is_err());
    }

    #[test]
    fn role_joins_namespace_and_name() {
        assert_eq!(Resource::parse("service.name=a,service.namespace=b").unwrap().role().as_deref(), Some("b.a"));
        assert_eq!(Resource::parse("service.namespace=b").unwrap().role(), None);
    }
}
