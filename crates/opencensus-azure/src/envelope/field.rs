//! The fields of the schema that hold texts.

/// A field that holds a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// The most UTF-16 units, from the Bond schemas of Application Insights, version 2.
    pub(crate) limit: usize,
    /// Whether the service refuses an item in which the field is empty.
    pub(crate) is_required: bool,
}

const fn required(name: &'static str, limit: usize) -> Field {
    Field { name, limit, is_required: true }
}

const fn optional(name: &'static str, limit: usize) -> Field {
    Field { name, limit, is_required: false }
}

/// All fields that the encoder writes.
pub(crate) mod fields {
    use super::{Field, optional, required};

    pub(crate) const KEY: Field = required("iKey", 40);

    pub(crate) const REQUEST_NAME: Field = required("name", 1024);
    pub(crate) const REQUEST_URL: Field = optional("url", 2048);
    pub(crate) const REQUEST_SOURCE: Field = optional("source", 1024);
    pub(crate) const RESPONSE_CODE: Field = required("responseCode", 1024);
    pub(crate) const DEPENDENCY_NAME: Field = required("name", 1024);
    pub(crate) const DEPENDENCY_TYPE: Field = optional("type", 1024);
    pub(crate) const DEPENDENCY_TARGET: Field = optional("target", 1024);
    pub(crate) const DEPENDENCY_DATA: Field = optional("data", 8192);
    pub(crate) const RESULT_CODE: Field = optional("resultCode", 1024);
    pub(crate) const MESSAGE: Field = required("message", 32_768);
    pub(crate) const EXCEPTION_TYPE: Field = optional("typeName", 1024);
    pub(crate) const EXCEPTION_MESSAGE: Field = required("message", 32_768);
    pub(crate) const STACK: Field = optional("stack", 32_768);
    pub(crate) const FRAME_METHOD: Field = optional("method", 1024);
    pub(crate) const FRAME_FILE: Field = optional("fileName", 1024);
    pub(crate) const EVENT_NAME: Field = required("name", 512);
    pub(crate) const METRIC_NAME: Field = required("name", 1024);
    pub(crate) const PAGE_NAME: Field = required("name", 512);
    pub(crate) const PAGE_URL: Field = optional("url", 2048);
    pub(crate) const AVAILABILITY_NAME: Field = required("name", 1024);
    pub(crate) const AVAILABILITY_LOCATION: Field = optional("runLocation", 1024);
    pub(crate) const AVAILABILITY_MESSAGE: Field = optional("message", 8192);

    pub(crate) const OPERATION_NAME: Field = optional("ai.operation.name", 1024);
    pub(crate) const SYNTHETIC_SOURCE: Field = optional("ai.operation.syntheticSource", 1024);
    pub(crate) const LOCATION_IP: Field = optional("ai.location.ip", 46);
    /// The schema has no limit; this is that of a property.
    pub(crate) const USER_AGENT: Field = optional("ai.user.userAgent", 8192);
    pub(crate) const USER_AUTH_ID: Field = optional("ai.user.authUserId", 1024);
    pub(crate) const USER_ID: Field = optional("ai.user.id", 128);
    pub(crate) const SESSION_ID: Field = optional("ai.session.id", 64);
    pub(crate) const CLOUD_ROLE: Field = optional("ai.cloud.role", 256);
    pub(crate) const CLOUD_ROLE_INSTANCE: Field = optional("ai.cloud.roleInstance", 256);
    pub(crate) const APPLICATION_VERSION: Field = optional("ai.application.ver", 1024);
    pub(crate) const SDK_VERSION: Field = optional("ai.internal.sdkVersion", 64);
    pub(crate) const DEVICE_ID: Field = optional("ai.device.id", 1024);
    pub(crate) const DEVICE_MODEL: Field = optional("ai.device.model", 256);
    pub(crate) const DEVICE_MAKER: Field = optional("ai.device.oemName", 256);

    /// The key of a property or a measurement.
    pub(crate) const PROPERTY_KEY: Field = required("key", 150);
    pub(crate) const PROPERTY_VALUE: Field = optional("value", 8192);
    /// The value of a property with a message to or from a language model.
    pub(crate) const CONVERSATION: Field = optional("value", 262_144);
}
