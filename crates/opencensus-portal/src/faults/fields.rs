//! Reads a fault from the fields of a JSON object or of a form.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::faults::fault::{Effect, Fault, MAX_DELAY};
use crate::faults::fault_error::FaultError;
use crate::faults::refusal::Refusal;

const NUMBERS: [&str; 4] = ["status", "times", "delay_ms", "every"];
const EFFECTS: &str = "is `status`, `delay`, `drop`, `cut`, `refuse`, `malformed` or `empty`";

/// Reads a JSON object. A fault without an effect is a status.
pub(crate) fn from_json(body: &[u8]) -> Result<Fault, FaultError> {
    let read = serde_json::from_slice::<Value>(body);
    match read.map_err(|error| FaultError::new("body", format!("is not JSON: {error}")))? {
        Value::Object(fields) => read_fields(fields),
        _ => Err(FaultError::new("body", "is a JSON object")),
    }
}

/// Reads the fields of a form. Empty fields count as absent.
pub(crate) fn from_form(pairs: Vec<(String, String)>) -> Result<Fault, FaultError> {
    let filled = pairs.into_iter().filter(|(name, value)| !value.trim().is_empty() && name != "token");
    let value = |name: &str, text: String| {
        let number = text.trim().parse::<u64>().ok().filter(|_| NUMBERS.contains(&name));
        number.map_or(Value::String(text), Value::from)
    };
    read_fields(filled.map(|(name, text)| (name.clone(), value(&name, text))).collect())
}

fn read_fields(mut fields: Map<String, Value>) -> Result<Fault, FaultError> {
    let effect = text(&mut fields, "effect")?.unwrap_or_else(|| "status".to_owned());
    let mut fault = Fault::new(read_effect(&effect, &mut fields)?);
    if let Some(times) = number(&mut fields, "times", 1_000_000)? {
        fault = fault.times(times);
    }
    if let Some(delay) = number(&mut fields, "delay_ms", MAX_DELAY.as_millis() as u32)? {
        fault = fault.after(Duration::from_millis(delay.into()));
    }
    fault.retry_after = match fields.get("retry_after") {
        Some(Value::String(_)) => text(&mut fields, "retry_after")?,
        _ => number(&mut fields, "retry_after", u32::MAX)?.map(|seconds| seconds.to_string()),
    };
    fault.location = text(&mut fields, "location")?;
    fault.body = text(&mut fields, "body")?;
    if let Some(name) = fields.keys().next() {
        return Err(FaultError::new(name, format!("is not a field of the effect `{effect}`")));
    }
    fault.check()?;
    Ok(fault)
}

fn read_effect(effect: &str, fields: &mut Map<String, Value>) -> Result<Effect, FaultError> {
    let required = |name, value: Option<u32>| value.ok_or_else(|| FaultError::new(name, "is required"));
    let mut status = || {
        let status = required("status", number(fields, "status", 599)?)?;
        u16::try_from(status).map_err(|_| FaultError::new("status", "is at most 599"))
    };
    Ok(match effect {
        "status" => Effect::Status(status()?),
        "refuse" => {
            let status = status()?;
            Effect::Refuse(Refusal { every: required("every", number(fields, "every", 1_000_000)?)?, status })
        }
        "delay" => Effect::Delay,
        "drop" => Effect::Drop,
        "cut" => Effect::Cut,
        "malformed" => Effect::Malformed,
        "empty" => Effect::Empty,
        _ => return Err(FaultError::new("effect", EFFECTS)),
    })
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, FaultError> {
    match fields.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(FaultError::new(name, "is a text")),
    }
}

fn number(fields: &mut Map<String, Value>, name: &str, max: u32) -> Result<Option<u32>, FaultError> {
    let Some(value) = fields.remove(name) else { return Ok(None) };
    // JSON does not distinguish 3 from 3.0.
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=f64::from(max)).contains(number));
    number
        .map(|number| Some(number as u32))
        .ok_or_else(|| FaultError::new(name, format!("is a whole number from 0 to {max}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_form_reads_what_faults_write() {
        for fault in [
            Fault::status(439).times(3).retry_after(Duration::from_secs(7)).body("full"),
            Fault::status(308).location("/elsewhere").until_ended(),
            Fault::delay(Duration::from_millis(20)),
            Fault::dropped_connection(),
            Fault::cut_response(),
            Fault::refused_items(3, 500),
            Fault::malformed_response(),
            Fault::empty_response().after(Duration::from_secs(1)),
        ] {
            assert_eq!(from_json(&serde_json::to_vec(&fault).unwrap()), Ok(fault));
        }
        assert_eq!(from_json(br#"{"status":503.0}"#), Ok(Fault::status(503)));
        assert_eq!(from_json(br#"{"status":503,"retry_after":2}"#), from_json(br#"{"status":503,"retry_after":"2"}"#));
    }

    #[test]
    fn errors_name_the_field() {
        for (body, parameter) in [
            ("", "body"),
            ("[]", "body"),
            ("{}", "status"),
            (r#"{"status":"503"}"#, "status"),
            (r#"{"status":70000}"#, "status"),
            (r#"{"status":503,"times":-1}"#, "times"),
            (r#"{"status":503,"times":1.5}"#, "times"),
            (r#"{"effect":"explode"}"#, "effect"),
            (r#"{"effect":"drop","status":503}"#, "status"),
            (r#"{"effect":"refuse","status":503}"#, "every"),
            (r#"{"status":503,"retry_after":-1}"#, "retry_after"),
            (r#"{"status":503,"bogus":1}"#, "bogus"),
        ] {
            assert_eq!(from_json(body.as_bytes()).unwrap_err().parameter(), Some(parameter), "{body}");
        }
    }

    #[test]
    fn form_leaves_out_empty_fields_and_the_token() {
        let pairs = [("effect", "status"), ("status", "503"), ("times", "2"), ("delay_ms", ""), ("token", "t")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(from_form(pairs.to_vec()), Ok(Fault::status(503).times(2)));
    }
}
