//! Mutations that follow the structure of protobuf: lengths, numbers and nested messages.

use test_support::random::Random;

/// Changes a message.
pub(super) fn change(body: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(body.len() + 1);
    match random.below(6) {
        // Lengths and tags that are too large, or have too many bytes.
        0 => drop(body.splice(at..at, [0xFF; 9])),
        1 => drop(body.splice(at..at, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F])),
        2 if at < body.len() => body[at] = *random.pick(&[0, 1, 0x7F, 0x80, 0xFF]),
        3 => body.extend(resource(nested(random))),
        4 => body.extend(resource(text(random))),
        _ => body.extend(resource(field(2, &vec![0xFF; random.below(9)]))),
    }
}

/// A field of a text or a message.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(content);
    bytes
}

/// The resource of the first list of each of the three requests, with an attribute of this value.
fn resource(value: Vec<u8>) -> Vec<u8> {
    let attribute = [field(1, b"service.name"), field(2, &value)].concat();
    field(1, &field(1, &field(1, &attribute)))
}

/// A value of lists or maps in lists or maps: mostly at the limit of a parser, rarely far beyond.
fn nested(random: &mut Random) -> Vec<u8> {
    let depth = if random.below(100) == 0 { 2000 } else { 1 + random.below(120) };
    let is_map = random.flag();
    (0..depth).fold(field(1, b"x"), |value, _| match is_map {
        true => field(6, &field(1, &[field(1, b"k"), field(2, &value)].concat())),
        false => field(5, &field(1, &value)),
    })
}

fn text(random: &mut Random) -> Vec<u8> {
    let characters = [&b"x"[..], "ü".as_bytes(), b"\xFF", b"\0", b"<script>"];
    field(1, &random.pick(&characters).repeat(random.below(20_000)))
}
