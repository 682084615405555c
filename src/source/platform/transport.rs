//! What connections are made with: roots, proxies, redirects, headers of every request.
//!
//! Owns: building it so that it works on a bare server and carries no key elsewhere. Must not know: single
//! requests.

use std::path::Path;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Url, redirect};

use super::error::{PlatformError, safe_words};
use super::settings::{Settings, is_loopback};

/// Redirects that are followed.
const REDIRECTS: usize = 3;

/// What a pause without end is called.
pub(super) const LATE: &str = "nothing came in time";

/// Headers that every request has.
pub(super) fn fixed_headers(settings: &Settings) -> Result<HeaderMap, PlatformError> {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str, key: &str| match HeaderValue::from_str(value) {
        Ok(value) => {
            headers.insert(HeaderName::from_static(name), value);
            Ok(())
        }
        Err(_) => Err(PlatformError::Settings { reason: format!("{key} has characters that can't be sent") }),
    };
    put("anthropic-version", &settings.version, "version")?;
    if let Some(workspace) = &settings.workspace {
        put("anthropic-workspace-id", workspace, "workspace")?;
    }
    for beta in [&settings.betas.agents, &settings.betas.memory, &settings.betas.dreams] {
        if HeaderValue::from_str(beta).is_err() {
            let reason = "a beta value has characters that can't be sent".to_owned();
            return Err(PlatformError::Settings { reason });
        }
    }
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(headers)
}

/// Makes what connections are made with.
pub(super) fn transport_of(
    settings: &Settings,
    base: &Url,
    headers: &HeaderMap,
) -> Result<reqwest::Client, PlatformError> {
    // Installed once for the program; a second time is refused, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("wakeful/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers.clone())
        .redirect(redirect::Policy::custom(same_origin))
        .referer(false)
        .connect_timeout(settings.timeouts.connect);
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if base.scheme() == "https" {
        let mut roots = bundled_roots()?;
        if let Some(file) = &settings.ca_file {
            roots.extend(own_roots(file)?);
        }
        builder = builder.tls_certs_merge(roots);
    }
    builder.build().map_err(|error| PlatformError::Settings {
        reason: format!("no client could be made ({})", cause(&error)),
    })
}

/// Follows a redirect only where the same request goes to the same place: anything else could carry the
/// key away, or turn a write into something else.
fn same_origin(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let keeps_method = matches!(attempt.status().as_u16(), 307 | 308);
    let stays = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
    if keeps_method && stays && attempt.previous().len() <= REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// The roots that come with the program: a bare server has none of its own.
fn bundled_roots() -> Result<Vec<reqwest::Certificate>, PlatformError> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|root| reqwest::Certificate::from_der(root))
        .collect::<Result<_, _>>()
        .map_err(|error| PlatformError::Settings { reason: cause(&error) })
}

/// The roots in a file of the user's.
fn own_roots(file: &Path) -> Result<Vec<reqwest::Certificate>, PlatformError> {
    let failed =
        |what: String| PlatformError::Settings { reason: format!("ca-file {} {what}", file.display()) };
    let bytes = std::fs::read(file).map_err(|error| failed(format!("can't be read: {error}")))?;
    let roots = reqwest::Certificate::from_pem_bundle(&bytes)
        .map_err(|error| failed(format!("holds no certificates in PEM form ({})", cause(&error))))?;
    if roots.is_empty() {
        return Err(failed("holds no certificates in PEM form".to_owned()));
    }
    Ok(roots)
}

/// Whether a connection failed because the other side's certificate is not trusted.
pub(super) fn is_untrusted(error: &reqwest::Error) -> bool {
    let mut below = std::error::Error::source(error);
    while let Some(found) = below {
        if let Some(rustls::Error::InvalidCertificate(_)) = found.downcast_ref() {
            return true;
        }
        // What an I/O error was made of is not its source, but itself.
        let made_of = found.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        below = match made_of {
            Some(inner) => Some(inner),
            None => found.source(),
        };
    }
    false
}

/// What lies at the bottom of a transport error; the layers above repeat each other and name the address.
pub(super) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        let what = if error.is_connect() { "no connection in time" } else { LATE };
        return what.to_owned();
    }
    let mut deepest: &dyn std::error::Error = error;
    while let Some(below) = deepest.source() {
        deepest = below;
    }
    safe_words(&deepest.to_string())
}
