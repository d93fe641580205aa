//! The headers that tell a browser what the page may do, and who may use its answers.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::digest;

/// The policy of a page without inline scripts or styles. Compiling wasm needs `wasm-unsafe-eval`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";
/// What of it says where styles come from.
const STYLES: &str = "style-src 'self'";
const PERMISSIONS_POLICY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()";

/// Constants, so that they are not validated again for each answer.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS_POLICY)),
];

/// The policy of a document that has this style in it, and no other.
pub(super) fn policy_with_style(style: &str) -> HeaderValue {
    let digest = STANDARD.encode(digest::digest(&digest::SHA256, style.as_bytes()));
    let policy = CONTENT_SECURITY_POLICY.replace(STYLES, &format!("{STYLES} 'sha256-{digest}'"));
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(CONTENT_SECURITY_POLICY))
}

/// Sets the headers that every answer has. One that has a policy of its own keeps it.
pub(super) fn set_security_headers<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    // Room for these and for a few that come later.
    headers.reserve(2 * SECURITY_HEADERS.len());
    for (name, value) in SECURITY_HEADERS {
        headers.entry(name).or_insert(value);
    }
    response
}
