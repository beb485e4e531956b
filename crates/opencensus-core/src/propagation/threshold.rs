//! OpenTelemetry's rejection threshold, which expresses a sampling rate in `tracestate` ([probability
//! sampling][otel]).
//!
//! [otel]: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/

use crate::hex;
use crate::propagation::trace_state_member::MAX_VALUE;
use crate::sampling_rate::SamplingRate;

/// The key of OpenTelemetry's member.
pub(super) const OTEL_KEY: &str = "ot";
/// The sub-key of the threshold in that member.
pub(super) const THRESHOLD: &str = "th:";

/// The sampling probability that OpenTelemetry's member `value` expresses; between 0 (excluded) and 1.
pub(super) fn probability(value: &str) -> Option<f64> {
    from_digits(value.split(';').find_map(|pair| pair.strip_prefix(THRESHOLD))?)
}

/// OpenTelemetry's member `value` with the threshold of this rate in front. Sub-keys that do not fit any
/// more are removed: the rate is needed by every receiver.
pub(super) fn set(value: &str, rate: SamplingRate) -> String {
    let mut member = format!("{THRESHOLD}{}", to_digits(rate));
    for pair in value.split(';').filter(|pair| !pair.is_empty() && !pair.starts_with(THRESHOLD)) {
        if member.len() + 1 + pair.len() <= MAX_VALUE {
            member.extend([";", pair]);
        }
    }
    member
}

/// OpenTelemetry's member `value` without the threshold. `None`: nothing is left.
pub(super) fn remove(value: &str) -> Option<String> {
    let kept: Vec<_> = value.split(';').filter(|pair| !pair.starts_with(THRESHOLD)).collect();
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// The digits that the threshold of this rate has, in a buffer.
pub(super) fn digits(rate: SamplingRate) -> ([u8; 14], usize) {
    let threshold = rate.threshold().min((1 << 56) - 1).to_be_bytes();
    let digits = hex::encode(&threshold[1..]);
    let length = digits.iter().rposition(|digit| *digit != b'0').map_or(1, |last| last + 1);
    (digits, length)
}

/// Hexadecimal digits without trailing zeros, but at least one.
fn to_digits(rate: SamplingRate) -> String {
    // 14 digits cannot express that every trace is rejected.
    let digits = format!("{:014x}", rate.threshold().min((1 << 56) - 1));
    let shortest = digits.trim_end_matches('0');
    if shortest.is_empty() { "0".to_owned() } else { shortest.to_owned() }
}

/// Reads 1 to 14 hexadecimal digits, padded with zeros on the right.
fn from_digits(digits: &str) -> Option<f64> {
    const WHOLE: u64 = 1 << 56;
    let is_lower_case = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if digits.is_empty() || digits.len() > 14 || !is_lower_case {
        return None;
    }
    let threshold = u64::from_str_radix(digits, 16).ok()? << (4 * (14 - digits.len()));
    Some((WHOLE - threshold) as f64 / WHOLE as f64)
}
