//! Makes a post from a recorded body: changes it once or several times, and compresses it.

use test_support::random::Random;

use crate::fuzz::bodies::Recorded;
use crate::fuzz::compression::compress;
use crate::fuzz::exchange::Post;
use crate::fuzz::json::replace_token;
use crate::fuzz::protobuf;

/// The next post.
pub(super) fn post(recorded: &[Recorded], random: &mut Random) -> Post {
    let first = random.pick(recorded);
    let (path, mut body) = (first.path, first.body.clone());
    for _ in 0..random.below(5) {
        match random.below(4) {
            0 => change_bytes(&mut body, &random.pick(recorded).body, random),
            _ if first.is_json() => replace_token(&mut body, random),
            _ => protobuf::change(&mut body, random),
        }
    }
    if first.is_json() && random.below(4) == 0 {
        change_separators(&mut body, random);
    }
    let (encoding, body) = compress(body, random);
    // A client may mistake one format for the other.
    let content_type = if random.below(50) == 0 { random.pick(recorded) } else { first }.content_type;
    Post { path, headers: format!("content-type: {content_type}\r\n{encoding}"), body }
}

/// Changes that do not follow any structure. `other` is another body.
fn change_bytes(body: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let (start, end) = range(body.len(), random);
    match random.below(9) {
        0 => body.truncate(start),
        1 => drop(body.drain(start..end)),
        2 => body.extend_from_within(start..end),
        3 => {
            let (from, to) = range(other.len(), random);
            body.splice(start..start, other[from..to].iter().copied());
        }
        4 => body.extend_from_slice(other),
        5 => drop(body.splice(start..start, [0xFF; 10])),
        6 => drop(body.splice(start..start, [0xC3, 0x28, 0xED, 0xA0, 0x80])),
        _ => (0..=random.below(16)).for_each(|_| flip(body, random)),
    }
}

/// A short range within a length.
fn range(length: usize, random: &mut Random) -> (usize, usize) {
    let start = random.below(length + 1);
    (start, (start + random.below(200)).min(length))
}

fn flip(body: &mut [u8], random: &mut Random) {
    if !body.is_empty() {
        let at = random.below(body.len());
        body[at] ^= 1 << random.below(8);
    }
}

/// Changes what separates items, or what surrounds them.
fn change_separators(body: &mut Vec<u8>, random: &mut Random) {
    match random.below(9) {
        0 => body.iter_mut().filter(|byte| **byte == b',').for_each(|byte| *byte = b'\n'),
        1 => body.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b','),
        2 => *body = [b"[", body.as_slice(), b"]"].concat(),
        3 => *body = [b"\xEF\xBB\xBF \r\n\t", body.as_slice()].concat(),
        4 => drop(body.pop()),
        5 => body.iter().position(|byte| *byte == b'[').into_iter().for_each(|at| body[at] = b' '),
        6 => *body = String::from_utf8_lossy(body).encode_utf16().flat_map(u16::to_le_bytes).collect(),
        7 => *body = vec![body.as_slice(); 1 + random.below(20)].join(&b"\n"[..]),
        _ => {
            // More items than a post may have.
            let item = *random.pick(&["1", "{}", "[]", "\"\"", ""]);
            *body = [b"[", body.as_slice(), format!(",{item}").repeat(random.below(5000)).as_bytes(), b"]"].concat();
        }
    }
}
