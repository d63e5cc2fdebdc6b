//! Validates every shader natively, before a browser compiles it.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::Path;

use naga::valid::{Capabilities, ValidationFlags, Validator};

#[test]
fn every_wgsl_file_is_valid() {
    // The device's version of each, with the code that it shares (build.rs).
    let folder = Path::new(env!("OUT_DIR"));
    let mut checked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wgsl") {
            continue;
        }
        let name = path.display();
        let text = fs::read_to_string(&path).unwrap();
        let module = naga::front::wgsl::parse_str(&text)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(&text)));
        // Without any capability that some WebGPU devices lack.
        Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(&text)));
        checked += 1;
    }
    assert_eq!(checked, 4, "shaders in {}", folder.display());
}
