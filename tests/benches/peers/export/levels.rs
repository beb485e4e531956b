//! The curve of compression: processor time and bytes for every level of `zlib-rs`, and for this project's two settings.

use opencensus::azure::Compression;
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Strategy};

use crate::cases::{Cost, encode, exporter, records};
use crate::effort::Effort;
use crate::markdown::{Table, number};

const SIZE: usize = 512;

/// A way to compress, which returns the number of bytes.
type Way<'a> = (String, Box<dyn FnMut() -> usize + 'a>);

pub(crate) fn print(effort: Effort) {
    eprintln!("measuring: levels of compression");
    let [fast, best] = [Compression::Fast, Compression::Best].map(exporter);
    let batch = encode(&mut exporter(Compression::default()), records(SIZE).into_iter());
    let text = decompressed(&fast.body(&batch).expect("a body"));
    let mut ways: Vec<Way<'_>> = vec![
        ("`Compression::Fast`, the default".to_owned(), Box::new(|| fast.body(&batch).expect("a body").len())),
        ("`Compression::Best`".to_owned(), Box::new(|| best.body(&batch).expect("a body").len())),
    ];
    for config in configs() {
        let text = &text;
        ways.push((name(&config), Box::new(move || compressed(text, config))));
    }
    let mut times = vec![Vec::new(); ways.len()];
    let mut bytes = vec![0; ways.len()];
    let rounds = 2 * effort.rounds();
    for _ in 0..rounds {
        for (at, (_, way)) in ways.iter_mut().enumerate() {
            let cost = Cost::of_thread(way);
            times[at].push(cost.nanos);
            bytes[at] = cost.bytes;
        }
    }
    let method = format!(
        "A batch of {SIZE} requests, {} bytes of JSON an item. Processor time of the thread, the median of {rounds} \
         rounds in which the rows alternate. The rows of `zlib-rs` 0.6.8, a backend of flate2, get the JSON in one piece \
         and start with a new state, as an exporter does.",
        text.len() / SIZE
    );
    let mut table = Table::new("Compression: time and bytes an item", &method, &["compressor", "CPU, µs", "bytes"]);
    for (((name, _), mut times), bytes) in ways.iter().zip(times).zip(bytes) {
        times.sort_by(f64::total_cmp);
        let time = times[rounds / 2] / 1e3 / SIZE as f64;
        table.row([name.clone(), number(Some(time)), format!("{:.1}", bytes as f64 / SIZE as f64)]);
    }
    print!("{table}");
}

/// All levels; and what else matters at the levels 2 and 6.
fn configs() -> Vec<DeflateConfig> {
    let level = |level| DeflateConfig { level, window_bits: 15 + 16, ..DeflateConfig::default() };
    let mut configs: Vec<_> = (1..=9).map(level).collect();
    for of in [2, 6] {
        configs.push(DeflateConfig { strategy: Strategy::Filtered, ..level(of) });
        configs.push(DeflateConfig { mem_level: 9, ..level(of) });
        configs.push(DeflateConfig { window_bits: 12 + 16, ..level(of) });
    }
    configs.push(DeflateConfig { strategy: Strategy::HuffmanOnly, ..level(6) });
    configs
}

fn name(config: &DeflateConfig) -> String {
    let default = DeflateConfig::default();
    let mut name = format!("zlib-rs, level {}", config.level);
    if config.strategy != default.strategy {
        name += &format!(", strategy {:?}", config.strategy);
    }
    if config.mem_level != default.mem_level {
        name += &format!(", memory level {}", config.mem_level);
    }
    if config.window_bits != 31 {
        name += &format!(", window of 2^{} bytes", config.window_bits - 16);
    }
    name
}

fn compressed(text: &[u8], config: DeflateConfig) -> usize {
    let mut out = vec![0; text.len()];
    let mut deflate = Deflate::new_with_config(config);
    deflate.compress(text, &mut out, DeflateFlush::Finish).expect("it is compressed");
    deflate.total_out() as usize
}

fn decompressed(body: &[u8]) -> Vec<u8> {
    let mut text = vec![0; SIZE * 4096];
    let mut inflate = Inflate::new(true, 15 + 16);
    inflate.decompress(body, &mut text, InflateFlush::Finish).expect("gzip");
    text.truncate(inflate.total_out() as usize);
    text
}
