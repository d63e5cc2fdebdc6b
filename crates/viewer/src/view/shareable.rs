//! A session's URL without credentials, as a shared link may carry it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// A parameter is a credential if its name, without `-`, `_` and `.`, contains one of these.
const SECRETS: [&str; 14] = [
    "token",
    "secret",
    "passw",
    "passphrase",
    "signature",
    "apikey",
    "accesskey",
    "credential",
    "authoriz",
    "jwt",
    "bearer",
    "sessionid",
    "xamz",
    "xgoog",
];

/// A parameter is also a credential if its name is one of these.
const SECRET_NAMES: [&str; 15] = [
    "key",
    "sig",
    "sign",
    "hmac",
    "auth",
    "oauth",
    "pwd",
    "pass",
    "user",
    "username",
    "code",
    "sas",
    "googleaccessid",
    "keypairid",
    "awsaccesskeyid",
];

/// Parameters of a signed URL: removed together with the signature, as they are useless without it.
const SIGNED: [&str; 24] = [
    "se", "sp", "sv", "sr", "st", "ss", "srt", "spr", "sip", "si", "skoid", "sktid", "skt", "ske", "sks",
    "skv", "saoid", "suoid", "scid", "sdd", "ses", "expires", "policy", "expiry",
];

/// How deep URLs in the query of another URL are read.
const DEEPEST: u32 = 3;

/// Most passes over a URL; a real one needs two.
const MOST_PASSES: usize = 8;

const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Whether an address is only http or https, a host and a path, and so has no place for a credential. [`shareable`] leaves such an
/// address unchanged; most sessions have one.
pub fn has_no_credentials(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let made_of = |text: &str, others: &str| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || others.contains(c))
    };
    !host.is_empty() && made_of(host, ".:[]-") && made_of(path, ".~/%+,()!'-")
}

/// The URL without user name, password and credential-like parameters of its query and fragment, and a sentence that names what was
/// removed, if anything was. The URL may be absolute or relative; any text is accepted.
pub fn shareable(url: &str) -> (String, Vec<String>) {
    let mut removed = Vec::new();
    let mut url = url.to_owned();
    // The remaining text may read as another URL after a removal, so it is read again.
    for _ in 0..MOST_PASSES {
        let mut now = Vec::new();
        url = strip(&url, &mut now, 0);
        if now.is_empty() {
            break;
        }
        for what in &now {
            note(&mut removed, what);
        }
    }
    if removed.is_empty() {
        return (url, Vec::new());
    }
    let notice = format!(
        "Left out of the link: {}. A link carries no credentials; whoever opens it needs access of their own.",
        removed.join(", ")
    );
    (url, vec![notice])
}

fn strip(url: &str, removed: &mut Vec<String>, depth: u32) -> String {
    // Browsers drop these characters everywhere, so they could hide a user name.
    let url: String = url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let url = url.trim_matches(|c: char| c <= ' ');
    let (rest, fragment) = cut(url, '#');
    let (address, query) = cut(rest, '?');
    let mut stripped = without_user(address, removed);
    for (separator, parameters) in [('?', query), ('#', fragment)] {
        let Some(parameters) = parameters else { continue };
        let kept = without_credentials(parameters, removed, depth);
        if !kept.is_empty() {
            stripped.push(separator);
            stripped += &kept;
        }
    }
    stripped
}

/// The address without `user:password@`, also in forms that browsers accept (`https:\\user@host`, `https:user@host`).
fn without_user(address: &str, removed: &mut Vec<String>) -> String {
    let slashes = ['/', '\\'];
    let colon = address.find(':').filter(|at| is_scheme(&address[..*at]));
    let after_scheme = colon.map_or(0, |at| at + 1);
    let host = address[after_scheme..].trim_start_matches(slashes);
    let start = address.len() - host.len();
    // Only a scheme or two slashes start an address with a host; a path has no user.
    if colon.is_none() && start < 2 {
        return address.to_owned();
    }
    let end = host.find(slashes).unwrap_or(host.len());
    let Some(at) = host[..end].rfind('@') else { return address.to_owned() };
    note(removed, "user name and password");
    // The remaining text may have a user name again.
    without_user(&format!("{}{}", &address[..start], &host[at + 1..]), removed)
}

fn without_credentials(parameters: &str, removed: &mut Vec<String>, depth: u32) -> String {
    let parts: Vec<&str> = parameters.split_inclusive(['&', ';']).collect();
    let names: Vec<String> = parts.iter().map(|part| name_of(part)).collect();
    let signed = names.iter().any(|name| is_secret(&plain(name)));
    let mut kept = String::with_capacity(parameters.len());
    for (part, name) in parts.into_iter().zip(names) {
        let plain = plain(&name);
        if is_secret(&plain) || (signed && SIGNED.contains(&plain.as_str())) {
            note(removed, &name.chars().filter(|c| !c.is_control()).take(40).collect::<String>());
        } else {
            kept += &without_nested(part, removed, depth);
        }
    }
    if kept.len() < parameters.len() { kept.trim_end_matches(['&', ';']).to_owned() } else { kept }
}

/// A parameter whose value is an address (`url=https%3A%2F%2F…`), stripped of its credentials too.
fn without_nested(part: &str, removed: &mut Vec<String>, depth: u32) -> String {
    let (body, separator) = part.split_at(part.trim_end_matches(['&', ';']).len());
    let (name, value) = body.split_once('=').unwrap_or(("", body));
    let decoded = percent_decode_str(value).decode_utf8_lossy();
    let looks_nested = decoded.contains("//") || decoded.contains('?') || decoded.contains('&');
    if !looks_nested {
        return part.to_owned();
    }
    if depth >= DEEPEST {
        note(removed, "an address nested too deep");
        return String::new();
    }
    let mut inside = Vec::new();
    let stripped = strip(&decoded, &mut inside, depth + 1);
    if inside.is_empty() {
        return part.to_owned();
    }
    for what in &inside {
        note(removed, what);
    }
    let stripped = utf8_percent_encode(&stripped, VALUE);
    if name.is_empty() { format!("{stripped}{separator}") } else { format!("{name}={stripped}{separator}") }
}

/// The text before a separator, and the text after it if there is one.
fn cut(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn name_of(part: &str) -> String {
    let name = part.trim_end_matches(['&', ';']).split('=').next().unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// A parameter's name for comparison: `X-Amz-Security_Token` → `xamzsecuritytoken`.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_secret(plain: &str) -> bool {
    SECRETS.iter().any(|secret| plain.contains(secret)) || SECRET_NAMES.contains(&plain)
}

fn note(removed: &mut Vec<String>, what: &str) {
    if !removed.iter().any(|known| known == what) {
        removed.push(what.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    /// What makes and breaks an address; other text more rarely.
    const PARTS: &[&str] = &[
        "https:", "http://", "ftp:", "//", "/", "\\", "me", "pw@", "@", ":", "host", "?", "#", "\t", " ", ".",
    ];

    fn addresses() -> impl Strategy<Value = String> {
        let part =
            prop_oneof![8 => prop::sample::select(PARTS).prop_map(str::to_owned), 1 => any::<String>()];
        prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn no_user_is_left_in_what_browsers_read(address in addresses()) {
            // `url` reads addresses as browsers do; a relative one is of the page.
            let page = Url::parse("https://page.org/folder/").unwrap();
            let (shared, _) = shareable(&address);
            if let Ok(read) = page.join(&shared) {
                prop_assert_eq!((read.username(), read.password()), ("", None), "{:?} of {:?}", shared, address);
            }
        }
    }
}
