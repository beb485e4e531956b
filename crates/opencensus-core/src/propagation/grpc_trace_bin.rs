//! `grpc-trace-bin`, the binary format of OpenCensus (`BinaryFormatPropagator`), in Base64 as gRPC sends binary headers
//! ([encoding][spec]).
//!
//! [spec]: https://github.com/census-instrumentation/opencensus-specs/blob/master/encodings/BinaryEncoding.md

use crate::base64;
use crate::ids::{SpanId, TraceId};
use crate::propagation::{RemoteParent, TraceContext, TraceFlags};

/// Version, and three fields, each after its number: trace id, span id, options.
const LENGTH: usize = 29;

/// Parses the header as OpenCensus for Python does, which checks the length alone: the version and the numbers of the
/// fields may be any.
pub(super) fn parse(value: &[u8]) -> Option<RemoteParent> {
    let bytes: [u8; LENGTH] = base64::decode(value.trim_ascii())?.try_into().ok()?;
    let trace_id = TraceId::from_bytes(bytes[2..18].try_into().ok()?);
    let span_id = SpanId::from_bytes(bytes[19..27].try_into().ok()?);
    let flags = TraceFlags::NONE.with_sampled(bytes[28] & 1 == 1);
    let is_valid = trace_id.is_valid() && span_id.is_valid();
    is_valid.then(|| RemoteParent::new(TraceContext::new(trace_id, span_id, flags), None))
}

pub(super) fn to_header(context: TraceContext) -> String {
    let mut bytes = [0; LENGTH];
    bytes[2..18].copy_from_slice(&context.trace_id().to_bytes());
    bytes[18] = 1;
    bytes[19..27].copy_from_slice(&context.span_id().to_bytes());
    bytes[27] = 2;
    bytes[28] = u8::from(context.flags().is_sampled());
    base64::encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &[u8] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    // The bytes of OpenCensus for Python 0.11.4.
    #[test]
    fn header_is_read_and_written_as_opencensus_for_python_does() {
        let context = TraceContext::parse(CONTEXT).unwrap();
        let header = "AABL+S81d7NNpqPOkp0ODkc2AQDwZ6oLqQK3AgE";
        assert_eq!(to_header(context), header);
        for header in [header.to_owned(), format!("{header}="), format!(" {header} ")] {
            assert_eq!(parse(header.as_bytes()), Some(RemoteParent::new(context, None)), "{header}");
        }
        let other_numbers = "AQVL+S81d7NNpqPOkp0ODkc2BgDwZ6oLqQK3BwM=";
        assert_eq!(parse(other_numbers.as_bytes()), Some(RemoteParent::new(context, None)));
        let unsampled = parse(b"AABL+S81d7NNpqPOkp0ODkc2AQDwZ6oLqQK3AgI=").unwrap();
        assert!(!unsampled.context.flags().is_sampled() && unsampled.has_decided);
        for header in
            ["", "AABL", "AABL+S81d7NNpqPOkp0ODkc2AQDwZ6oLqQK3Ag==", "!ABL+S81d7NNpqPOkp0ODkc2AQDwZ6oLqQK3AgE"]
        {
            assert_eq!(parse(header.as_bytes()), None, "{header}");
        }
    }
}
