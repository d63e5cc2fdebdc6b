//! What opening says of things that are no session, or not one that can be read.

use std::rc::Rc;

use futures_executor::block_on;
use replayscope_zarr::Error;
use replayscope_zarr::array::{Array, ArrayError, Format2, format2_node, open_array, open_group};
use replayscope_zarr::source::{ByteSource, MemorySource};
use serde_json::{Value, json};

/// Metadata of a small float32 array, with some of its parts put in place of the usual ones.
pub fn metadata(parts: Value) -> Value {
    let mut node = json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": [4, 2],
        "data_type": "float32",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 2]}},
        "chunk_key_encoding": {"name": "default"},
        "fill_value": 0,
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    });
    let Value::Object(parts) = parts else { panic!("{parts}") };
    node.as_object_mut().unwrap().extend(parts);
    node
}

pub fn source(objects: &[(&str, &[u8])]) -> Rc<dyn ByteSource> {
    Rc::new(MemorySource::new(objects.iter().map(|(key, bytes)| ((*key).to_owned(), bytes.to_vec()))))
}

pub fn open(parts: Value) -> Result<Array, Error> {
    let node = metadata(parts).to_string();
    block_on(open_array(&source(&[("a/zarr.json", node.as_bytes())]), "a"))
}

/// The error, whose message holds all of the words and ends with where it is.
fn assert_error(error: Option<Error>, words: &[&str]) -> Error {
    let error = error.expect("an error");
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word}: {message}");
    }
    assert!(message.contains(" memory:") && !message.ends_with('.'), "no location at the end: {message}");
    error
}

#[test]
fn no_session_at_all() {
    let group = |objects: &[(&str, &[u8])]| {
        block_on(open_group(&Format2::over(source(objects), format2_node), "")).err()
    };
    assert!(matches!(group(&[]).unwrap(), Error::Array(ArrayError::Missing { .. })));
    assert_error(group(&[]), &["no zarr.json"]);
    assert_error(group(&[("zarr.json", b"<html>Please log in</html>")]), &["login page"]);
    assert_error(group(&[("zarr.json", b"{\"zarr_format\": 3, ")]), &["cannot be read as JSON", "line 1"]);
    assert_error(group(&[("zarr.json", b"{}")]), &["zarr_format"]);
    assert!(group(&[(".zgroup", b"{\"zarr_format\": 2}")]).is_none(), "a group of format 2");
    assert_error(group(&[(".zarray", b"{\"zarr_format\": 2}")]), &["`shape` is missing"]);
    assert_error(group(&[(".zgroup", b"{\"zarr_f")]), &["cannot be read as JSON"]);
    assert_error(group(&[("zarr.json", b"{\"zarr_format\": 2}")]), &["Zarr format 2"]);
    assert_error(group(&[("zarr.json", b"{\"zarr_format\": 4}")]), &["Zarr format 4"]);
    // A server that answers every address with its page has no format 2 session for that.
    assert!(matches!(group(&[(".zgroup", b"<html>")]).unwrap(), Error::Array(ArrayError::Missing { .. })));
    let node = metadata(json!({})).to_string();
    assert_error(group(&[("zarr.json", node.as_bytes())]), &["one array, not a group", "one level up"]);
    let array = block_on(open_array(
        &source(&[("a/zarr.json", br#"{"zarr_format": 3, "node_type": "group"}"#)]),
        "a",
    ));
    assert_error(array.err(), &["a group, not an array"]);
}

#[test]
fn one_broken_array_does_not_close_the_group() {
    let node = json!({
        "zarr_format": 3, "node_type": "group",
        "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": {
            "good": metadata(json!({})),
            "inner": {"zarr_format": 3, "node_type": "group", "attributes": {}},
            "inner/good": metadata(json!({})),
            "shapeless": metadata(json!({"shape": "wide"})),
            "odd": 7,
        }},
    });
    let group = block_on(open_group(&source(&[("zarr.json", node.to_string().as_bytes())]), "")).unwrap();
    assert_eq!(
        group.arrays.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["good", "inner/good"]
    );
    let [(name, error)] = &group.unreadable[..] else { panic!("{:?}", group.unreadable) };
    assert_eq!(name, "shapeless");
    assert_error(Some(error.clone().into()), &["`shape` is \"wide\"", "zarr.json#shapeless"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let bytes = json!({"name": "bytes", "configuration": {"endian": "little"}});
    for (parts, words) in [
        (json!({"codecs": [bytes, {"name": "pcodec"}]}), ["`pcodec`", "Rewrite it once"]),
        (json!({"codecs": [bytes, {"name": "numcodecs.lzma"}]}), ["`numcodecs.lzma`", "zstd"]),
        (json!({"codecs": ["vlen-utf8"]}), ["`vlen-utf8`", "are"]),
        (json!({"data_type": "complex64"}), ["`complex64`", "float32"]),
        (
            json!({"data_type": {"name": "numpy.datetime64", "configuration": {"unit": "s"}}}),
            ["`numpy.datetime64`", "are"],
        ),
        (json!({"chunk_grid": {"name": "rectilinear", "configuration": {}}}), ["`rectilinear`", "regular"]),
        (json!({"chunk_key_encoding": {"name": "hashed"}}), ["`hashed`", "default"]),
        (json!({"storage_transformers": [{"name": "x"}]}), ["storage_transformers", "without it"]),
        (json!({"future": {"name": "x"}}), ["future", "without it"]),
        (
            json!({"shape": [], "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": []}}}),
            ["single number", "time"],
        ),
    ] {
        let error = assert_error(open(parts.clone()).err(), &words);
        assert!(matches!(error, Error::Array(ArrayError::Unsupported { .. })), "{parts}: {error:?}");
    }
    // What says that it may be ignored is.
    open(json!({"future": {"name": "x", "must_understand": false}})).unwrap();
    // The short spelling of Zarr 3.1.
    open(json!({"codecs": [bytes, "zstd"], "chunk_key_encoding": "v2"})).unwrap();
}

#[test]
fn what_is_not_valid_is_named() {
    let little = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let grid = |shape: Value| json!({"name": "regular", "configuration": {"chunk_shape": shape}});
    let sharding = |configuration: Value| json!({"codecs": [{"name": "sharding_indexed", "configuration": configuration}]});
    for (parts, word) in [
        (json!({"shape": [-1, 2]}), "`shape` is [-1, 2]"),
        (json!({"shape": [1.5]}), "`shape` is [1.5]"),
        (json!({"shape": vec![1; 33]}), "33 dimensions"),
        (json!({"chunk_grid": grid(json!([2]))}), "chunk_shape"),
        (json!({"chunk_grid": grid(json!([0, 2]))}), "[0, 2]"),
        (json!({"codecs": []}), "`bytes` is missing"),
        (json!({"codecs": ["zstd", little]}), "before `bytes`"),
        (json!({"codecs": ["bytes"]}), "endian"),
        (json!({"codecs": [{"name": "transpose", "configuration": {"order": [0, 0]}}, little]}), "[0, 0]"),
        (json!({"fill_value": "empty"}), "fill_value"),
        (json!({"dimension_names": ["time"]}), "dimension_names"),
        (json!({"attributes": {"scale_factor": "x"}}), "scale_factor"),
        (
            sharding(json!({"chunk_shape": [3, 2], "codecs": [little], "index_codecs": [little]})),
            "does not divide",
        ),
        (sharding(json!({"chunk_shape": [0, 2], "codecs": [little], "index_codecs": [little]})), "[0, 2]"),
        (sharding(json!({"chunk_shape": [1, 2], "codecs": [little]})), "index_codecs"),
    ] {
        let error = assert_error(open(parts.clone()).err(), &[word]);
        assert!(matches!(error, Error::Array(ArrayError::Metadata { .. })), "{parts}: {error:?}");
    }
}

#[test]
fn sizes_that_no_page_can_hold_are_refused_before_anything_is_read() {
    let grid = |shape: Value| json!({"name": "regular", "configuration": {"chunk_shape": shape}});
    let huge = u64::MAX;
    for shape in [json!([huge, huge]), json!([1 << 20, 1 << 20]), json!([1, 1 << 29])] {
        let error = open(json!({"shape": [huge, 2], "chunk_grid": grid(shape)})).err();
        assert_error(error, &["1073741824", "chunk(time=256)"]);
    }
    // Small chunks, but one chunk in time needs too many of them, or too much together.
    let chunks = json!({"shape": [100, 1 << 20], "chunk_grid": grid(json!([10, 1]))});
    assert_error(open(chunks).err(), &["1048576 pieces", "[10, 1]"]);
    let wide = json!({"shape": [1 << 20, 1 << 12], "chunk_grid": grid(json!([1 << 20, 1 << 6]))});
    assert_error(open(wide).err(), &["1048576 frames × 4096 bins"]);
    let index = json!({"name": "sharding_indexed", "configuration": {"chunk_shape": [1, 2],
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
        "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}]}});
    let shard = json!({"shape": [huge, 2], "chunk_grid": grid(json!([1_u64 << 60, 2])), "codecs": [index]});
    assert_error(open(shard).err(), &["A shard of [1152921504606846976, 1] chunks"]);
    // Any number of frames is fine: they are never in memory together.
    let long = open(json!({"shape": [huge, 2]})).unwrap();
    assert_eq!(long.chunks(), 1 << 63);
    assert_eq!(long.frames_of(long.chunks() - 1), huge - 1..huge);
}

#[test]
fn an_array_without_frames_or_bins() {
    let none = open(json!({"shape": [0, 2]})).unwrap();
    assert_eq!((none.frames(), none.chunks(), none.width()), (0, 0, 2));
    let error = block_on(none.fetch(0)).unwrap_err();
    assert!(matches!(error, Error::Array(ArrayError::NoSuchChunk { chunks: 0, .. })));
    let narrow = open(
        json!({"shape": [4, 0], "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 0]}}}),
    );
    let narrow = narrow.unwrap();
    let decoded = narrow.decode(&block_on(narrow.fetch(1)).unwrap()).unwrap();
    assert_eq!((decoded.values.bins(), decoded.frames), (0, 2..4));
}
