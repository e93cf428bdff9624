//! A file as an answer: whole, or a range of it (RFC 9110 section 14), with what keeps browsers from guessing.

use std::path::Path;

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
        header::{self, HeaderName},
    },
    response::IntoResponse,
};
use mediasoup_core::recording::{RecordedFile, RecordingError};
use tower_http::services::ServeFile;

use crate::error::{ApiError, Code};

/// What a client may ask of the file; the rest of its headers is not for it.
const ASKED: [HeaderName; 5] = [
    header::RANGE,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
];

/// Answers with the file.
///
/// # Errors
/// It was deleted meanwhile; a range that lies outside of it.
pub(super) async fn send(
    file: &RecordedFile,
    method: Method,
    mut headers: HeaderMap,
) -> Result<axum::response::Response, ApiError> {
    if !is_one_range(&headers) || !is_range_of_this(file, &headers).await? {
        headers.remove(header::RANGE);
    }
    let mut response = serve(&file.path, method, &headers).await?;
    if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
        let error = ApiError::new(Code::InvalidRequest, format!("Range: the file has {} bytes", file.size));
        let mut refusal = error.with_status(response.status()).into_response();
        refusal.headers_mut().extend(
            response.headers_mut().remove(header::CONTENT_RANGE).map(|range| (header::CONTENT_RANGE, range)),
        );
        return Ok(refusal);
    }
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&file.name)));
    answer.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.extend(disposition(&file.name).map(|value| (header::CONTENT_DISPOSITION, value)));
    Ok(response)
}

async fn serve(
    path: &Path,
    method: Method,
    headers: &HeaderMap,
) -> Result<axum::response::Response, ApiError> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    for name in ASKED {
        request.headers_mut().extend(headers.get(&name).cloned().map(|value| (name, value)));
    }
    let response: Response<_> = ServeFile::new(path).try_call(request).await.map_err(RecordingError::Io)?;
    match response.status() {
        StatusCode::NOT_FOUND => Err(RecordingError::FileNotFound.into()),
        _ => Ok(response.map(Body::new)),
    }
}

/// Several ranges at once may be ignored (RFC 9110 section 14.2): then the whole file is sent.
fn is_one_range(headers: &HeaderMap) -> bool {
    headers.get(header::RANGE).is_none_or(|range| !range.as_bytes().contains(&b','))
}

/// `If-Range`: whether the client's part is one of the file as it is now (RFC 9110 section 13.1.5).
async fn is_range_of_this(file: &RecordedFile, headers: &HeaderMap) -> Result<bool, ApiError> {
    let Some(known) = headers.get(header::IF_RANGE) else { return Ok(true) };
    let now = serve(&file.path, Method::HEAD, &HeaderMap::new()).await?;
    Ok([header::ETAG, header::LAST_MODIFIED].iter().any(|name| now.headers().get(name) == Some(known)))
}

/// By what our own names end with.
fn media_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|it| it.to_str()) {
        Some("mp4") => "video/mp4",
        Some("mkv") => "video/x-matroska",
        Some("webm") => "video/webm",
        Some("opus") => "audio/ogg",
        Some("aac") => "audio/aac",
        Some("h264") => "video/h264",
        _ => "application/octet-stream",
    }
}

/// `None` where no header can carry the name: then the URL's last part is the name.
fn disposition(name: &str) -> Option<HeaderValue> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        let shown = |name| disposition(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(shown("room_a_combined.mp4"), "attachment; filename=\"room_a_combined.mp4\"");
        assert_eq!(shown("a\"; b=\r\nc/ä"), "attachment; filename=\"a___b___c__\"");
    }
}
