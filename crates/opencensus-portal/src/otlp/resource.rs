//! The tags of a resource: role, instance, versions, device.

use crate::otlp::attributes::Attributes;
use crate::otlp::envelope::Envelope;
use crate::otlp::message::Resource;

/// The names that Kubernetes gives to what runs, for a service without a name.
const WORKLOADS: [&str; 6] = [
    "k8s.deployment.name",
    "k8s.replicaset.name",
    "k8s.statefulset.name",
    "k8s.job.name",
    "k8s.cronjob.name",
    "k8s.daemonset.name",
];

/// An envelope with the tags of the resource.
pub(super) fn envelope(resource: Resource) -> Envelope {
    let attributes = Attributes::new(resource.attributes);
    let mut envelope = Envelope::default();
    envelope.tag("ai.cloud.role", role(&attributes));
    let instance = attributes.text(&["k8s.pod.name", "service.instance.id", "host.name"]);
    envelope.tag("ai.cloud.roleInstance", instance);
    envelope.tag("ai.application.ver", attributes.text(&["service.version"]));
    envelope.tag("ai.device.id", attributes.text(&["device.id"]));
    envelope.tag("ai.device.model", attributes.text(&["device.model.name"]));
    envelope.tag("ai.device.oemName", attributes.text(&["device.manufacturer"]));
    envelope.tag("ai.internal.sdkVersion", sdk_version(&attributes));
    envelope
}

/// `namespace.name` of the service. A name that the SDK made up gives way to that of the workload.
fn role(attributes: &Attributes) -> Option<String> {
    let name = attributes.text(&["service.name"]);
    let role = name.as_ref().map(|name| match attributes.text(&["service.namespace"]) {
        Some(namespace) => format!("{namespace}.{name}"),
        None => name.clone(),
    });
    match name {
        Some(name) if !name.starts_with("unknown_service") => role,
        _ => attributes.text(&WORKLOADS).or(role),
    }
}

/// Such as `otlp_python:otel1.40.0`. `None` if the resource does not name its SDK.
fn sdk_version(attributes: &Attributes) -> Option<String> {
    let language = attributes.text(&["telemetry.sdk.language"]);
    let name = attributes.text(&["telemetry.sdk.name"]);
    if language.is_none() && name.is_none() {
        return None;
    }
    let language = language.unwrap_or_else(|| "unknown".to_owned());
    let name = name.filter(|name| name != "opentelemetry").unwrap_or_else(|| "otel".to_owned());
    let version = attributes.text(&["telemetry.sdk.version"]).unwrap_or_default();
    Some(format!("otlp_{language}:{name}{version}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use serde_json::{Value, json};

    fn tags(attributes: Value) -> Value {
        envelope(Resource { attributes: list(attributes) }).tags.into()
    }

    #[test]
    fn role_is_the_service_with_its_namespace_or_the_workload() {
        for (attributes, role) in [
            (json!({"service.name": "shop"}), json!("shop")),
            (json!({"service.name": "shop", "service.namespace": "store"}), json!("store.shop")),
            (json!({"service.name": "shop", "k8s.deployment.name": "d"}), json!("shop")),
            (json!({"service.name": "unknown_service:python", "k8s.job.name": "j"}), json!("j")),
            (json!({"service.name": "unknown_service", "service.namespace": "s"}), json!("s.unknown_service")),
            (json!({"k8s.cronjob.name": "c", "k8s.daemonset.name": "d"}), json!("c")),
            (json!({"service.namespace": "s"}), Value::Null),
        ] {
            assert_eq!(tags(attributes)["ai.cloud.role"], role);
        }
    }

    #[test]
    fn instance_versions_and_device_are_tags() {
        let attributes = json!({
            "service.name": "shop", "service.version": "1.2", "service.instance.id": "i", "host.name": "h",
            "telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry", "telemetry.sdk.version": "1.40.0",
            "device.id": "d", "device.model.name": "m", "device.manufacturer": "o"
        });
        let expected = json!({
            "ai.cloud.role": "shop", "ai.cloud.roleInstance": "i", "ai.application.ver": "1.2", "ai.device.id": "d",
            "ai.device.model": "m", "ai.device.oemName": "o", "ai.internal.sdkVersion": "otlp_python:otel1.40.0"
        });
        assert_eq!(tags(attributes), expected);
        assert_eq!(tags(json!({"k8s.pod.name": "p", "service.instance.id": "i"}))["ai.cloud.roleInstance"], "p");
        let other = tags(json!({"host.name": "h", "telemetry.sdk.name": "vector"}));
        assert_eq!(
            (&other["ai.cloud.roleInstance"], &other["ai.internal.sdkVersion"]),
            (&json!("h"), &json!("otlp_unknown:vector"))
        );
    }
}
