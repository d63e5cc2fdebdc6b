//! What the browser does for the page instead of the standard library: JSON and the digits of numbers.
#![cfg(target_arch = "wasm32")]

use replayscope_json::Json;
use replayscope_json::number;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Bit patterns all over float64: subnormal ones, huge ones, both signs.
fn floats() -> impl Iterator<Item = f64> {
    let mut random = fastrand::Rng::with_seed(7);
    let some =
        [0.0, -0.0, 0.1, 1e21, 1e-7, 123_456_789.0, 5e-324, f64::MAX, f64::MIN_POSITIVE, 2.0_f64.powi(53)];
    let any = std::iter::repeat_with(move || f64::from_bits(random.u64(..)));
    some.into_iter().chain(any.filter(|number| number.is_finite()).take(20_000))
}

#[wasm_bindgen_test]
fn a_number_in_a_link_comes_back_to_the_last_bit() {
    for value in floats() {
        let text = number::text(value);
        let bits = value.to_bits();
        // JavaScript writes −0 as 0; for frames and times they are equal.
        let same = |read: f64| read.to_bits() == bits || (read == 0.0 && value == 0.0);
        assert!(number::parse(&text).is_some_and(same), "{text}");
        assert!(text.parse().is_ok_and(same), "{text} natively");
        assert_eq!(number::parse(&format!("{value:e}")).map(f64::to_bits), Some(bits), "{value:e}");
        let json = Json::parse(format!("{value:e}").as_bytes());
        assert_eq!(json.map(|json| json.as_f64().map(f64::to_bits)), Ok(Some(bits)), "{value:e}");
    }
    for bad in ["", "-", "e", ".", "1e", "--1", "1,5", "0x10", "inf", "Infinity", "NaN", "1 2", " ", "null"] {
        assert_eq!(number::parse(bad), None, "{bad}");
    }
}

#[wasm_bindgen_test]
fn json_is_read_as_natively() {
    let read = Json::parse(
        "\u{feff}{\"b\": [1, -2.5e3, null, true, \"é\\n\"], \"a\": {\"x\": NaN}, \"\": []} ".as_bytes(),
    );
    let list = vec![Json::Number(1.0), Json::Number(-2500.0), Json::Null, Json::Bool(true), "é\n".into()];
    let expected = Json::object([
        ("b", Json::Array(list)),
        ("a", Json::object([("x", "NaN".into())])),
        ("", Json::Array(Vec::new())),
    ]);
    assert_eq!(read, Ok(expected));
    for bad in [&b""[..], b"{\"a\": ", b"\xff\x00", b"<!doctype html>", b"{} {}"] {
        assert!(Json::parse(bad).is_err());
    }
}

#[wasm_bindgen_test]
fn nesting_without_end_is_an_error_and_no_crash() {
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    assert!(Json::parse(&nested(100)).is_ok());
    assert!(Json::parse(&nested(101)).is_err());
    assert!(Json::parse(&nested(100_000)).is_err());
    assert!(Json::parse(&b"[".repeat(100_000)).is_err());
}
