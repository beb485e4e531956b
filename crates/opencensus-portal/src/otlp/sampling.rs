//! The sampling rate that a client states.

use crate::otlp::attributes::Attributes;

/// Takes the rate in per cent from the attributes of Microsoft's samplers, else reads the threshold of OpenTelemetry's
/// consistent sampling.
pub(super) fn take_rate(attributes: &mut Attributes, trace_state: &str) -> Option<f64> {
    let texts = ["microsoft.sample_rate", "_MS.sampleRate"].map(|key| attributes.remove(key));
    let stated = texts.into_iter().flatten().find_map(|value| match value {
        serde_json::Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    });
    stated.filter(|rate| *rate > 0.0 && *rate <= 100.0).or_else(|| rate_of(trace_state))
}

/// The rate of a trace state such as `other=1,ot=th:c;rv:8f`: `c` is the threshold 0xc0000000000000 of 2^56, so that a
/// quarter of all traces is sampled.
fn rate_of(trace_state: &str) -> Option<f64> {
    let entry = trace_state.split(',').find_map(|entry| entry.trim().strip_prefix("ot="))?;
    let digits = entry.split(';').find_map(|field| field.trim().strip_prefix("th:"))?;
    let is_valid = (1..=14).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let digits = format!("{:0<14}", is_valid.then_some(digits)?);
    let rejected = u64::from_str_radix(&digits, 16).ok()?;
    let all = 1_u64 << 56;
    Some((all - rejected) as f64 / all as f64 * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use serde_json::json;

    #[test]
    fn threshold_of_the_trace_state_is_a_rate() {
        for (trace_state, rate) in [
            ("ot=th:c", Some(25.0)),
            ("vendor=x, ot=rv:8f;th:8", Some(50.0)),
            ("ot=th:0", Some(100.0)),
            ("ot=th:ffffffffffffff", Some(100.0 / (1_u64 << 56) as f64)),
            ("ot=rv:c", None),
            ("ot=th:", None),
            ("ot=th:+c", None),
            ("ot=th:000000000000000", None),
            ("other=th:c", None),
            ("", None),
        ] {
            assert_eq!(rate_of(trace_state), rate, "{trace_state}");
        }
    }

    #[test]
    fn attributes_of_microsoft_come_first_and_are_no_properties() {
        for (pairs, rate) in [
            (json!({"microsoft.sample_rate": 12.5}), Some(12.5)),
            (json!({"_MS.sampleRate": 50, "microsoft.sample_rate": "x"}), Some(50.0)),
            (json!({"microsoft.sample_rate": 0}), Some(25.0)),
            (json!({"microsoft.sample_rate": 101}), Some(25.0)),
            (json!({}), Some(25.0)),
        ] {
            let mut attributes = Attributes::new(list(pairs));
            assert_eq!(take_rate(&mut attributes, "ot=th:c"), rate);
            assert!(attributes.into_properties().is_empty());
        }
    }
}
