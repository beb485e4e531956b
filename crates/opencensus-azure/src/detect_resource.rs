//! Detects the platform that the process runs on. Reads environment variables only, never the network.

use opencensus_core::Resource;

/// Detects App Service, Functions, Container Apps and Kubernetes, and returns the resource attributes
/// that they set. `environment` looks up a variable; an empty variable counts as absent.
///
/// | platform | detected by | `service.name`, `service.instance.id` |
/// | --- | --- | --- |
/// | any | `APPLICATIONINSIGHTS_ROLE_NAME`, `APPLICATIONINSIGHTS_ROLE_INSTANCE` | these variables |
/// | App Service, Functions | `WEBSITE_SITE_NAME` | `WEBSITE_SITE_NAME`, `WEBSITE_INSTANCE_ID` |
/// | Container Apps | `CONTAINER_APP_NAME` | `CONTAINER_APP_NAME`, `CONTAINER_APP_REPLICA_NAME` |
/// | Kubernetes | `KUBERNETES_SERVICE_HOST` | none; `HOSTNAME` becomes `k8s.pod.name` |
///
/// # Examples
///
/// ```
/// let variables = [("WEBSITE_SITE_NAME", "shop"), ("WEBSITE_INSTANCE_ID", "4f1")];
/// let resource = opencensus_azure::detect_resource(|name| {
///     variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_string())
/// });
/// assert_eq!((resource.role().as_deref(), resource.role_instance()), (Some("shop"), Some("4f1")));
/// ```
#[must_use]
pub fn detect_resource(environment: impl Fn(&str) -> Option<String>) -> Resource {
    let get = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
    let mut resource = Resource::default();
    if get("WEBSITE_SITE_NAME").is_some() {
        let is_function = get("FUNCTIONS_WORKER_RUNTIME").is_some();
        resource.set("cloud.platform", if is_function { "azure_functions" } else { "azure_app_service" });
        copy(&mut resource, &get, &APP_SERVICE);
        if is_function {
            copy(&mut resource, &get, &FUNCTIONS);
        }
    } else if get("CONTAINER_APP_NAME").is_some() {
        resource.set("cloud.platform", "azure_container_apps");
        copy(&mut resource, &get, &CONTAINER_APPS);
    } else if get("KUBERNETES_SERVICE_HOST").is_some() {
        let is_aks = AKS.iter().any(|(name, _)| get(name).is_some());
        if is_aks {
            resource.set("cloud.platform", "azure_aks");
        }
        copy(&mut resource, &get, &AKS);
        copy(&mut resource, &get, &[("HOSTNAME", "k8s.pod.name")]);
    }
    if resource.get("cloud.platform").is_some() {
        resource.set("cloud.provider", "azure");
    }
    copy(&mut resource, &get, &ROLE);
    resource
}

/// Pairs of an environment variable and the resource attribute that it sets.
type Variables = [(&'static str, &'static str)];

const APP_SERVICE: [(&str, &str); 6] = [
    ("WEBSITE_SITE_NAME", "service.name"),
    ("WEBSITE_INSTANCE_ID", "service.instance.id"),
    ("REGION_NAME", "cloud.region"),
    ("WEBSITE_SLOT_NAME", "deployment.environment.name"),
    ("WEBSITE_HOSTNAME", "host.id"),
    ("WEBSITE_HOME_STAMPNAME", "azure.app.service.stamp"),
];

const FUNCTIONS: [(&str, &str); 2] =
    [("WEBSITE_INSTANCE_ID", "faas.instance"), ("WEBSITE_MEMORY_LIMIT_MB", "faas.max_memory")];

const CONTAINER_APPS: [(&str, &str); 3] = [
    ("CONTAINER_APP_NAME", "service.name"),
    ("CONTAINER_APP_REPLICA_NAME", "service.instance.id"),
    ("CONTAINER_APP_REVISION", "service.version"),
];

const AKS: [(&str, &str); 2] =
    [("CLUSTER_RESOURCE_ID", "cloud.resource_id"), ("AKS_ARM_NAMESPACE_ID", "cloud.resource_id")];

/// The variables of Microsoft's Java agent.
const ROLE: [(&str, &str); 2] =
    [("APPLICATIONINSIGHTS_ROLE_NAME", "service.name"), ("APPLICATIONINSIGHTS_ROLE_INSTANCE", "service.instance.id")];

fn copy(resource: &mut Resource, get: &impl Fn(&str) -> Option<String>, variables: &Variables) {
    for (variable, attribute) in variables {
        if let Some(value) = get(variable) {
            resource.set(*attribute, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Resource {
        detect_resource(|name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn each_platform_is_detected_by_its_variable() {
        for (variables, platform, role, instance) in [
            (vec![("WEBSITE_SITE_NAME", "s"), ("WEBSITE_INSTANCE_ID", "i")], Some("azure_app_service"), "s", "i"),
            (
                vec![("WEBSITE_SITE_NAME", "s"), ("FUNCTIONS_WORKER_RUNTIME", "custom"), ("WEBSITE_INSTANCE_ID", "i")],
                Some("azure_functions"),
                "s",
                "i",
            ),
            (
                vec![("CONTAINER_APP_NAME", "c"), ("CONTAINER_APP_REPLICA_NAME", "r")],
                Some("azure_container_apps"),
                "c",
                "r",
            ),
            (vec![("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("HOSTNAME", "pod-1")], None, "", "pod-1"),
            (
                vec![("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("HOSTNAME", "pod-1"), ("CLUSTER_RESOURCE_ID", "/x")],
                Some("azure_aks"),
                "",
                "pod-1",
            ),
            (vec![("HOSTNAME", "laptop"), ("WEBSITE_SITE_NAME", " ")], None, "", ""),
        ] {
            let found = of(&variables);
            assert_eq!(found.get("cloud.platform"), platform, "{variables:?}");
            assert_eq!(found.get("cloud.provider"), platform.map(|_| "azure"), "{variables:?}");
            assert_eq!(found.role().unwrap_or_default(), role, "{variables:?}");
            assert_eq!(found.role_instance().unwrap_or_default(), instance, "{variables:?}");
        }
    }

    #[test]
    fn explicit_role_name_overrides_the_detected_one() {
        let found = of(&[("WEBSITE_SITE_NAME", "s"), ("APPLICATIONINSIGHTS_ROLE_NAME", "explicit")]);
        assert_eq!(found.role().as_deref(), Some("explicit"));
    }
}
