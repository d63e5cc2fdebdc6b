//! What the tests share: shared data, small inputs, and readers of what was written.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::AtomicBool;

use futures_executor::block_on;
use replayscope_cli::demo::{DemoOptions, demo};
use replayscope_cli::error::CliError;
use replayscope_cli::pack::PackOptions;
use replayscope_cli::serve::{Selection, ServeOptions, Server};
use replayscope_cli::session::{RegularTimes, Written};
use replayscope_cli::source;
use replayscope_cli::writer::{Pooling, Precision};
use replayscope_zarr::array::{Array, open_array};
use replayscope_zarr::source::ByteSource;

/// The folder of shared real data. `None` and a line that says so where it is missing; a failure with
/// `REPLAYSCOPE_REQUIRE_DATA=1`.
pub fn shared(below: &str) -> Option<PathBuf> {
    let root = std::env::var_os("REPLAYSCOPE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let path = root.join(below);
    if path.exists() {
        return Some(path);
    }
    let optional = std::env::var_os("REPLAYSCOPE_REQUIRE_DATA").is_none_or(|value| value != "1");
    assert!(optional, "{} is missing, and REPLAYSCOPE_REQUIRE_DATA=1", path.display());
    println!("not run: {} is missing", path.display());
    None
}

pub fn demo_options(output: &Path) -> DemoOptions {
    DemoOptions {
        output: output.to_path_buf(),
        seconds: 4.0,
        rate: 500.0,
        bins: [12, 10],
        seed: 7,
        precision: Precision::F32,
        pyramid: vec![Pooling::Max],
        force: false,
    }
}

/// A server on a free port, on a thread that ends with the test process.
pub struct Running {
    pub address: SocketAddr,
    pub url: String,
    pub sessions: Vec<String>,
}

/// A server of a folder, for this machine alone.
pub fn options(folder: &Path) -> ServeOptions {
    ServeOptions {
        folder: folder.to_path_buf(),
        bind: IpAddr::from([127, 0, 0, 1]),
        port: Some(0),
        allow_origins: Vec::new(),
        allow_hosts: Vec::new(),
    }
}

/// Serves until the test process ends.
pub fn start(options: ServeOptions) -> Running {
    run(async move || Server::bind(&options).await.unwrap())
}

/// Serves a selection until the test process ends.
pub fn start_selection(selection: Selection) -> Running {
    run(async move || Server::bind_selection(selection, Some(0)).await.unwrap())
}

fn run(bind: impl AsyncFnOnce() -> Server + Send + 'static) -> Running {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let server = bind().await;
            send.send((server.address(), server.url(), server.sessions())).unwrap();
            match server.run().await {}
        });
    });
    let (address, url, sessions) = receive.recv().unwrap();
    Running { address, url, sessions }
}

/// What the server said.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Running {
    /// Sends these exact lines and reads to the end.
    pub fn raw(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let host = self.address;
        self.raw(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }
}

pub fn run_demo(options: &DemoOptions) -> Written {
    demo(options, &AtomicBool::new(false), |_, _| {}).unwrap()
}

/// Every file below a folder with its bytes, sorted.
pub fn files(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Writes a `.npy`, version 1.
pub fn write_npy(path: &Path, descr: &str, fortran: bool, shape: &str, data: &[u8]) {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut file = fs::File::create(path).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.write_all(data).unwrap();
}

/// A neurospatial environment of `x` × `y` bins without a mask: `env.json`, and `env.npz` beside it.
pub fn write_environment(folder: &Path, x: usize, y: usize) -> PathBuf {
    let centers: Vec<f64> =
        (0..x * y).flat_map(|bin| [(bin / y) as f64 + 0.5, (bin % y) as f64 + 0.5]).collect();
    let member = |name: &str, descr: &str, shape: String, data: Vec<u8>| {
        let path = folder.join(format!("{name}.npy"));
        write_npy(&path, descr, false, &shape, &data);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        (format!("{name}.npy"), bytes)
    };
    let floats = |values: Vec<f64>| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let edges = |bins: usize| floats((0..=bins).map(|edge| edge as f64).collect());
    let members = [
        member("bin_centers", "<f8", format!("({}, 2)", x * y), floats(centers)),
        member("active_mask", "|b1", format!("({x}, {y})"), vec![1; x * y]),
        member("grid_edges_0", "<f8", format!("({},)", x + 1), edges(x)),
        member("grid_edges_1", "<f8", format!("({},)", y + 1), edges(y)),
    ];
    let mut npz = zip::ZipWriter::new(fs::File::create(folder.join("env.npz")).unwrap());
    for (name, bytes) in members {
        npz.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        npz.write_all(&bytes).unwrap();
    }
    npz.finish().unwrap();
    let json = serde_json::json!({
        "schema_version": "Environment-v1", "name": "box", "n_dims": 2, "n_bins": x * y,
        "layout_type": "RegularGrid", "units": "cm", "grid_shape": [x, y],
        "dimension_ranges": [[0, x], [0, y]], "graph": { "nodes": [] },
        "layout_parameters": { "positions": [[1, 2]], "bin_size": 1 },
    });
    fs::write(folder.join("env.json"), json.to_string()).unwrap();
    folder.join("env.json")
}

pub fn pack_options(input: &Path, environment: &Path, output: &Path) -> PackOptions {
    PackOptions {
        scale: None,
        input: input.to_path_buf(),
        also: Vec::new(),
        environment: Some(environment.to_path_buf()),
        polygons: None,
        clock: Some(RegularTimes { start: 0.0, rate: 500.0 }),
        name: Some("posterior".to_owned()),
        precision: None,
        pyramid: vec![Pooling::Max],
        force: false,
        output: output.to_path_buf(),
    }
}

pub fn pack(options: &PackOptions) -> Result<Written, CliError> {
    replayscope_cli::pack::pack(options, &AtomicBool::new(false), |_, _| {})
}

/// An array through the viewer's own reader.
pub fn open(session: &Path, name: &str) -> Array {
    let source: Rc<dyn ByteSource> = source::open(session.to_str().unwrap(), &[]).unwrap();
    block_on(open_array(&source, name)).unwrap()
}

/// All its values in C order, and whether every chunk is stored.
pub fn values(array: &Array) -> (Vec<f64>, bool) {
    let mut values = Vec::new();
    let mut stored = true;
    for chunk in 0..array.chunks() {
        let encoded = block_on(array.fetch(chunk)).unwrap();
        stored &= encoded.is_stored();
        values.extend(array.decode_f64(&encoded).unwrap().iter());
    }
    (values, stored)
}
