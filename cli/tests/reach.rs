//! Which files a session on this machine may read: regular files in its own folder or named, links resolved. A note names other
//! hosts.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use replayscope_cli::info::info;
use replayscope_cli::range::range;
use replayscope_cli::serve::Server;
use replayscope_cli::view::{ViewOptions, view};
use replayscope_session::range::{EstimateRequest, Method};
use serde_json::{Value, json};

use common::{options, pack, pack_options, start, start_selection, write_environment, write_npy};

/// `lab/session.json` of an array in `raw/`, and an environment of 3 × 2 bins in `maze/`.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        for folder in ["lab", "raw", "maze"] {
            fs::create_dir(home.at(folder)).unwrap();
        }
        let values: Vec<u8> = (0..60).flat_map(|i| (i as f32 / 60.0).to_le_bytes()).collect();
        write_npy(&home.at("raw/posterior.npy"), "<f4", false, "(10, 6)", &values);
        write_environment(&home.at("maze"), 3, 2);
        home.document("../raw/posterior.npy");
        home
    }

    fn at(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// Writes the session's document, with that for its array.
    fn document(&self, array: &str) {
        let document = json!({
            "version": 1, "environment": "../maze/env.json", "time": {"start": 0, "rate": 500},
            "fields": [{"name": "posterior", "array": array}],
        });
        fs::write(self.at("lab/session.json"), document.to_string()).unwrap();
    }

    /// What `info`, `range` and `pack` each say of the session; nothing where it opens.
    fn said(&self, also: &[&str]) -> [String; 3] {
        let also: Vec<PathBuf> = also.iter().map(|path| self.at(path)).collect();
        let session = self.at("lab/session.json").to_str().unwrap().to_owned();
        let request = EstimateRequest { method: Method::Exact, seed: 0, user_limits: [None; 2] };
        let output = self.at("out.zarr");
        let mut options = pack_options(Path::new(&session), &self.at("maze/env.json"), &output);
        (options.also, options.force) = (also.clone(), true);
        [
            info(&session, &also).map_or_else(|error| error.to_string(), |report| report.problems.join("\n")),
            range(&session, &also, None, request).map_or_else(|error| error.to_string(), |_| String::new()),
            pack(&options).map_or_else(|error| error.to_string(), |_| String::new()),
        ]
    }
}

/// Fails where something is waited for for ever.
fn in_time<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = channel();
    std::thread::spawn(move || send.send(task()));
    receive.recv_timeout(Duration::from_secs(20)).expect("it should have ended")
}

#[test]
fn a_document_reaches_what_was_named_and_nothing_else() {
    let home = Home::new();
    for said in home.said(&[]) {
        assert!(said.contains("outside of the session's folder") && said.contains("--with "), "{said}");
        assert!(said.contains("maze") || said.contains("raw"), "{said}");
        assert!(!said.contains("CORS"), "{said}");
    }
    // The message names the next one.
    let said = home.said(&["maze"]);
    assert!(said.iter().all(|said| said.contains("raw/posterior.npy")), "{said:?}");
    for named in [["maze", "raw"], ["maze/../maze", "raw/posterior.npy"]] {
        assert_eq!(home.said(&named), [""; 3], "{named:?}");
    }
    assert!(home.said(&["maze", "raw", "gone"]).iter().all(|said| said.contains("gone")));

    // Links lead where they lead, and absolute paths too.
    symlink(home.at("raw/posterior.npy"), home.at("lab/inside.npy")).unwrap();
    symlink(home.at("raw"), home.at("lab/folder")).unwrap();
    for array in ["inside.npy", "folder/posterior.npy", home.at("raw/posterior.npy").to_str().unwrap()] {
        home.document(array);
        let said = home.said(&["maze"]);
        assert!(
            said.iter().all(|said| said.contains("outside of the session's folder")),
            "{array}: {said:?}"
        );
        assert_eq!(home.said(&["maze", "raw"]), [""; 3], "{array}");
    }
    // A link that was named is meant, and what it leads to has its own folder.
    home.document("../raw/posterior.npy");
    symlink(home.at("lab/session.json"), home.at("latest.json")).unwrap();
    let also = [home.at("maze"), home.at("raw")];
    assert_eq!(info(home.at("latest.json").to_str().unwrap(), &also).unwrap().problems, [""; 0]);
}

#[test]
fn a_chunk_that_is_a_link_elsewhere_is_an_error_and_no_fill_value() {
    let home = Home::new();
    let packed = home.at("packed.zarr");
    pack(&pack_options(&home.at("raw/posterior.npy"), &home.at("maze/env.json"), &packed)).unwrap();
    let chunk = packed.join("posterior/c/0/0");
    fs::rename(&chunk, home.at("annexed")).unwrap();
    symlink(home.at("annexed"), &chunk).unwrap();
    let request = EstimateRequest { method: Method::Exact, seed: 0, user_limits: [None; 2] };
    let session = packed.to_str().unwrap();
    let said = range(session, &[], None, request).unwrap_err().to_string();
    assert!(said.contains("outside of the session's folder") && said.contains("annexed"), "{said}");
    assert_eq!(range(session, &[home.at("annexed")], None, request).unwrap().range.frames, 10);
}

#[test]
fn only_regular_files_are_read() {
    let home = Home::new();
    let pipe = home.at("lab/pipe.npy");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let _socket = UnixListener::bind(home.at("lab/socket.npy")).unwrap();
    fs::create_dir(home.at("lab/folder.npy")).unwrap();
    symlink("/dev/zero", home.at("lab/zero.npy")).unwrap();
    let home = std::sync::Arc::new(home);
    for (array, what) in [
        ("pipe.npy", "a pipe"),
        ("socket.npy", "a socket"),
        ("folder.npy", "a folder"),
        ("zero.npy", "a device"),
    ] {
        home.document(array);
        let there = home.clone();
        let said = in_time(move || there.said(&["maze", "/dev/zero"]));
        for said in said {
            assert!(said.contains(what) && said.contains("only regular files"), "{array}: {said}");
            assert!(said.contains("lab/") && !said.contains("CORS"), "{array}: {said}");
        }
    }
    // Raw values have no header that could be wrong.
    let raw = json!({
        "version": 1, "time": {"start": 0, "rate": 500},
        "fields": [{"name": "p", "array": "/dev/zero", "dtype": "float32", "shape": [10, 6]}],
    });
    fs::write(home.at("lab/session.json"), raw.to_string()).unwrap();
    let there = home.clone();
    let said = in_time(move || there.said(&["/dev/zero"]));
    assert!(said.iter().all(|said| said.contains("a device")), "{said:?}");

    // A group is looked for by its document.
    fs::create_dir(home.at("lab/pipe.zarr")).unwrap();
    assert!(Command::new("mkfifo").arg(home.at("lab/pipe.zarr/zarr.json")).status().unwrap().success());
    let there = home.clone();
    assert_eq!(in_time(move || start(options(&there.at("lab"))).sessions.len()), 0);

    // Named themselves, as whatever they may be.
    let output = home.at("out.zarr");
    let environment = home.at("maze/env.json");
    for path in [&pipe, Path::new("/dev/zero")] {
        let as_input = pack_options(path, &environment, &output);
        let as_environment = pack_options(&home.at("raw/posterior.npy"), path, &output);
        let mut as_polygons = pack_options(&home.at("raw/posterior.npy"), &environment, &output);
        as_polygons.polygons = Some(path.to_path_buf());
        for options in [as_input, as_environment, as_polygons] {
            let said = in_time(move || pack(&options).unwrap_err().to_string());
            assert!(said.contains("only regular files"), "{}: {said}", path.display());
        }
        let options = ViewOptions { paths: vec![path.to_path_buf()], rate: None };
        let said = in_time(move || view(&options).unwrap_err().to_string());
        assert!(said.contains("only regular files"), "{}: {said}", path.display());
    }
}

#[test]
fn what_is_named_to_view_is_served_by_its_name() {
    let home = Home::new();
    let paths =
        |names: &[&str]| ViewOptions { paths: names.iter().map(|name| home.at(name)).collect(), rate: None };
    let alone = view(&paths(&["lab/session.json"])).unwrap();
    let notes = alone.notes.join("\n");
    assert!(notes.contains("../raw/posterior.npy") && notes.contains("../maze/env.json"), "{notes}");
    let server = start_selection(alone.selection);
    assert_eq!(server.get("/data/posterior.npy").status, 404);

    let all = view(&paths(&["lab/session.json", "raw/posterior.npy", "maze/env.json"])).unwrap();
    assert_eq!(all.notes, [""; 0]);
    let server = start_selection(all.selection);
    let document: Value = serde_json::from_slice(&server.get("/data/session.json").body).unwrap();
    assert_eq!(document["fields"][0]["array"], "posterior.npy");
    assert_eq!(document["environment"], "env.json");
    // As the page opens it: every reference leads to something.
    let report = info(&format!("http://{}/data/session.json", server.address), &[]).unwrap();
    assert_eq!(report.problems, [""; 0], "{report}");

    // A group has paths within it, and may be named by a link.
    let packed = home.at("raw/packed.zarr");
    pack(&pack_options(&home.at("raw/posterior.npy"), &home.at("maze/env.json"), &packed)).unwrap();
    symlink(&packed, home.at("mine.zarr")).unwrap();
    home.document("../raw/packed.zarr#posterior");
    let named = view(&paths(&["lab/session.json", "mine.zarr", "maze/env.json"])).unwrap();
    let server = start_selection(named.selection);
    let document: Value = serde_json::from_slice(&server.get("/data/session.json").body).unwrap();
    assert_eq!(document["fields"][0]["array"], "mine.zarr#posterior");
    let report = info(&format!("http://{}/data/session.json", server.address), &[]).unwrap();
    assert_eq!(report.problems, [""; 0], "{report}");
    // A document cannot refer to a hidden file.
    fs::create_dir(home.at("lab/.cache")).unwrap();
    fs::copy(home.at("raw/posterior.npy"), home.at("lab/.cache/p.npy")).unwrap();
    home.document(".cache/p.npy");
    let found = view(&paths(&["lab/session.json", "maze/env.json"])).unwrap();
    assert!(
        found.notes[0].contains(".cache/p.npy") && found.notes[0].contains("hidden"),
        "{:?}",
        found.notes
    );
    assert_eq!(start_selection(found.selection).get("/data/.cache/p.npy").status, 404);
    symlink(home.at("lab/.cache/p.npy"), home.at("lab/p.npy")).unwrap();
    home.document("p.npy");
    let found = view(&paths(&["lab/session.json", "maze/env.json"])).unwrap();
    assert!(found.notes[0].contains("hidden"), "{:?}", found.notes);
    assert_eq!(start_selection(found.selection).get("/data/p.npy").status, 404);
}

/// As git-annex keeps a store: every file is a link into one folder, which is named once.
#[test]
fn a_store_of_links_is_told_with_the_folder_that_suffices() {
    let home = Home::new();
    let (lab, store) = (home.0.path().canonicalize().unwrap().join("lab"), "lab/a.zarr");
    pack(&pack_options(&home.at("raw/posterior.npy"), &home.at("maze/env.json"), &home.at(store))).unwrap();
    let objects = lab.join(".git/annex/objects");
    for (number, (path, bytes)) in common::files(&home.at(store)).into_iter().enumerate() {
        let object = objects.join(format!("x/y/key{number}/key{number}"));
        fs::create_dir_all(object.parent().unwrap()).unwrap();
        fs::write(&object, bytes).unwrap();
        fs::remove_file(&path).unwrap();
        symlink(object, path).unwrap();
    }
    let session = home.at(store).to_str().unwrap().to_owned();
    let said = info(&session, &[]).map_or_else(|error| error.to_string(), |report| report.to_string());
    assert!(said.contains(&format!("--with {}", objects.display())), "{said}");
    let (_, named) = said.split_once("--with ").unwrap();
    assert!(!named.split(": ").next().unwrap().contains("key"), "{said}");
    assert_eq!(info(&session, &[objects]).unwrap().problems, [""; 0]);

    // What is served of it is nothing, and of the folder above all.
    let how = format!("replayscope serve {}", lab.display());
    let alone = view(&ViewOptions { paths: vec![home.at(store)], rate: None }).unwrap();
    assert!(alone.notes.len() == 1 && alone.notes[0].ends_with(&how), "{:?}", alone.notes);
    let notes = |folder: &Path| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = runtime.block_on(Server::bind(&options(folder))).unwrap();
        (server.sessions().len(), server.notes())
    };
    let (sessions, reported) = notes(&home.at(store));
    assert!(sessions == 0 && reported.len() == 1 && reported[0].ends_with(&how), "{reported:?}");
    assert_eq!(notes(&lab), (1, Vec::new()));
    assert_eq!(start(options(&lab)).get("/data/a.zarr/posterior/c/0/0").status, 200);

    // A session behind a link is not listed, as it is not served; one whose chunks were not fetched is listed, with a note.
    fs::create_dir(home.at("links")).unwrap();
    symlink(home.at(store), home.at("links/a.zarr")).unwrap();
    let (sessions, reported) = notes(&home.at("links"));
    assert!(sessions == 0 && reported.len() == 1 && reported[0].contains("a link to"), "{reported:?}");
    fs::remove_file(home.at(store).join("posterior/c/0/0").canonicalize().unwrap()).unwrap();
    let (sessions, reported) = notes(&lab);
    assert!(sessions == 1 && reported.len() == 1 && reported[0].contains("git annex get"), "{reported:?}");

    // Of a group elsewhere, the group suffices.
    pack(&pack_options(&home.at("raw/posterior.npy"), &home.at("maze/env.json"), &home.at("raw/p.zarr")))
        .unwrap();
    home.document("../raw/p.zarr#posterior");
    for said in home.said(&["maze"]) {
        let (_, named) = said.split_once("--with ").unwrap();
        let named = named.split(": ").next().unwrap();
        assert!(named.ends_with("raw/p.zarr"), "{said}");
    }
}

/// Nothing in the file says what it is; the document that refers to it does.
#[test]
fn raw_values_are_named_to_view_with_their_document() {
    let home = Home::new();
    fs::write(home.at("raw/values.dat"), [0; 240]).unwrap();
    let write = |dtype: Value| {
        let document = json!({
            "version": 1, "environment": "../maze/env.json", "time": {"start": 0, "rate": 500},
            "fields": [{"name": "p", "array": "../raw/values.dat", "dtype": dtype, "shape": [10, 6]}],
        });
        fs::write(home.at("lab/session.json"), document.to_string()).unwrap();
    };
    write("float32".into());
    let named = |names: &[&str]| {
        view(&ViewOptions { paths: names.iter().map(|name| home.at(name)).collect(), rate: None })
    };
    for order in [["lab/session.json", "raw/values.dat"], ["raw/values.dat", "lab/session.json"]] {
        let found = named(&[order[0], order[1], "maze/env.json"]).unwrap();
        assert_eq!(found.notes, [""; 0]);
        let server = start_selection(found.selection);
        assert_eq!(server.get("/data/values.dat").body.len(), 240);
        let report = info(&format!("http://{}/data/session.json", server.address), &[]).unwrap();
        assert_eq!(report.problems, [""; 0], "{report}");
    }
    // By itself, or beside a document that says nothing of it, it may be anything.
    fs::write(home.at("raw/other.dat"), [0; 240]).unwrap();
    for names in [&["raw/values.dat"][..], &["lab/session.json", "raw/other.dat"]] {
        assert!(
            named(names).unwrap_err().to_string().contains("none of the files that are known"),
            "{names:?}"
        );
    }
}

#[test]
fn references_to_other_hosts_are_told() {
    let home = Home::new();
    let server = start(options(&home.at("raw")));
    let note = |array: &str, address: &str| {
        home.document(array);
        let report = info(address, &[home.at("maze"), home.at("raw")]).unwrap();
        assert_eq!(report.problems, [""; 0], "{report}");
        report.lines.into_iter().find(|line| line.contains("other hosts"))
    };
    let local = home.at("lab/session.json").to_str().unwrap().to_owned();
    let host = server.address.to_string();
    let reported = note(&format!("http://user:key@{host}/data/posterior.npy?token=abc"), &local).unwrap();
    assert!(
        reported.starts_with("note: ") && reported.ends_with(&format!("are read: {host}.")),
        "{reported}"
    );
    assert!(!reported.contains("key") && !reported.contains("abc"), "{reported}");
    assert_eq!(note("../raw/posterior.npy", &local), None);

    // From one host to itself, and to another.
    fs::copy(home.at("raw/posterior.npy"), home.at("lab/posterior.npy")).unwrap();
    for name in ["env.json", "env.npz"] {
        fs::copy(home.at("maze").join(name), home.at("lab").join(name)).unwrap();
    }
    let lab = start(options(&home.at("lab")));
    let of = |array: &str| {
        let document = json!({
            "version": 1, "environment": "env.json", "time": {"start": 0, "rate": 500},
            "fields": [{"name": "posterior", "array": array}],
        });
        fs::write(home.at("lab/session.json"), document.to_string()).unwrap();
        info(&format!("http://{}/data/session.json", lab.address), &[]).unwrap().to_string()
    };
    let (own, other) = (lab.address.to_string(), server.address.to_string());
    assert!(!of("posterior.npy").contains("other hosts"));
    assert!(!of(&format!("http://{own}/data/posterior.npy")).contains("other hosts"));
    assert!(of(&format!("http://{other}/data/posterior.npy")).contains(&format!("are read: {other}.")));
}
