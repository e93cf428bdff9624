//! Which pages of other origins may call the server from a browser.

use std::net::IpAddr;

use axum::http::{HeaderValue, Method, Uri, header, request::Parts};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config;

/// The configured origins, the server's own, and loopback's.
pub fn layer(http: &config::Http) -> CorsLayer {
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::DELETE];
    let headers = [header::AUTHORIZATION, header::CONTENT_TYPE, header::RANGE];
    let exposed =
        [header::ACCEPT_RANGES, header::CONTENT_DISPOSITION, header::CONTENT_LENGTH, header::CONTENT_RANGE];
    let layer = CorsLayer::new().allow_methods(methods).allow_headers(headers).expose_headers(exposed);
    let origins = http.cors_origins.clone();
    if origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(tower_http::cors::Any);
    }
    layer.allow_credentials(true).allow_origin(AllowOrigin::predicate(move |origin, parts| {
        origins.iter().any(|allowed| origin == allowed.as_str())
            || is_own(origin, parts)
            || is_loopback(origin)
    }))
}

/// The origin's host and port are those the request was sent to.
fn is_own(origin: &HeaderValue, parts: &Parts) -> bool {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some() && authority(origin).is_some_and(|(_, authority)| Some(authority.as_str()) == host)
}

fn is_loopback(origin: &HeaderValue) -> bool {
    authority(origin).is_some_and(|(host, _)| {
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    })
}

/// Host alone, and host with port, of an `http` or `https` origin.
fn authority(origin: &HeaderValue) -> Option<(String, String)> {
    let uri: Uri = origin.to_str().ok()?.parse().ok()?;
    matches!(uri.scheme_str(), Some("http" | "https"))
        .then(|| Some((uri.host()?.to_owned(), uri.authority()?.as_str().to_owned())))
        .flatten()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn loopback_is_known_by_its_address() {
        for origin in
            ["http://localhost:5173", "https://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:3000"]
        {
            assert!(is_loopback(&HeaderValue::from_static(origin)), "{origin}");
        }
        for origin in
            ["http://localhost.evil.example", "http://example.org", "null", "", "file://", "http://10.0.0.1"]
        {
            assert!(!is_loopback(&HeaderValue::from_static(origin)), "{origin}");
        }
    }

    #[test]
    fn the_own_origin_is_the_one_of_the_host_header() {
        let (parts, ()) = Request::get("/").header("host", "sfu.example:3000").body(()).unwrap().into_parts();
        assert!(is_own(&HeaderValue::from_static("https://sfu.example:3000"), &parts));
        assert!(!is_own(&HeaderValue::from_static("https://sfu.example"), &parts));
        assert!(!is_own(&HeaderValue::from_static("https://other.example:3000"), &parts));
    }
}
