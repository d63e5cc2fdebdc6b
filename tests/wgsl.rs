//! Every shader is valid before a browser sees it.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::Path;

use naga::valid::{Capabilities, ValidationFlags, Validator};

#[test]
fn every_wgsl_file_is_valid() {
    // As the device gets them, with what they share (build.rs).
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
        // Nothing beyond what every WebGPU device has.
        Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(&text)));
        checked += 1;
    }
    assert_eq!(checked, 4, "shaders in {}", folder.display());
}
