//! Walks through an encoded protobuf message without decoding it.
//!
//! An empty element of a list takes two bytes of a body, and a hundred times as many when it is decoded. So lists are
//! walked through, and their elements decoded one by one.

/// The body is not a protobuf message.
#[derive(Debug, PartialEq)]
pub(super) struct Malformed;

/// The fields of a message that hold bytes, texts or messages: their numbers and contents. Others are skipped.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = Result<(u64, &[u8]), Malformed>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            match field(&mut rest) {
                Some(Some(field)) => return Some(Ok(field)),
                Some(None) => {}
                None => {
                    rest = &[];
                    return Some(Err(Malformed));
                }
            }
        }
        None
    })
}

/// Reads a field. The inner `None` is a field that is skipped, the outer one a malformed field.
fn field<'a>(rest: &mut &'a [u8]) -> Option<Option<(u64, &'a [u8])>> {
    let key = varint(rest)?;
    let number = key >> 3;
    match key & 7 {
        _ if number == 0 => None,
        0 => varint(rest).map(|_| None),
        1 => take(rest, 8).map(|_| None),
        2 => {
            let length = varint(rest)?.try_into().ok()?;
            take(rest, length).map(|content| Some((number, content)))
        }
        5 => take(rest, 4).map(|_| None),
        // Groups: OTLP has none.
        _ => None,
    }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (content, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_found_between_fields_of_other_types() {
        let message = [
            [0x08, 0x96, 0x01].as_slice(),
            &[0x12, 0x02, b'a', b'b'],
            &[0x19, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0x25, 1, 2, 3, 4],
            &[0x2A, 0x00],
        ];
        let fields: Result<Vec<_>, _> = fields(&message.concat()).map(|field| field.map(owned)).collect();
        assert_eq!(fields.unwrap(), [(2, b"ab".to_vec()), (5, Vec::new())]);
    }

    fn owned((number, content): (u64, &[u8])) -> (u64, Vec<u8>) {
        (number, content.to_vec())
    }

    #[test]
    fn truncated_fields_groups_and_long_lengths_are_malformed() {
        for message in [
            [0x12, 0x02, b'a'].as_slice(),
            &[0x12],
            &[0x08],
            &[0x19, 1],
            &[0x0B, 0x0C],
            &[0x02, 0x00],
            &[0xFF; 11],
            &[0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        ] {
            assert_eq!(fields(message).last(), Some(Err(Malformed)), "{message:?}");
        }
    }
}
