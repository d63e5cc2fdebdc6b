//! The server, by raw HTTP: what it serves, and what it refuses.

#![allow(clippy::unwrap_used, reason = "clippy knows tests, but not what only they call")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use replayscope_cli::serve::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use common::{Running, options, start};

/// `home/public/…` is served; `home/secret.txt` never is.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("secret.txt"), "secret").unwrap();
    let session = home.path().join("public/a b.zarr");
    fs::create_dir_all(session.join("posterior")).unwrap();
    fs::write(session.join("zarr.json"), "{\"zarr_format\":3,\"node_type\":\"group\"}").unwrap();
    fs::write(session.join("posterior/chunk"), "0123456789").unwrap();
    fs::write(home.path().join("public/plan.txt"), "plan").unwrap();
    fs::write(home.path().join("public/empty"), "").unwrap();
    home
}

const CHUNK: &str = "/data/a%20b.zarr/posterior/chunk";

#[test]
fn gives_files_whole_and_in_part() {
    let home = home();
    let server = start(options(&home.path().join("public")));
    let whole = server.get(CHUNK);
    assert_eq!((whole.status, whole.text().as_str()), (200, "0123456789"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-length"), Some("10"));
    assert_eq!(whole.header("cross-origin-resource-policy"), Some("same-origin"));
    assert_eq!(whole.header("access-control-allow-origin"), None);

    let part = |range: &str| {
        let answer = server.ask("GET", CHUNK, &format!("Range: {range}\r\n"));
        (answer.status, answer.header("content-range").map(str::to_owned), answer.text())
    };
    let partial = |range: &str, text: &str| (206, Some(format!("bytes {range}/10")), text.to_owned());
    assert_eq!(part("bytes=2-4"), partial("2-4", "234"));
    assert_eq!(part("bytes=0-0"), partial("0-0", "0"));
    assert_eq!(part("bytes=7-"), partial("7-9", "789"));
    assert_eq!(part("bytes=7-99"), partial("7-9", "789"));
    assert_eq!(part("bytes=-3"), partial("7-9", "789"));
    assert_eq!(part("bytes=-99"), partial("0-9", "0123456789"));
    assert_eq!(part("bytes=1-2,4-5"), (200, None, "0123456789".to_owned()));
    for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
        let (status, content_range, _) = part(range);
        assert_eq!((status, content_range.as_deref()), (416, Some("bytes */10")), "{range}");
    }
    let empty = server.get("/data/empty");
    assert_eq!((empty.status, empty.header("content-length")), (200, Some("0")));
}

#[test]
fn head_answers_like_get_without_a_body() {
    let home = home();
    let server = start(options(&home.path().join("public")));
    let head = server.ask("HEAD", CHUNK, "");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("10"), 0));
    let head = server.ask("HEAD", CHUNK, "Range: bytes=2-4\r\n");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (206, Some("3"), 0));
}

#[test]
fn unchanged_files_are_not_sent_again() {
    let home = home();
    let server = start(options(&home.path().join("public")));
    let tag = server.get(CHUNK).header("etag").unwrap().to_owned();
    for list in [tag.clone(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        let again = server.ask("GET", CHUNK, &format!("If-None-Match: {list}\r\n"));
        assert_eq!((again.status, again.body.len()), (304, 0), "{list}");
        assert_eq!(again.header("etag"), Some(tag.as_str()));
    }
    assert_eq!(server.ask("GET", CHUNK, "If-None-Match: \"x\"\r\n").status, 200);
    let same = server.ask("GET", CHUNK, &format!("Range: bytes=0-1\r\nIf-Range: {tag}\r\n"));
    assert_eq!(same.status, 206);
    assert_eq!(server.ask("GET", CHUNK, "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n").status, 200);

    fs::write(home.path().join("public/a b.zarr/posterior/chunk"), "changed").unwrap();
    let changed = server.ask("GET", CHUNK, &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((changed.status, changed.text().as_str()), (200, "changed"));
}

#[test]
fn types_are_right() {
    let home = home();
    let server = start(options(&home.path().join("public")));
    let kind = |path: &str| server.get(path).header("content-type").unwrap().to_owned();
    assert_eq!(kind("/data/a%20b.zarr/zarr.json"), "application/json");
    assert_eq!(kind(CHUNK), "application/octet-stream");
    assert_eq!(kind("/"), "text/html; charset=utf-8");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn the_page_runs_its_own_scripts_and_data_run_nothing() {
    let home = home();
    let public = home.path().join("public");
    let active =
        ["x.html", "x.HTM", "x.xhtml", "x.svg", "x.xml", "x.js", "x.mjs", "x.wasm", "x.pdf", "x.css"];
    for name in active {
        fs::write(public.join(name), "<script>alert(1)</script>").unwrap();
    }
    let server = start(options(&public));
    let policy = |path: &str| {
        let answer = server.get(path);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        answer.header("content-security-policy").unwrap().to_owned()
    };
    assert!(policy("/").contains("script-src 'self' 'wasm-unsafe-eval'"));
    for path in
        [CHUNK, "/data/plan.txt", "/data/a%20b.zarr/zarr.json", "/data/absent", "/absent", "/data/.git"]
    {
        assert_eq!(policy(path), "default-src 'none'; sandbox", "{path}");
    }
    for name in active {
        let path = format!("/data/{name}");
        assert_eq!(policy(&path), "default-src 'none'; sandbox", "{name}");
        let answer = server.get(&path);
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"), "{name}");
        assert_eq!(answer.header("content-disposition"), Some("attachment"), "{name}");
    }
    let refused = server.raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!((refused.status, refused.header("x-content-type-options")), (421, Some("nosniff")));
}

#[test]
fn what_is_hidden_is_not_given_but_zarrs_own_files_are() {
    let home = home();
    let public = home.path().join("public");
    let older = public.join("older.zarr");
    fs::create_dir_all(older.join("posterior")).unwrap();
    let zarr = [".zgroup", ".zattrs", ".zmetadata", "posterior/.zarray", "posterior/.zattrs"];
    for name in zarr {
        fs::write(older.join(name), "{}").unwrap();
    }
    let hidden = [".env", ".git/config", "a b.zarr/.ssh/key", ".zarr", ".zarray.swp", "older.zarr/.DS_Store"];
    for name in hidden {
        fs::create_dir_all(public.join(name).parent().unwrap()).unwrap();
        fs::write(public.join(name), "secret").unwrap();
    }
    // Folders of such names are no files of Zarr.
    let folders = ["a b.zarr/.zgroup", ".zmetadata"];
    for name in folders {
        fs::create_dir(public.join(name)).unwrap();
        fs::write(public.join(name).join("key"), "secret").unwrap();
    }
    for folder in [&public, &older] {
        let server = start(options(folder));
        for name in zarr {
            assert_eq!(server.get(&format!("/data/older.zarr/{name}")).text(), "{}", "{name}");
        }
        for name in hidden {
            let name = name.replace(' ', "%20");
            assert_eq!(server.get(&format!("/data/{name}")).status, 404, "{name}");
            assert_eq!(server.get(&format!("/data/{}", name.replace('.', "%2e"))).status, 404, "{name}");
        }
    }
    let server = start(options(&public));
    for name in folders {
        assert_eq!(server.get(&format!("/data/{}/key", name.replace(' ', "%20"))).status, 404, "{name}");
    }
    // Whatever a link is called, what it leads to is hidden or not; git-annex keeps everything behind links.
    #[cfg(unix)]
    {
        let object = public.join(".git/annex/objects/x1/y2/MD5E-s4");
        fs::create_dir_all(&object).unwrap();
        fs::write(object.join("MD5E-s4.npy"), "data").unwrap();
        let links = [
            (".env", "env.txt", 404),
            (".git/config", "a b.zarr/config", 404),
            (".git", "history", 404),
            ("a b.zarr/.ssh/key", "a b.zarr/key", 404),
            ("older.zarr/.zattrs", "attributes.json", 200),
            (".git/annex/objects/x1/y2/MD5E-s4/MD5E-s4.npy", "a b.zarr/annexed", 200),
        ];
        for (to, link, status) in links {
            std::os::unix::fs::symlink(public.join(to), public.join(link)).unwrap();
            let path = if link == "history" { "history/config" } else { link };
            assert_eq!(server.get(&format!("/data/{}", path.replace(' ', "%20"))).status, status, "{link}");
        }
        assert_eq!(server.get("/data/.git/annex/objects/x1/y2/MD5E-s4/MD5E-s4.npy").status, 404);
    }
}

#[test]
fn idle_connections_are_in_nobodys_way() {
    let home = home();
    fs::write(home.path().join("public/large"), vec![7; 32 << 20]).unwrap();
    let server = start(options(&home.path().join("public")));
    // A connection that reads a response slowly is not idle.
    let mut slow = TcpStream::connect(server.address).unwrap();
    slow.write_all(
        format!("GET /data/large HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address)
            .as_bytes(),
    )
    .unwrap();
    let mut first = [0];
    slow.read_exact(&mut first).unwrap();
    let idle: Vec<TcpStream> = (0..500).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    for _ in 0..10 {
        assert_eq!(server.get(CHUNK).text(), "0123456789");
    }
    // The first ones made room, the last ones are still welcome.
    let (mut oldest, mut latest) = (&idle[0], &idle[499]);
    oldest.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(oldest.read(&mut first).unwrap_or(0), 0, "it was closed");
    latest
        .write_all(format!("GET {CHUNK} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    latest.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("0123456789"), "{answer}");
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > 32 << 20 && rest.ends_with(&[7; 1000]), "{} bytes came", rest.len());
}

/// The program itself, with so few descriptors that most of these connections have no place.
#[cfg(unix)]
#[test]
fn a_server_without_descriptors_goes_on() {
    let home = home();
    let program = env!("CARGO_BIN_EXE_replayscope");
    let mut serve = Command::new("sh")
        .args(["-c", "ulimit -n 48 && exec \"$0\" serve \"$1\" --port 0", program])
        .arg(home.path().join("public"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(serve.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let host = line.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let server = Running { address: host.parse().unwrap(), url: line.clone(), sessions: Vec::new() };
    // Some say nothing, others never come to the end of their request.
    let idle: Vec<TcpStream> = (0..500)
        .map(|number| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            if number % 2 == 0 {
                _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: loc");
            }
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(server.get(CHUNK).text(), "0123456789");
    }
    drop(idle);
    assert_eq!(server.get(CHUNK).status, 200);
    assert_eq!(serve.try_wait().unwrap(), None, "it ended");
    serve.kill().unwrap();
    serve.wait().unwrap();
}

#[test]
fn a_request_that_does_not_come_is_not_waited_for() {
    let home = home();
    // Its clock goes on by itself when nothing else happens.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let server = Server::bind(&options(&home.path().join("public"))).await.unwrap();
        let address = server.address();
        tokio::spawn(async { match server.run().await {} });
        for begun in ["", "GET ", &format!("GET {CHUNK} HTTP/1.1\r\nHost: localhost\r\nX: ")] {
            let since = tokio::time::Instant::now();
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            _ = stream.read_to_end(&mut answer).await;
            let waited = since.elapsed();
            assert!((5..20).contains(&waited.as_secs()), "{begun:?}: closed after {waited:?}");
        }
    });
}

#[test]
fn nothing_outside_the_folder_is_given() {
    let home = home();
    let public = home.path().join("public");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(home.path().join("secret.txt"), public.join("link.txt")).unwrap();
        symlink(home.path(), public.join("up")).unwrap();
        symlink(public.join("plan.txt"), public.join("inside.txt")).unwrap();
        symlink(public.join("loop"), public.join("loop")).unwrap();
    }
    let server = start(options(&public));
    let paths = [
        "/data/../secret.txt",
        "/data/%2e%2e/secret.txt",
        "/data/%2E%2e%2Fsecret.txt",
        "/data/..%2fsecret.txt",
        "/data/..%5csecret.txt",
        "/data/a%20b.zarr/../../secret.txt",
        "/data//../secret.txt",
        "/data/./../secret.txt",
        "/data/%252e%252e/secret.txt",
        "/data/..%00/secret.txt",
        "/data/%c0%ae%c0%ae/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/data/link.txt",
        "/data/up/secret.txt",
        "/data/loop",
        "/data",
        "/data/",
        "/data/a%20b.zarr",
        "/secret.txt",
        "/etc/passwd",
        "/data/etc/passwd",
        "/data/%2fetc%2fpasswd",
        "//etc/passwd",
        "/Cargo.toml",
        "/..%2fCargo.toml",
        "/../Cargo.toml",
    ];
    for path in paths {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert!(!answer.text().contains("secret\n") && !answer.text().ends_with("secret"), "{path}");
    }
    // Links within the folder are a way to arrange data.
    #[cfg(unix)]
    assert_eq!(server.get("/data/inside.txt").text(), "plan");
}

#[test]
fn only_known_hosts_are_answered() {
    let home = home();
    let server = start(options(&home.path().join("public")));
    let port = server.address.port();
    let status = |head: &str| server.raw(&format!("{head}\r\nConnection: close\r\n\r\n")).status;
    for host in ["localhost", "127.0.0.1", "127.0.0.1:9", "[::1]", "LocalHost:80"] {
        assert_eq!(status(&format!("GET {CHUNK} HTTP/1.1\r\nHost: {host}")), 200, "{host}");
    }
    for host in
        ["evil.example", &format!("evil.example:{port}"), "localhost.evil.example", "192.168.0.9", "0.0.0.0"]
    {
        assert_eq!(status(&format!("GET {CHUNK} HTTP/1.1\r\nHost: {host}")), 421, "{host}");
        assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: {host}")), 421, "{host}");
    }
    assert_eq!(status(&format!("GET {CHUNK} HTTP/1.0")), 400);
    assert_eq!(status(&format!("GET {CHUNK} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example")), 400);
    assert_eq!(status(&format!("GET http://evil.example{CHUNK} HTTP/1.1\r\nHost: localhost")), 421);
    let refusal = server.raw("GET / HTTP/1.1\r\nHost: lab.example:80\r\nConnection: close\r\n\r\n").text();
    assert!(refusal.contains("--allow-host lab.example"), "{refusal}");

    let mut named = options(&home.path().join("public"));
    named.allow_hosts = vec!["lab.example".to_owned()];
    let server = start(named);
    let answer =
        server.raw(&format!("GET {CHUNK} HTTP/1.1\r\nHost: lab.example:80\r\nConnection: close\r\n\r\n"));
    assert_eq!(answer.status, 200);
}

#[test]
fn other_origins_read_only_when_allowed() {
    let home = home();
    let mut open = options(&home.path().join("public"));
    open.allow_origins = vec!["https://lab.github.io".to_owned()];
    let server = start(open);
    let allowed = "Origin: https://lab.github.io\r\n";
    for path in [CHUNK, "/data/a%20b.zarr/posterior/absent"] {
        let answer = server.ask("GET", path, &format!("{allowed}Range: bytes=0-1\r\n"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://lab.github.io"), "{path}");
        assert!(answer.header("access-control-expose-headers").unwrap().contains("Content-Range"));
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    let preflight =
        server.ask("OPTIONS", CHUNK, &format!("{allowed}Access-Control-Request-Headers: range\r\n"));
    assert_eq!(preflight.status, 204);
    assert!(preflight.header("access-control-allow-headers").unwrap().contains("Range"));
    assert!(preflight.header("access-control-allow-methods").unwrap().contains("GET"));
    for origin in
        ["https://evil.example", "http://lab.github.io", "https://lab.github.io.evil.example", "null"]
    {
        let answer = server.ask("GET", CHUNK, &format!("Origin: {origin}\r\n"));
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }

    let closed = start(options(&home.path().join("public")));
    let preflight = closed.ask("OPTIONS", CHUNK, allowed);
    assert_eq!(preflight.header("access-control-allow-origin"), None);
    assert_eq!(preflight.header("access-control-allow-headers"), None);

    let mut nonsense = options(&home.path().join("public"));
    nonsense.allow_origins = vec!["lab.github.io/viewer".to_owned()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let message = runtime.block_on(Server::bind(&nonsense)).unwrap_err().to_string();
    assert!(message.contains("https://lab.github.io"), "{message}");
}

#[test]
fn only_reading_is_possible() {
    let home = home();
    let server = start(options(&home.path().join("public")));
    for method in ["POST", "PUT", "DELETE", "PATCH", "BREW"] {
        let answer = server.ask(method, CHUNK, "Content-Length: 0\r\n");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")), "{method}");
    }
    assert_eq!(server.get(CHUNK).text(), "0123456789");
}

#[test]
fn the_url_leads_to_the_only_session() {
    let home = home();
    let public = home.path().join("public");
    let one = start(options(&public));
    assert_eq!(one.url, format!("http://{}/?session=data/a%20b.zarr", one.address));
    assert_eq!(one.get("/data/a%20b.zarr/zarr.json").status, 200);

    // The folder is the session itself.
    let itself = start(options(&public.join("a b.zarr")));
    assert_eq!(itself.url, format!("http://{}/?session=data/a%20b.zarr", itself.address));
    assert_eq!(itself.get("/data/a%20b.zarr/zarr.json").status, 200);
    assert_eq!(itself.get("/data/zarr.json").status, 404);
    assert_eq!(itself.get("/data/other.zarr/zarr.json").status, 404);

    let second = public.join("day 2/b#1.zarr");
    fs::create_dir_all(&second).unwrap();
    fs::write(second.join(".zgroup"), "{}").unwrap();
    let two = start(options(&public));
    assert_eq!(two.url, format!("http://{}/", two.address));
    let origin = format!("http://{}/?session=", two.address);
    assert_eq!(
        two.sessions,
        [format!("{origin}data/a%20b.zarr"), format!("{origin}data/day%202/b%231.zarr")]
    );
}

#[test]
fn a_taken_port_is_an_error_only_when_asked_for() {
    let home = home();
    let first = start(options(&home.path().join("public")));
    let mut taken = options(&home.path().join("public"));
    taken.port = Some(first.address.port());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let message = runtime.block_on(Server::bind(&taken)).unwrap_err().to_string();
    assert!(message.contains("--port 0"), "{message}");
    taken.port = None;
    assert!(runtime.block_on(Server::bind(&taken)).is_ok());
}

#[test]
fn a_missing_folder_is_named() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let message =
        runtime.block_on(Server::bind(&options(Path::new("/no/such/folder")))).unwrap_err().to_string();
    assert!(message.contains("/no/such/folder"), "{message}");
}
