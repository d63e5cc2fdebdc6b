//! `view`: what files are to each other, what of them is served, and what is not, over HTTP.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use replayscope_cli::serve::Server;
use replayscope_cli::view::{View, ViewOptions, view};
use serde_json::{Value, json};

use common::{Running, start_selection, write_environment, write_npy};

/// Three folders: an array and its stamps, an environment of 3 × 2 bins, and a secret beside each.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["decode", "maze", "tracking"] {
            fs::create_dir(home.at(folder)).unwrap();
            fs::write(home.at(folder).join("secret.txt"), "secret").unwrap();
        }
        let floats = |count: usize| (0..count).flat_map(|i| (i as f32).to_le_bytes()).collect::<Vec<u8>>();
        let doubles = |count: usize| (0..count).flat_map(|i| (i as f64).to_le_bytes()).collect::<Vec<u8>>();
        write_npy(&home.at("decode/posterior.npy"), "<f4", false, "(10, 6)", &floats(60));
        write_npy(&home.at("decode/time.npy"), "<f8", false, "(10,)", &doubles(10));
        write_npy(&home.at("decode/speed.npy"), "<f8", false, "(10,)", &[0; 80]);
        write_npy(&home.at("tracking/position.npy"), "<f8", false, "(10, 2)", &doubles(20));
        write_environment(&home.at("maze"), 3, 2);
        home
    }

    fn at(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn view(&self, paths: &[&str], rate: Option<f64>) -> View {
        self.try_view(paths, rate).unwrap()
    }

    fn try_view(&self, paths: &[&str], rate: Option<f64>) -> Result<View, replayscope_cli::error::CliError> {
        view(&ViewOptions { paths: paths.iter().map(|path| self.at(path)).collect(), rate })
    }

    fn refusal(&self, paths: &[&str]) -> String {
        self.try_view(paths, None).unwrap_err().to_string()
    }
}

fn session(server: &Running) -> &str {
    server.url.split_once("?session=").unwrap().1
}

fn document(server: &Running) -> Value {
    let answer = server.get("/data/session.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    serde_json::from_slice(&answer.body).unwrap()
}

/// Whole and in part, as it is on disk.
fn is_served(server: &Running, url: &str, path: &Path) {
    let stored = fs::read(path).unwrap();
    assert_eq!(server.get(url).body, stored, "{url}");
    let part = server.ask("GET", url, "Range: bytes=3-7\r\n");
    assert_eq!((part.status, part.body.as_slice()), (206, &stored[3..=7]), "{url}");
    assert_eq!(server.ask("HEAD", url, "").header("content-length"), Some(&*stored.len().to_string()));
}

#[test]
fn files_of_several_folders_are_one_session() {
    let home = Home::new();
    let files =
        ["decode/posterior.npy", "maze/env.json", "maze/env.npz", "decode/time.npy", "tracking/position.npy"];
    let found = home.view(&files, None);
    assert_eq!(found.notes, [""; 0]);
    let server = start_selection(found.selection);
    assert_eq!(server.url, format!("http://{}/?session=data/session.json", server.address));
    assert_eq!(server.get("/").status, 200);
    assert_eq!(
        document(&server),
        json!({
            "version": 1,
            "fields": [{"name": "posterior", "array": "posterior.npy"}],
            "environment": "env.json",
            "time": {"array": "time.npy"},
            "overlays": [{"type": "position", "name": "position", "array": "position.npy", "time": {"array": "time.npy"}}],
        })
    );
    for file in files {
        is_served(&server, &format!("/data/{}", file.split_once('/').unwrap().1), &home.at(file));
    }
    for path in [
        "/data/secret.txt",
        "/data/speed.npy",
        "/data/decode/posterior.npy",
        "/data/../secret.txt",
        "/data",
        "/data/",
        "/data/posterior.npy/secret.txt",
        "/data/posterior.npy/..%2fsecret.txt",
        "/posterior.npy",
        "/etc/passwd",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn other_hosts_and_origins_get_nothing() {
    let server =
        start_selection(Home::new().view(&["decode/posterior.npy", "maze/env.json"], None).selection);
    let raw = |head: &str| server.raw(&format!("{head}\r\nConnection: close\r\n\r\n")).status;
    assert_eq!(raw("GET /data/session.json HTTP/1.1\r\nHost: localhost"), 200);
    assert_eq!(raw("GET /data/session.json HTTP/1.1\r\nHost: evil.example"), 421);
    let answer = server.ask("GET", "/data/session.json", "Origin: https://evil.example\r\n");
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
    assert_eq!(server.ask("POST", "/data/session.json", "").status, 405);
}

#[test]
fn a_document_says_no_more_than_the_files() {
    let home = Home::new();
    let files = ["decode/posterior.npy", "maze/env.json"];
    let server = start_selection(home.view(&files, None).selection);
    assert_eq!(document(&server).get("time"), None);
    // The environment's arrays come with it.
    is_served(&server, "/data/env.npz", &home.at("maze/env.npz"));

    let rated = home.view(&["decode/posterior.npy", "maze/env.json", "tracking/position.npy"], Some(250.0));
    let server = start_selection(rated.selection);
    assert!(server.url.ends_with("/?session=data/session.json&rate=250"), "{}", server.url);
    let document = document(&server);
    assert_eq!(document["time"], json!({"start": 0.0, "rate": 250.0}));
    assert_eq!(document["overlays"][0]["time"], document["time"]);

    // Neither of these is the time of ten frames.
    let found = home
        .view(&["decode/posterior.npy", "maze/env.json", "decode/speed.npy", "tracking/position.npy"], None);
    assert!(
        found.notes[0].contains("position.npy is left out") && found.notes[0].contains("10"),
        "{:?}",
        found.notes
    );
    write_npy(&home.at("decode/time.npy"), "<i8", false, "(3,)", &[0; 24]);
    let found = home.view(&["decode/posterior.npy", "maze/env.json", "decode/time.npy"], None);
    assert!(found.notes[0].contains("[3]") && found.notes[0].contains("10 frames"), "{:?}", found.notes);
    let found = home.view(&["decode/posterior.npy", "decode/time.npy"], None);
    assert!(found.notes.iter().any(|note| note.contains("environment")), "{:?}", found.notes);
}

#[test]
fn one_file_is_its_own_session() {
    let home = Home::new();
    for (name, head) in [("results.nc", b"\x89HDF\r\n\x1a\n"), ("a b.zarr.zip", b"PK\x03\x04zarr")] {
        fs::write(home.at("decode").join(name), head).unwrap();
        let found = home.view(&[&format!("decode/{name}")], Some(0.5));
        let server = start_selection(found.selection);
        let url = name.replace(' ', "%20");
        assert_eq!(session(&server), format!("data/{url}&rate=0.5"));
        assert_eq!(server.get(&format!("/data/{url}")).body, head);
        assert_eq!(server.get("/data/time.npy").status, 404);
    }
    // A lone array needs what the viewer looks for beside it.
    for name in ["env.json", "env.npz"] {
        fs::copy(home.at("maze").join(name), home.at("decode").join(name)).unwrap();
    }
    let server = start_selection(home.view(&["decode/posterior.npy"], None).selection);
    assert_eq!(session(&server), "data/posterior.npy");
    for name in ["posterior.npy", "env.json", "env.npz", "time.npy"] {
        is_served(&server, &format!("/data/{name}"), &home.at("decode").join(name));
    }
    assert_eq!(server.get("/data/speed.npy").status, 404);
}

#[test]
fn a_document_brings_what_it_refers_to_below_its_folder() {
    let home = Home::new();
    fs::create_dir_all(home.at("decode/maps/deep.zarr/lfp")).unwrap();
    fs::write(home.at("decode/maps/deep.zarr/lfp/zarr.json"), "{\"zarr_format\": 3}").unwrap();
    for name in ["env.json", "env.npz"] {
        fs::copy(home.at("maze").join(name), home.at("decode/maps").join(name)).unwrap();
    }
    let written = json!({
        "version": 1,
        "environment": "maps/env.json",
        "time": {"array": "./time.npy"},
        "fields": [
            {"name": "p", "array": "posterior.npy"}, {"name": "l", "array": "maps/deep.zarr#lfp"},
            {"name": "w", "array": "https://host/x.zarr#p"},
        ],
        "overlays": [
            {"type": "position", "name": "rat", "array": "../tracking/position.npy", "time": {"start": 0, "rate": 50}},
            {"type": "position", "name": "cat", "array": "cat.npy", "time": {"start": 0, "rate": 50}},
            {"type": "position", "name": "all", "array": ".", "time": {"start": 0, "rate": 50}},
        ],
    });
    fs::write(home.at("decode/session.json"), written.to_string()).unwrap();
    for path in ["decode/session.json", "decode"] {
        let found = home.view(&[path], None);
        assert_eq!(found.selection.sessions(), ["data/session.json"], "{path}");
        let reported = found.notes.join("\n");
        assert!(
            reported.contains("../tracking/position.npy, which lies outside") && reported.contains("cat.npy"),
            "{reported}"
        );
        let server = start_selection(found.selection);
        for name in [
            "session.json",
            "posterior.npy",
            "time.npy",
            "maps/env.json",
            "maps/env.npz",
            "maps/deep.zarr/lfp/zarr.json",
        ] {
            is_served(&server, &format!("/data/{name}"), &home.at("decode").join(name));
        }
        for path in
            ["/data/secret.txt", "/data/position.npy", "/data/tracking/position.npy", "/data/./secret.txt"]
        {
            assert_eq!(server.get(path).status, 404, "{path}");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_lead_where_a_person_said() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    let group = home.at("decode/a.zarr");
    fs::create_dir(&group).unwrap();
    fs::write(group.join(".zgroup"), "{\"zarr_format\": 2}").unwrap();
    symlink(home.at("maze/secret.txt"), group.join("0.0")).unwrap();
    symlink(home.at("maze/env.json"), home.at("decode/environment.json")).unwrap();
    symlink(home.at("decode/posterior.npy"), home.at("tracking/mine.npy")).unwrap();
    let server = start_selection(home.view(&["decode/a.zarr"], None).selection);
    assert_eq!(session(&server), "data/a.zarr");
    assert_eq!(server.get("/data/a.zarr/.zgroup").status, 200);
    assert_eq!(server.get("/data/a.zarr/0.0").status, 404);
    // Beside an array: found and not named.
    let server = start_selection(home.view(&["decode/posterior.npy"], None).selection);
    assert_eq!(server.get("/data/environment.json").status, 404);
    // Named: meant.
    let server =
        start_selection(home.view(&["tracking/mine.npy", "decode/environment.json"], None).selection);
    is_served(&server, "/data/mine.npy", &home.at("decode/posterior.npy"));
    is_served(&server, "/data/environment.json", &home.at("maze/env.json"));
}

#[test]
fn a_folder_is_searched() {
    let home = Home::new();
    fs::create_dir_all(home.at("decode/day 2/b.zarr")).unwrap();
    fs::write(home.at("decode/day 2/b.zarr/zarr.json"), "{\"node_type\": \"group\"}").unwrap();
    fs::write(home.at("decode/results.nc"), b"\x89HDF\r\n\x1a\n").unwrap();
    fs::write(home.at("decode/about.json"), "{\"who\": \"me\"}").unwrap();
    let found = home.view(&["decode"], None);
    assert_eq!(found.selection.sessions(), ["data/session.json", "data/results.nc", "data/day%202/b.zarr"]);
    let server = start_selection(found.selection);
    assert_eq!(session(&server), "data/session.json");
    assert_eq!(server.sessions.len(), 3);
    assert_eq!(document(&server)["time"], json!({"array": "time.npy"}));
    assert_eq!(server.get("/data/day%202/b.zarr/zarr.json").status, 200);
    assert_eq!(server.get("/data/about.json").status, 404);
    assert_eq!(server.get("/data/secret.txt").status, 404);
}

#[test]
fn a_file_with_an_environment_is_a_document_of_both() {
    let home = Home::new();
    fs::write(home.at("decode/results.nc"), b"\x89HDF\r\n\x1a\n").unwrap();
    let server = start_selection(home.view(&["decode/results.nc", "maze/env.json"], None).selection);
    let document = document(&server);
    assert_eq!(document["fields"][0]["array"], "results.nc#posterior");
    assert_eq!(document["environment"], "env.json");
}

#[test]
fn refusals_name_what_was_found() {
    let home = Home::new();
    let missing = home.refusal(&["decode/nothing.npy"]);
    assert!(missing.contains("nothing.npy") && missing.contains("Check the path"), "{missing}");
    fs::create_dir(home.at("empty")).unwrap();
    assert!(home.refusal(&["empty"]).contains("it is empty"));
    let folder = home.refusal(&["maze"]);
    assert!(
        folder.contains("secret.txt") && folder.contains("env.json") && folder.contains("replayscope view"),
        "{folder}"
    );
    assert!(home.refusal(&["decode/secret.txt"]).contains("Supported are"));
    let environment = home.refusal(&["maze/env.json"]);
    assert!(
        environment.contains("an environment") && environment.contains("replayscope view posterior.npy"),
        "{environment}"
    );
    assert!(home.refusal(&["decode/time.npy"]).contains("[10]"));
    assert!(home.refusal(&["decode", "maze/env.json"]).contains("View it by itself"));

    write_npy(&home.at("maze/posterior.npy"), "<f4", false, "(1, 6)", &[0; 24]);
    let twice = home.refusal(&["decode/posterior.npy", "maze/posterior.npy"]);
    assert!(twice.contains("decode/posterior.npy") && twice.contains("maze/posterior.npy"), "{twice}");
    assert!(home.try_view(&["decode/posterior.npy", "decode/posterior.npy"], None).is_ok());

    fs::write(home.at("decode/old.nc"), b"CDF\x01aaaaaaa").unwrap();
    assert!(home.refusal(&["decode/old.nc"]).contains("NETCDF4"));
    fs::write(home.at("decode/cut.nc"), b"xxxxxxxx").unwrap();
    assert!(home.refusal(&["decode/cut.nc"]).contains("copy it again"));
    fs::create_dir(home.at("decode/x")).unwrap();
    fs::write(home.at("decode/x/.zarray"), "{}").unwrap();
    assert!(home.refusal(&["decode/x"]).contains("one Zarr array"));
    for rate in [0.0, -1.0, f64::NAN] {
        let refused = home.try_view(&["decode/posterior.npy"], Some(rate)).unwrap_err().to_string();
        assert!(refused.contains("--rate 500"), "{refused}");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let home = Home::new();
    let files = ["decode/posterior.npy", "maze/env.json"];
    let server = start_selection(home.view(&files, None).selection);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let again = Server::bind_selection(home.view(&files, None).selection, Some(server.address.port()));
    let refused = runtime.block_on(again).unwrap_err().to_string();
    assert!(refused.contains(&server.address.to_string()) && refused.contains("--port 0"), "{refused}");
}
