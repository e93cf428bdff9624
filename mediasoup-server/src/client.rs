//! The example client: a page, its script and its style, embedded in the binary.

use axum::Router;

/// Serves the example client at `/`; where the server was built without it, a page that says so.
pub fn router() -> Router {
    built::router()
}

#[cfg(example_client)]
mod built {
    use std::hash::{DefaultHasher, Hash, Hasher};

    use axum::{
        Router,
        http::{
            HeaderMap, HeaderName, HeaderValue, StatusCode,
            header::{
                CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
                X_CONTENT_TYPE_OPTIONS,
            },
        },
        response::{IntoResponse, Response},
        routing::get,
    };

    /// Nothing inline, nothing from elsewhere. The page may talk to any server: its address is the person's choice.
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; \
         connect-src 'self' http: https: ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    const PERMISSIONS: HeaderValue =
        HeaderValue::from_static("camera=(self), microphone=(self), display-capture=(self), geolocation=()");

    const PAGE: Asset = Asset {
        content_type: "text/html; charset=utf-8",
        body: include_str!(concat!(env!("OUT_DIR"), "/client.html")),
    };
    const SCRIPT: Asset = Asset {
        content_type: "text/javascript; charset=utf-8",
        body: include_str!(concat!(env!("OUT_DIR"), "/client.js")),
    };
    const STYLE: Asset = Asset {
        content_type: "text/css; charset=utf-8",
        body: include_str!(concat!(env!("OUT_DIR"), "/client.css")),
    };

    pub(super) fn router() -> Router {
        Router::new()
            .route("/", serve(PAGE))
            .route("/client.js", serve(SCRIPT))
            .route("/client.css", serve(STYLE))
    }

    #[derive(Clone, Copy)]
    struct Asset {
        content_type: &'static str,
        body: &'static str,
    }

    fn serve(asset: Asset) -> axum::routing::MethodRouter {
        let etag = etag(asset.body);
        get(move |request: HeaderMap| async move { answer(asset, &etag, &request) })
    }

    /// The asset, or 304 where the browser holds this very version.
    fn answer(asset: Asset, etag: &HeaderValue, request: &HeaderMap) -> Response {
        let headers = [
            (ETAG, etag.clone()),
            // Kept, but asked for each time: a new server brings a new client.
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        if request.get_all(IF_NONE_MATCH).iter().any(|known| matches(known, etag)) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let about_content = [
            (CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
            (CONTENT_SECURITY_POLICY, POLICY),
            (HeaderName::from_static("permissions-policy"), PERMISSIONS),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        (headers, about_content, asset.body).into_response()
    }

    /// RFC 9110 §13.1.2: a list of tags or `*`, compared weakly.
    fn matches(known: &HeaderValue, etag: &HeaderValue) -> bool {
        let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else {
            return false;
        };
        known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    }

    fn etag(body: &str) -> HeaderValue {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let tag = format!("\"{:016x}\"", hasher.finish());
        HeaderValue::from_str(&tag).expect("hexadecimal digits in quotes are a header value")
    }

    #[cfg(test)]
    mod tests {
        use axum::{
            body::{Body, to_bytes},
            http::Request,
        };
        use tower::ServiceExt;

        use super::*;

        async fn fetch(path: &str, known: Option<&HeaderValue>) -> Response {
            let mut request = Request::get(path);
            if let Some(known) = known {
                request = request.header(IF_NONE_MATCH, known);
            }
            let request = request.body(Body::empty()).expect("a request");
            router().oneshot(request).await.expect("infallible")
        }

        #[tokio::test]
        async fn page_names_only_files_that_are_served() {
            let page = fetch("/", None).await;
            assert_eq!(page.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
            let body = to_bytes(page.into_body(), usize::MAX).await.expect("a body");
            let body = std::str::from_utf8(&body).expect("UTF-8");
            for (path, content_type) in [("client.js", "text/javascript"), ("client.css", "text/css")] {
                assert!(body.contains(&format!("\"{path}\"")), "{path} is used by the page");
                let file = fetch(&format!("/{path}"), None).await;
                assert_eq!(file.status(), StatusCode::OK);
                let served = file.headers()[CONTENT_TYPE].to_str().expect("text");
                assert!(served.starts_with(content_type), "{path}: {served}");
            }
        }

        #[tokio::test]
        async fn policy_allows_nothing_inline() {
            let page = fetch("/", None).await;
            let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().expect("text");
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
        }

        #[tokio::test]
        async fn known_version_is_not_sent_again() {
            let first = fetch("/client.js", None).await;
            let again = fetch("/client.js", first.headers().get(ETAG)).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            let other = HeaderValue::from_static("\"0\"");
            let changed = fetch("/client.js", Some(&other)).await;
            assert_eq!(changed.status(), StatusCode::OK);
        }
    }
}

#[cfg(not(example_client))]
mod built {
    use axum::{Router, response::Html, routing::get};

    const PAGE: &str = "<!doctype html><html lang=\"en\"><title>mediasoup-server</title>\
        <p>The server runs. It was built without the example client.</p></html>";

    pub(super) fn router() -> Router {
        Router::new().route("/", get(|| async { Html(PAGE) }))
    }
}
