//! `replayscope serve`: the viewer, and a folder of sessions beside it, on one origin.
//!
//! The viewer's files are at `/`, the folder is under `/data/`. Sessions are private unless told otherwise: loopback
//! only, same origin only, and the Host header is checked, so that a web page which points its own name at 127.0.0.1
//! (DNS rebinding) reads nothing.

mod answer;
mod host;
mod mount;
mod page;
mod ranges;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use tokio::net::TcpListener;

use crate::error::CliError;
use host::Hosts;
use mount::Mount;

/// The port asked for when none is given; any free one where it is taken.
pub const DEFAULT_PORT: u16 = 8765;

/// What to serve, and to whom.
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

/// What every request is answered from.
#[derive(Debug)]
struct Site {
    mount: Mount,
    hosts: Hosts,
    allow_origins: Vec<String>,
}

impl Server {
    /// Starts to listen.
    pub async fn bind(options: &ServeOptions) -> Result<Self, CliError> {
        let mount = Mount::new(&options.folder)?;
        for origin in &options.allow_origins {
            check_origin(origin)?;
        }
        let preferred = SocketAddr::new(options.bind, options.port.unwrap_or(DEFAULT_PORT));
        let listener = match (TcpListener::bind(preferred).await, options.port) {
            (Err(error), None) if error.kind() == std::io::ErrorKind::AddrInUse => {
                TcpListener::bind(SocketAddr::new(options.bind, 0)).await
            }
            (result, _) => result,
        };
        let refused = |error: std::io::Error| CliError::Listen {
            address: preferred.to_string(),
            reason: error.to_string(),
        };
        let listener = listener.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let hosts = Hosts::new(options.bind, &options.allow_hosts);
        let site = Site { mount, hosts, allow_origins: options.allow_origins.clone() };
        Ok(Self { listener, site: Arc::new(site), address })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to open: straight to the session where there is exactly one.
    pub fn url(&self) -> String {
        let sessions = self.sessions();
        match sessions.as_slice() {
            [only] => only.clone(),
            _ => self.origin() + "/",
        }
    }

    /// One URL for each session found.
    pub fn sessions(&self) -> Vec<String> {
        let origin = self.origin();
        self.site.mount.sessions().iter().map(|path| format!("{origin}/?session={path}")).collect()
    }

    fn origin(&self) -> String {
        // Listening everywhere is no address to visit.
        let ip =
            if self.address.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { self.address.ip() };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// Answers until the process ends.
    pub async fn run(self) -> Result<(), CliError> {
        let router = Router::new().fallback(respond).with_state(self.site);
        axum::serve(self.listener, router).await.map_err(|error| CliError::Listen {
            address: self.address.to_string(),
            reason: error.to_string(),
        })
    }
}

async fn respond(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (request, _body) = request.into_parts();
    if let Err(refusal) = site.hosts.check(&request) {
        return refusal;
    }
    let mut response = match request.method {
        Method::GET | Method::HEAD => match mount::decode(request.uri.path()) {
            Some(segments) => match site.mount.resolve(&segments).await {
                mount::Found::File(path) => answer::file(&path, &request).await,
                mount::Found::Page => page::answer(&segments, &request),
                mount::Found::Nothing => answer::not_found(request.uri.path()),
            },
            None => answer::not_found(request.uri.path()),
        },
        Method::OPTIONS => answer::preflight(),
        _ => answer::wrong_method(),
    };
    answer::add_cross_origin(&mut response, &request, &site.allow_origins);
    response
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
