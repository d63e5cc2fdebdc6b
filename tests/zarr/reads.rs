//! What crosses the network: how many reads, of what, in which order, and what happens when they fail.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;

use futures_executor::block_on;
use futures_util::future::{FutureExt, LocalBoxFuture, join, pending, poll_immediate};
use replayscope_zarr::Error;
use replayscope_zarr::array::{Array, ArrayError, open_array};
use replayscope_zarr::source::{ByteSource, MemorySource, SourceError, Span};
use serde_json::{Value, json};

use crate::common::{files, fixture};
use crate::metadata::metadata;

/// Objects in memory whose reads take a turn of the executor each, can be made to fail or to hang, and are logged.
struct Slow {
    objects: MemorySource,
    /// How many of the next reads fail, and how.
    failing: RefCell<Vec<SourceError>>,
    hanging: Cell<bool>,
}

impl ByteSource for Slow {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        let hanging = self.hanging.get();
        let bytes = self.objects.read(key, span);
        let failure = self.failing.borrow_mut().pop();
        async move {
            if hanging {
                pending::<()>().await;
            }
            turn().await;
            failure.map_or(bytes.await, Err)
        }
        .boxed_local()
    }

    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        self.objects.size(key)
    }

    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        self.objects.open(reference)
    }

    fn location(&self, key: &str) -> String {
        self.objects.location(key)
    }
}

/// Gives way to other futures once.
async fn turn() {
    let mut waited = false;
    std::future::poll_fn(move |context| {
        if waited {
            return std::task::Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// One array of `codecs.zarr`, on its own, and the log of its reads since it was opened.
struct Watched {
    array: Array,
    source: Rc<Slow>,
    opened: usize,
}

impl Watched {
    fn new(name: &str) -> Self {
        Self::of(files(&fixture("zarr/codecs.zarr").join(name)))
    }

    fn of(objects: Vec<(String, Vec<u8>)>) -> Self {
        let objects = MemorySource::new(objects);
        let source = Rc::new(Slow { objects, failing: RefCell::default(), hanging: Cell::default() });
        let array = block_on(open_array(&(source.clone() as Rc<dyn ByteSource>), "")).unwrap();
        assert_eq!(source.objects.reads(), [("zarr.json".to_owned(), Span::Whole)]);
        Self { array, source, opened: 1 }
    }

    fn fetch(&mut self, chunk: u64) -> Vec<(String, Span)> {
        block_on(self.array.fetch(chunk)).unwrap();
        self.since()
    }

    fn since(&mut self) -> Vec<(String, Span)> {
        let reads = self.source.objects.reads();
        reads[std::mem::replace(&mut self.opened, reads.len())..].to_vec()
    }

    fn fail(&self, failures: &[SourceError]) {
        self.source.failing.replace(failures.iter().rev().cloned().collect());
    }
}

fn ranges(reads: &[(String, Span)]) -> Vec<(&str, Option<u64>)> {
    let len = |span: &Span| match span {
        Span::Whole => None,
        Span::Range(range) => Some(range.end - range.start),
    };
    reads.iter().map(|(key, span)| (key.as_str(), len(span))).collect()
}

/// Three pieces of 16 bytes, and a crc32c.
const INDEX: u64 = 3 * 16 + 4;

#[test]
fn a_chunk_that_is_an_object_is_one_read() {
    let mut array = Watched::new("zstd");
    assert_eq!(array.fetch(2), [("c/2/0".to_owned(), Span::Whole)]);
    assert_eq!(array.fetch(0), [("c/0/0".to_owned(), Span::Whole)]);
    let mut missing = Watched::new("holes");
    assert_eq!(missing.fetch(1), [("c/1/0".to_owned(), Span::Whole)]);
}

#[test]
fn an_index_at_the_start_costs_one_range_more_on_first_touch() {
    let mut array = Watched::new("shards_start");
    let first = array.fetch(1);
    assert_eq!(first[0], ("c/0/0".to_owned(), Span::Range(0..INDEX)));
    assert_eq!((first.len(), first[1].0.as_str()), (2, "c/0/0"));
    assert_eq!(array.fetch(0).len(), 1);
    assert_eq!(array.fetch(1).len(), 1);
    let second = array.fetch(3);
    assert_eq!(second[0], ("c/1/0".to_owned(), Span::Range(0..INDEX)));
    assert_eq!((second.len(), array.fetch(5).len()), (2, 1));
}

#[test]
fn an_index_at_the_end_costs_its_size_and_one_range_more() {
    let mut array = Watched::new("shards_end");
    let first = array.fetch(1);
    assert_eq!(first[0], ("c/0/0".to_owned(), Span::Range(0..0)), "the size");
    assert_eq!(ranges(&first)[1], ("c/0/0", Some(INDEX)));
    assert_eq!((first.len(), array.fetch(2).len()), (3, 1));
}

#[test]
fn readers_of_one_shard_share_its_index() {
    let mut array = Watched::new("shards_start");
    let (a, b) = block_on(join(array.array.fetch(0), array.array.fetch(2)));
    assert!(a.unwrap().is_stored() && b.unwrap().is_stored());
    let reads = array.since();
    assert_eq!(ranges(&reads).iter().filter(|(_, len)| *len == Some(INDEX)).count(), 1);
    assert_eq!(reads.len(), 3);
}

#[test]
fn a_reader_that_leaves_does_not_take_the_index_with_it() {
    let mut array = Watched::new("shards_start");
    {
        let mut fetch = pin!(array.array.fetch(0));
        assert!(block_on(poll_immediate(&mut fetch)).is_none());
    }
    assert!(block_on(array.array.fetch(2)).unwrap().is_stored());
    assert_eq!(array.since().len(), 2);
    // Nor does one that is dropped before another that waits with it.
    let array = Watched::new("shards_start");
    let both = block_on(async {
        let mut first = Box::pin(array.array.fetch(0));
        assert!(poll_immediate(&mut first).await.is_none());
        let second = array.array.fetch(1);
        let first = async move {
            turn().await;
            drop(first);
        };
        join(first, second).await.1
    });
    assert!(both.unwrap().is_stored());
}

#[test]
fn a_failed_index_is_read_again() {
    let mut array = Watched::new("shards_start");
    let busy = SourceError::Status { status: 503, retry_after: None, location: "memory:c/0/0".to_owned() };
    array.fail(std::slice::from_ref(&busy));
    let (a, b) = block_on(join(array.array.fetch(0), array.array.fetch(1)));
    assert_eq!(a.unwrap_err(), Error::from(busy.clone()));
    assert_eq!(b.unwrap_err(), Error::from(busy.clone()));
    array.since();
    assert_eq!(array.fetch(0).len(), 2);
    // A piece that fails leaves the index where it is.
    array.fail(std::slice::from_ref(&busy));
    assert_eq!(block_on(array.array.fetch(1)).unwrap_err(), Error::from(busy));
    array.since();
    assert_eq!(array.fetch(1).len(), 1);
}

#[test]
fn a_missing_shard_is_asked_for_once() {
    for (name, cost) in [("shard_holes_start", 1), ("shard_holes_end", 1)] {
        let mut array = Watched::new(name);
        assert_eq!(array.fetch(4).len(), cost, "{name}");
        assert_eq!(array.fetch(5).len(), 0, "{name}");
        assert_eq!(array.fetch(3).len(), 0, "{name}");
        let encoded = block_on(array.array.fetch(3)).unwrap();
        assert!(!encoded.is_stored() && encoded.is_empty());
        // In the shard that is there, chunk 1 is not.
        array.fetch(0);
        assert_eq!(array.fetch(1).len(), 0, "{name}");
    }
}

#[test]
fn a_refusal_is_no_missing_chunk() {
    let refused = SourceError::Forbidden { status: 403, location: "memory:c/0/0".to_owned() };
    for name in ["zstd", "shards_start", "cut_bins"] {
        let array = Watched::new(name);
        array.fail(std::slice::from_ref(&refused));
        assert_eq!(block_on(array.array.fetch(0)).unwrap_err(), Error::from(refused.clone()));
    }
}

#[test]
fn an_index_promises_only_what_is_there() {
    // The piece vanished between the index and the read: that is an error, not a missing chunk.
    let array = Watched::new("shards_start");
    block_on(array.array.fetch(0)).unwrap();
    array.fail(&[SourceError::NotFound { location: "memory:c/0/0".to_owned() }]);
    let error = block_on(array.array.fetch(0)).unwrap_err();
    assert!(matches!(error, Error::Source(SourceError::NotFound { .. })));
}

#[test]
fn cut_bins_are_read_together() {
    let mut objects = Watched::new("cut_bins");
    let reads = objects.fetch(1);
    assert_eq!(reads, (0..5).map(|i| (format!("c/1/{i}"), Span::Whole)).collect::<Vec<_>>());
    // In a shard the pieces lie close together: one range.
    let mut shard = Watched::new("shards_cut_start");
    assert_eq!((shard.fetch(0).len(), shard.fetch(1).len()), (2, 1));
    // No more than six at a time: what has been asked for before any answer came.
    let node = metadata(json!({"shape": [1, 20], "chunk_grid":
        {"name": "regular", "configuration": {"chunk_shape": [1, 1]}}}));
    let mut wide = Watched::of(vec![("zarr.json".to_owned(), node.to_string().into_bytes())]);
    wide.source.hanging.set(true);
    block_on(poll_immediate(pin!(wide.array.fetch(0))));
    assert_eq!(wide.since().len(), 6);
}

#[test]
fn indexes_are_kept_within_bounds() {
    // An index of 256 KiB: 64 of them are kept.
    let shards = 70_u64;
    let node = metadata(json!({
        "shape": [shards << 14, 1],
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1 << 14, 1]}},
        "codecs": [{"name": "sharding_indexed", "configuration": {
            "chunk_shape": [1, 1],
            "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
            "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
            "index_location": "start",
        }}],
    }));
    let mut array = Watched::of(vec![("zarr.json".to_owned(), node.to_string().into_bytes())]);
    let first_touch = |array: &mut Watched, shard: u64| array.fetch(shard << 14).len();
    for shard in 0..64 {
        assert_eq!(first_touch(&mut array, shard), 1);
    }
    assert_eq!(first_touch(&mut array, 0), 0);
    assert_eq!(first_touch(&mut array, 64), 1, "takes the place of shard 1, the longest unused");
    assert_eq!((first_touch(&mut array, 0), first_touch(&mut array, 1)), (0, 1));
}

/// `shards_start` with its first shard's bytes changed.
fn damaged(name: &str, change: impl Fn(&mut Vec<u8>)) -> Watched {
    let objects: BTreeMap<_, _> = files(&fixture("zarr/codecs.zarr").join(name)).into_iter().collect();
    let changed = objects.into_iter().map(|(key, mut bytes)| {
        if key == "c/0/0" {
            change(&mut bytes);
        }
        (key, bytes)
    });
    Watched::of(changed.collect())
}

fn error(array: &Watched, chunk: u64) -> Error {
    let decoded = block_on(array.array.fetch(chunk)).and_then(|encoded| array.array.decode(&encoded));
    decoded.expect_err("an error")
}

#[test]
fn a_damaged_chunk_names_itself_and_both_sums() {
    let array = damaged("crc32c", |bytes| bytes[7] ^= 1);
    let found = error(&array, 0);
    let Error::Array(ArrayError::Checksum { chunk: 0, codec: "crc32c", stored, computed, location }) = &found
    else {
        panic!("{found:?}")
    };
    assert!(stored != computed && location == "memory:c/0/0");
    let message = found.to_string();
    assert!(message.contains("Chunk 0") && message.contains(&format!("{stored:08x}")), "{message}");
    assert!(message.contains(&format!("{computed:08x}")) && message.ends_with("memory:c/0/0"), "{message}");
    assert!(block_on(array.array.fetch(1)).and_then(|encoded| array.array.decode(&encoded)).is_ok());
    // The checksums of zstd and gzip are checked as well.
    let zstd = damaged("zstd_checked", |bytes| *bytes.last_mut().unwrap() ^= 1);
    assert!(matches!(error(&zstd, 0), Error::Array(ArrayError::Checksum { codec: "zstd", .. })));
    let gzip = damaged("gzip", |bytes| {
        let at = bytes.len() - 8;
        bytes[at] ^= 1;
    });
    assert!(matches!(error(&gzip, 0), Error::Array(ArrayError::Checksum { codec: "gzip", .. })));
}

#[test]
fn a_chunk_of_another_size_is_an_error() {
    for name in ["raw", "zstd", "gzip", "blosc_lz4_shuffle"] {
        let empty = damaged(name, Vec::clear);
        assert!(matches!(error(&empty, 0), Error::Array(ArrayError::Corrupt { chunk: 0, .. })), "{name}");
        let cut = damaged(name, |bytes| bytes.truncate(bytes.len() / 2));
        assert!(matches!(error(&cut, 0), Error::Array(ArrayError::Corrupt { chunk: 0, .. })), "{name}");
    }
    let long = damaged("raw", |bytes| bytes.push(0));
    assert!(error(&long, 0).to_string().contains("1481 bytes where shape [10, 37] makes 1480"));
    // A bomb: the chunk as written, many times over.
    for name in ["zstd", "gzip"] {
        let bomb = damaged(name, |bytes| *bytes = bytes.repeat(1000));
        assert!(error(&bomb, 0).to_string().contains("more than"), "{name}");
    }
}

#[test]
fn a_damaged_index_is_told_apart() {
    let found = error(&damaged("shards_start", |bytes| bytes[0] ^= 1), 0);
    assert!(
        matches!(&found, Error::Array(ArrayError::ShardIndex { reason, .. }) if reason.contains("crc32c")),
        "{found:?}"
    );
    let short = error(&damaged("shards_end", |bytes| bytes.truncate(20)), 0);
    assert!(short.to_string().contains("20 bytes, fewer than the 52"), "{short}");
    // Without a checksum, only sense can be checked: `shards_plain_index` has its 48 bytes at the end.
    for (offset, len) in [(u64::MAX, 5), (5, u64::MAX), (1 << 40, 5), (0, 1 << 40), (0, 0), (0, 100_000)] {
        let array = damaged("shards_plain_index", |bytes| {
            let at = bytes.len() - 48 + 16;
            bytes[at..at + 8].copy_from_slice(&offset.to_le_bytes());
            bytes[at + 8..at + 16].copy_from_slice(&len.to_le_bytes());
        });
        let message = error(&array, 1).to_string();
        assert!(message.contains(&format!("chunk 1: entry 1 says {len} bytes at {offset}")), "{message}");
        assert!(message.ends_with("memory:c/0/0"), "{message}");
        assert!(block_on(array.array.fetch(0)).is_ok(), "its neighbour is as it was");
    }
    // At the start, a piece within the index cannot be.
    let objects = shard_with_plain_index_at_start([[0, 8], [32, 8]]);
    let array = Watched::of(objects);
    assert!(matches!(error(&array, 0), Error::Array(ArrayError::ShardIndex { .. })));
    assert!(block_on(array.array.fetch(1)).is_ok());
}

fn shard_with_plain_index_at_start(index: [[u64; 2]; 2]) -> Vec<(String, Vec<u8>)> {
    let little: Value = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let node = metadata(json!({
        "shape": [2, 2],
        "codecs": [{"name": "sharding_indexed", "configuration": {
            "chunk_shape": [1, 2], "codecs": [little], "index_codecs": [little], "index_location": "start",
        }}],
    }));
    let shard = index.iter().flatten().flat_map(|word| word.to_le_bytes()).chain([0; 16]).collect();
    vec![("zarr.json".to_owned(), node.to_string().into_bytes()), ("c/0/0".to_owned(), shard)]
}
