//! Completes the resource of the settings with attributes of the process's environment.

use opencensus_core::Resource;

/// Adds a service name, unless the settings have one: that of Azure's variables, else that of the program.
pub(super) fn complete(mut resource: Resource) -> Resource {
    #[cfg(feature = "azure")]
    detect(&mut resource, |name| std::env::var(name).ok());
    if resource.get("service.name").is_none() {
        resource.set("service.name", default_service_name());
    }
    resource
}

/// Adds the attributes that Azure's variables state and the settings do not.
#[cfg(feature = "azure")]
fn detect(resource: &mut Resource, environment: impl Fn(&str) -> Option<String>) {
    for (key, value) in opencensus_azure::detect_resource(environment).iter() {
        if resource.get(key).is_none() {
            resource.set(key, value);
        }
    }
}

/// `unknown_service:program`, by OpenTelemetry's convention.
fn default_service_name() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned());
    program.map_or_else(|| "unknown_service".to_owned(), |program| format!("unknown_service:{program}"))
}

#[cfg(all(test, feature = "azure"))]
mod tests {
    use super::*;

    #[test]
    fn detected_attributes_complete_those_of_the_settings() {
        let variables = |name: &str| match name {
            "WEBSITE_SITE_NAME" => Some("site".to_owned()),
            "WEBSITE_INSTANCE_ID" => Some("4f1".to_owned()),
            _ => None,
        };
        let mut unnamed = Resource::default();
        detect(&mut unnamed, variables);
        assert_eq!(unnamed.role().as_deref(), Some("site"));
        let mut named = Resource::default();
        named.set("service.name", "shop");
        detect(&mut named, variables);
        assert_eq!((named.role().as_deref(), named.role_instance()), (Some("shop"), Some("4f1")));
    }
}
