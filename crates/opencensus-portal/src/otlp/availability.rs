//! Log records that hold the result of an availability test.

use serde_json::{Value, json};

use crate::otlp::attributes::Attributes;

/// Takes the attributes of a test. `None` unless all that the service requires are there.
pub(super) fn take(attributes: &mut Attributes, body: Option<&str>) -> Option<Value> {
    const REQUIRED: [&str; 4] = ["id", "name", "duration", "success"];
    let key = |field: &str| format!("microsoft.availability.{field}");
    if !REQUIRED.iter().all(|field| attributes.has(&[&key(field)])) {
        return None;
    }
    let mut text = |field: &str| attributes.take(&[&key(field)]);
    let message = text("message").or_else(|| body.map(str::to_owned));
    let is_success = text("success").is_some_and(|success| success.eq_ignore_ascii_case("true"));
    Some(json!({
        "id": text("id"), "name": text("name"), "duration": text("duration"), "success": is_success,
        "runLocation": text("runLocation"), "message": message
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;

    #[test]
    fn test_result_needs_id_name_duration_and_success() {
        let mut pairs = json!({
            "microsoft.availability.id": "1", "microsoft.availability.name": "home",
            "microsoft.availability.duration": "0.00:00:01", "microsoft.availability.success": "True",
            "microsoft.availability.runLocation": "Oslo", "other": 1
        });
        let mut attributes = Attributes::new(list(pairs.clone()));
        let expected = json!({
            "id": "1", "name": "home", "duration": "0.00:00:01", "success": true, "runLocation": "Oslo", "message": "up"
        });
        assert_eq!(take(&mut attributes, Some("up")), Some(expected));
        assert_eq!(Value::from(attributes.into_properties()), json!({"other": "1"}));
        pairs["microsoft.availability.duration"] = " ".into();
        assert_eq!(take(&mut Attributes::new(list(pairs)), Some("up")), None);
    }
}
