//! Reads how a sampled parent is treated.

use opencensus_core::ParentTrust;
use opencensus_settings::checked::{fault, inside};
use opencensus_settings::{Checked, Value, python_literal};

/// Reads `trust`, `if_rate_known` (formerly `if_rate_told`), `limited(10)` or `never`.
pub(crate) fn parent_trust(value: &Value) -> Checked<ParentTrust> {
    const REMEDY: &str = "write `trust`, `if_rate_known`, `never`, or `limited(10)` for ten requests a second";
    if let Value::Table(entries) = value
        && let [(key, value)] = &**entries
        && key.eq_ignore_ascii_case("limited")
    {
        return inside(key, per_second(value, REMEDY));
    }
    let Some(call) = python_literal::call_of(value).filter(|call| call.module.is_empty()) else {
        return fault(value.redacted(), REMEDY);
    };
    match (&*call.name.to_ascii_lowercase(), call.arguments.as_deref()) {
        ("trust", None) => Ok(ParentTrust::Trust),
        ("if_rate_known" | "if_rate_told", None) => Ok(ParentTrust::IfRateKnown),
        ("never", None) => Ok(ParentTrust::Never),
        ("limited", Some([argument])) if argument.fits(&["per_second"]) => per_second(&argument.value, REMEDY),
        _ => fault(value.redacted(), REMEDY),
    }
}

fn per_second(value: &Value, remedy: &str) -> Checked<ParentTrust> {
    let number = match value {
        Value::Integer(number) => u32::try_from(*number).ok(),
        Value::Text(text) => text.value.trim().parse().ok(),
        _ => None,
    };
    match number {
        Some(per_second) => Ok(ParentTrust::Limited { per_second }),
        None => fault(value.redacted(), remedy),
    }
}
