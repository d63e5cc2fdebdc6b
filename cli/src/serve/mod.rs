//! `replayscope serve`: the viewer, and a folder of sessions beside it, on one origin.
//!
//! The viewer's files are at `/`; the folder, or a [`Selection`] of files, is under `/data/`. By default sessions are private: the
//! server listens on loopback only, allows the same origin only, and checks the Host header, so that a web page which points its own
//! name at 127.0.0.1 (DNS rebinding) reads nothing.

mod answer;
mod connections;
mod host;
mod kind;
mod mount;
mod page;
mod ranges;
mod response;
mod selection;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request};
use tokio::net::TcpListener;

use crate::error::CliError;
use connections::{Answer, Connections};
use host::Hosts;
use kind::Kind;
use mount::{Mount, Resolved};
use response::Response;

pub(crate) use mount::{groups_in, is_session, notes_in};
pub use selection::{Entry, Selection};

/// The default port; where it is taken, any free one.
pub const DEFAULT_PORT: u16 = 8765;

/// The folder to serve, and who may read it.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// A session, or a folder with sessions somewhere below it.
    pub folder: PathBuf,
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port; 0 takes a free one, none prefers [`DEFAULT_PORT`].
    pub port: Option<u16>,
    /// Origins whose pages may read, or `*` for all.
    pub allow_origins: Vec<String>,
    /// Host names under which the server may be addressed, besides loopback names.
    pub allow_hosts: Vec<String>,
}

/// A server that listens already but answers nothing until [`Server::run`].
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    site: Arc<Site>,
    address: SocketAddr,
}

/// The state that all requests share.
#[derive(Debug)]
struct Site {
    data: Data,
    hosts: Hosts,
    allow_origins: Vec<String>,
    connections: Connections,
}

/// The content of `/data/`.
#[derive(Debug)]
enum Data {
    Folder(Mount),
    Selection(Selection),
}

impl Data {
    /// Resolves the segments of a path; `None` where it is not below `/data/`.
    async fn resolve(&self, segments: &[String]) -> Option<Resolved> {
        let (first, rest) = segments.split_first()?;
        match self {
            _ if first != "data" => None,
            Self::Folder(mount) => Some(mount.resolve(rest).await),
            Self::Selection(selection) => Some(selection.resolve(rest).await),
        }
    }

    fn sessions(&self) -> Vec<String> {
        match self {
            Self::Folder(mount) => mount.sessions(),
            Self::Selection(selection) => selection.sessions(),
        }
    }
}

impl Server {
    /// Starts to listen.
    pub async fn bind(options: &ServeOptions) -> Result<Self, CliError> {
        let mount = Mount::new(&options.folder)?;
        for origin in &options.allow_origins {
            check_origin(origin)?;
        }
        let site = Site {
            data: Data::Folder(mount),
            hosts: Hosts::new(options.bind, &options.allow_hosts),
            allow_origins: options.allow_origins.clone(),
            connections: Connections::default(),
        };
        Self::listen(site, options.bind, options.port).await
    }

    /// Starts to listen on loopback for the same origin only; `port` as in [`ServeOptions`].
    pub async fn bind_selection(selection: Selection, port: Option<u16>) -> Result<Self, CliError> {
        let bind = IpAddr::from([127, 0, 0, 1]);
        let site = Site {
            data: Data::Selection(selection),
            hosts: Hosts::new(bind, &[]),
            allow_origins: Vec::new(),
            connections: Connections::default(),
        };
        Self::listen(site, bind, port).await
    }

    async fn listen(site: Site, bind: IpAddr, port: Option<u16>) -> Result<Self, CliError> {
        let preferred = SocketAddr::new(bind, port.unwrap_or(DEFAULT_PORT));
        let listener = match (TcpListener::bind(preferred).await, port) {
            (Err(error), None) if error.kind() == std::io::ErrorKind::AddrInUse => {
                TcpListener::bind(SocketAddr::new(bind, 0)).await
            }
            (result, _) => result,
        };
        let refused = |error: std::io::Error| CliError::Listen {
            address: preferred.to_string(),
            reason: error.to_string(),
        };
        let listener = listener.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, site: Arc::new(site), address })
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to open: that of the session where there is exactly one, and of a selection the first one's.
    pub fn url(&self) -> String {
        let sessions = self.sessions();
        match (sessions.as_slice(), &self.site.data) {
            ([only], _) | ([only, ..], Data::Selection(_)) => only.clone(),
            _ => self.origin() + "/",
        }
    }

    /// One URL for each session found.
    pub fn sessions(&self) -> Vec<String> {
        let origin = self.origin();
        self.site.data.sessions().iter().map(|path| format!("{origin}/?session={path}")).collect()
    }

    /// Sentences about what is in the folder and is not served; empty for a selection, whose maker reports them.
    pub fn notes(&self) -> Vec<String> {
        match &self.site.data {
            Data::Folder(mount) => mount.notes(),
            Data::Selection(_) => Vec::new(),
        }
    }

    fn origin(&self) -> String {
        // The address 0.0.0.0 cannot be opened in a browser.
        let ip =
            if self.address.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { self.address.ip() };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// Responds until the process ends. The tokio runtime needs timers enabled.
    pub async fn run(self) -> Infallible {
        connections::accept(&self.listener, &self.site.connections, self.site.clone()).await
    }
}

impl Answer for Arc<Site> {
    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Response> + Send + 'static {
        let site = self.clone();
        async move { respond(&site, request).await }
    }
}

async fn respond<B>(site: &Site, request: Request<B>) -> Response {
    let (request, _body) = request.into_parts();
    let mut response = match site.hosts.check(&request) {
        Ok(()) => reply(site, &request).await,
        Err(refusal) => refusal,
    };
    answer::add_cross_origin(&mut response, &request, &site.allow_origins);
    response
}

async fn reply(site: &Site, request: &Parts) -> Response {
    match request.method {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return answer::preflight(),
        _ => return answer::wrong_method(),
    }
    let path = request.uri.path();
    let Some(segments) = mount::decode(path) else { return answer::not_found(path) };
    let name = segments.last().map_or("", String::as_str);
    match site.data.resolve(&segments).await {
        None => page::answer(&segments, request),
        Some(Resolved::File(file)) => answer::file(&file, name, request, &site.connections).await,
        Some(Resolved::Made(bytes)) => {
            let etag = format!("\"{:x}\"", crc32c::crc32c(&bytes));
            answer::bytes(&bytes, &etag, Kind::Data, name, request)
        }
        Some(Resolved::Nothing) => answer::not_found(path),
    }
}

fn check_origin(origin: &str) -> Result<(), CliError> {
    let plain = |rest: &str| !rest.is_empty() && !rest.contains(['/', ' ', '?', '#']) && rest.is_ascii();
    let valid = ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme).is_some_and(plain));
    if valid || origin == "*" {
        return Ok(());
    }
    let why = "an origin is a scheme, a host and perhaps a port, without a path";
    Err(CliError::option("--allow-origin", origin, why, "--allow-origin https://lab.github.io"))
}
