//! The host names that the server accepts.

use std::net::IpAddr;

use hyper::http::request::Parts;
use hyper::{StatusCode, header};

use super::answer;
use super::response::Response;

/// The host names that a request may have.
#[derive(Debug, Clone)]
pub struct Hosts {
    bind: IpAddr,
    names: Vec<String>,
}

impl Hosts {
    /// Loopback names, the bound address and the given names.
    pub fn new(bind: IpAddr, names: &[String]) -> Self {
        Self { bind, names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Refuses a request for any other host. The port is free: people reach servers through tunnels.
    #[expect(clippy::result_large_err, reason = "the error is the response itself, sent at once")]
    pub fn check(&self, request: &Parts) -> Result<(), Response> {
        let mut given = request.headers.get_all(header::HOST).iter();
        let host = given.next().and_then(|host| host.to_str().ok());
        // In `GET http://host/path HTTP/1.1` the host of the target wins; both have to be right.
        let target = request.uri.authority().map(hyper::http::uri::Authority::as_str);
        match (host, given.next()) {
            (Some(host), None) if self.allows(host) && target.is_none_or(|target| self.allows(target)) => {
                Ok(())
            }
            (Some(host), None) => Err(answer::text(
                StatusCode::MISDIRECTED_REQUEST,
                &format!(
                    "This server does not answer to `{host}`, so that web pages cannot read private sessions through \
                     a name of their own. Use its address, or start it with --allow-host {}\n",
                    name_of(host).unwrap_or("NAME")
                ),
            )),
            _ => Err(answer::text(StatusCode::BAD_REQUEST, "A request needs exactly one Host header.\n")),
        }
    }

    fn allows(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else {
            return false;
        };
        let name = name.to_ascii_lowercase();
        if name == "localhost" || name.ends_with(".localhost") || self.names.contains(&name) {
            return true;
        }
        // An address cannot be rebound, but only those of this machine are meant.
        let literal = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        literal.is_ok_and(|ip| ip.is_loopback() || ip == self.bind || self.bind.is_unspecified())
    }
}

/// The host without its port.
fn name_of(host: &str) -> Option<&str> {
    let (name, rest) = match host.strip_prefix('[') {
        Some(rest) => host.split_at(rest.find(']')? + 2),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port_is_fine =
        rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    (port_is_fine && !name.is_empty() && !name.contains('@')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names_and_the_bound_address_only() {
        let loopback = Hosts::new(IpAddr::from([127, 0, 0, 1]), &["Lab-Server".to_owned()]);
        for host in
            ["127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:80", "a.localhost:8", "lab-server:80"]
        {
            assert!(loopback.allows(host), "{host}");
        }
        let evil = [
            "evil.example",
            "evil.example:8765",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.1.5",
            "",
            ":80",
            "localhost:x",
            "localhost@evil.example",
            "[::1",
            "user@127.0.0.1",
            "127.0.0.1:80:80",
        ];
        for host in evil {
            assert!(!loopback.allows(host), "{host}");
        }
        let lan = Hosts::new(IpAddr::from([192, 168, 1, 5]), &[]);
        assert!(lan.allows("192.168.1.5:80") && !lan.allows("192.168.1.6"));
        let everywhere = Hosts::new(IpAddr::from([0, 0, 0, 0]), &[]);
        assert!(everywhere.allows("10.0.0.7:80") && !everywhere.allows("evil.example"));
    }
}
