//! What is the same for every item of a process.

use opencensus_core::Resource;

use crate::encode::buffer::Buffer;
use crate::envelope::fields;

/// What is the same for every item of a process, in JSON.
pub(super) struct Process {
    /// `,"tags":{…`, without a closing brace.
    pub(super) common: Vec<u8>,
    /// The attributes of the resource that are properties: the key, and `,"key":"value"`.
    pub(super) properties: Vec<(String, Vec<u8>)>,
}

/// The groups of resource attributes that OpenTelemetry's detectors set. They describe the machine; roles, instances
/// and versions are tags.
const DETECTED: [&str; 13] = [
    "aws.",
    "azure.",
    "cloud.",
    "container.",
    "device.",
    "faas.",
    "gcp.",
    "host.",
    "k8s.",
    "os.",
    "process.",
    "service.",
    "telemetry.",
];

/// The most bytes of all properties of a process in JSON: they are repeated in every item.
const MAX_PROPERTIES: usize = 8192;

impl Process {
    /// The exporter's own process.
    pub(super) fn new(resource: &Resource) -> Self {
        let tags = Tags { role: resource.role(), instance: resource.role_instance().map(str::to_owned) };
        Self { common: common(resource, &tags), properties: properties(resource) }
    }

    /// A process whose resource comes from an SDK. The exporter's own resource supplies the attributes that it lacks. A
    /// role that no resource names is empty, as Microsoft's exporters write it.
    pub(super) fn of_sdk(resource: &Resource, own: &Resource) -> Self {
        let is_named = |role: &String| !role.starts_with("unknown_service");
        let role = resource.role().filter(is_named).or_else(|| own.role()).or_else(|| resource.role());
        let instance = resource.role_instance().or_else(|| own.role_instance()).map(str::to_owned);
        let tags = Tags { role: Some(role.unwrap_or_default()), instance };
        let mut properties = properties(resource);
        let others = self::properties(own);
        properties.extend(others.into_iter().filter(|(key, _)| resource.get(key).is_none()));
        Self { common: common(resource, &tags), properties }
    }
}

struct Tags {
    role: Option<String>,
    instance: Option<String>,
}

fn common(resource: &Resource, tags: &Tags) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut out = Buffer::new(&mut bytes);
    out.extend_from_slice(br#","tags":{"#);
    let start = out.len();
    out.member(fields::SDK_VERSION, concat!("rust-opencensus:", env!("CARGO_PKG_VERSION")));
    // The first member has no comma.
    out.remove(start);
    if let Some(role) = &tags.role {
        out.member(fields::CLOUD_ROLE, role);
    }
    let host = gethostname::gethostname();
    let instance = tags.instance.as_deref().map_or_else(|| host.to_string_lossy(), Into::into);
    out.member(fields::CLOUD_ROLE_INSTANCE, &instance);
    for (attribute, tag) in [
        ("service.version", fields::APPLICATION_VERSION),
        ("device.id", fields::DEVICE_ID),
        ("device.model.name", fields::DEVICE_MODEL),
        ("device.manufacturer", fields::DEVICE_MAKER),
    ] {
        if let Some(value) = resource.get(attribute) {
            out.member(tag, value);
        }
    }
    bytes
}

fn properties(resource: &Resource) -> Vec<(String, Vec<u8>)> {
    let mut size = 0;
    let is_own = |key: &str| !key.trim_start().is_empty() && !DETECTED.iter().any(|group| key.starts_with(group));
    let pairs = resource.iter().filter(|(key, value)| is_own(key) && !key.starts_with("_MS.") && !value.is_empty());
    let members = pairs.map(|(key, value)| {
        let mut member = Vec::new();
        let key = crate::envelope::cut(key, fields::PROPERTY_KEY.limit);
        Buffer::new(&mut member).named(key, value, fields::PROPERTY_VALUE.limit);
        (key.to_owned(), member)
    });
    members
        .take_while(|(_, member)| {
            size += member.len();
            size <= MAX_PROPERTIES
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(resource: &str) -> Vec<String> {
        properties(&Resource::parse(resource).unwrap()).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn custom_attributes_of_the_resource_are_properties_and_detected_ones_are_not() {
        assert_eq!(
            keys("service.name=shop,deployment.environment.name=prod,team=pay,host.name=h,empty=,_MS.x=1"),
            ["deployment.environment.name", "team"]
        );
        assert_eq!(keys(&format!("a={0},b={0},c=1", "x".repeat(5000))), ["a"], "they fit into 8 KiB");
    }
}
