//! The page: serves the files that Trunk built, with their caching and security headers. What
//! `index.html` says besides is in [`super::document`].

use std::{convert::Infallible, io, path::Path, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tower::service_fn;
use tower_http::services::ServeDir;

use super::{App, document};

/// The policy of a page without inline scripts. Compiling wasm needs `wasm-unsafe-eval`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";
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

/// Sets the headers that every answer has.
pub(super) fn set_security_headers<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    // Room for these and for a few that come later.
    headers.reserve(2 * SECURITY_HEADERS.len());
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, value);
    }
    response
}

/// Serves the files of the folder, precompressed where the browser accepts it.
pub(super) fn service(folder: &Path, app: Arc<App>) -> Router {
    let mut files = ServeDir::new(folder)
        .precompressed_br()
        .precompressed_gzip()
        // `name.html` has no second address `name`.
        .html_as_default_extension(false)
        .fallback(service_fn({
            let missing = missing(folder);
            move |request: Request| {
                let is_page = request.uri().path() == "/";
                let answer = (StatusCode::NOT_FOUND, if is_page { missing.clone() } else { "Not found\n".to_owned() });
                async move { Ok::<_, Infallible>(answer.into_response()) }
            }
        }));
    // The file system refuses some names that nobody gave a file. That is the caller's doing.
    let found = service_fn(move |request: Request| {
        let answer = files.try_call(request);
        async move {
            Ok::<_, Infallible>(match answer.await {
                Ok(response) => response.into_response(),
                Err(error) if is_no_file(&error) => (StatusCode::NOT_FOUND, "Not found\n").into_response(),
                Err(error) => {
                    tracing::error!(%error, "a file of the page cannot be read");
                    StatusCode::INTERNAL_SERVER_ERROR.into_response()
                }
            })
        }
    });
    let folder = Arc::from(folder);
    let document = from_fn(move |request: Request, next: Next| {
        let (app, folder) = (Arc::clone(&app), Arc::clone(&folder));
        async move { document(&app, &folder, request, next).await }
    });
    Router::new().fallback_service(found).layer(document).layer(from_fn(around))
}

/// Whether no file can have the name: it is too long, or has characters that names cannot have.
fn is_no_file(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory | InvalidFilename | InvalidInput)
}

/// At `/`, the document with what is known by now, or the file. They depend on who asks, and in which language.
async fn document(app: &App, folder: &Path, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || request.uri().path() != "/" {
        return next.run(request).await;
    }
    let mut response = match document::answer(app, folder, request.uri(), request.headers()).await {
        Some(response) => response,
        None => next.run(request).await,
    };
    let vary = HeaderValue::from_static("accept-encoding, accept-language, cookie");
    response.headers_mut().insert(header::VARY, vary);
    response
}

/// The message that the page is missing.
pub(crate) fn missing(folder: &Path) -> String {
    format!(
        "There is no page in the folder {:?}. Build it with `trunk build --release`, or name another folder with \
         --page (DESKBUY_PAGE).\n",
        folder.display().to_string()
    )
}

async fn around(request: Request, next: Next) -> Response {
    let policy = if is_hashed(request.uri().path()) { "public, max-age=31536000, immutable" } else { "no-cache" };
    // Set by a proxy that terminates TLS. Browsers ignore the header over plain http.
    let is_https = request.headers().get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let mut response = next.run(request).await;
    let is_found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(if is_found { policy } else { "no-cache" });
    headers.entry(header::CACHE_CONTROL).or_insert(policy);
    if is_https {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

/// Whether a file's name contains a hash of its content, as Trunk names what it builds:
/// `page-1a2b3c4d5e6f7081_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_hash = |part: &str| part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.contains('.') && name.split(['-', '_', '.']).skip(1).any(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names() {
        let check = |path: &str, expect: bool| assert_eq!(is_hashed(path), expect, "{path}");
        check("/frontend-9c3f1a2b4d5e6f70.js", true);
        check("/frontend-9c3f1a2b4d5e6f70_bg.wasm", true);
        check("/assets/tokens-9c3f1a2b4d5e6f70.css", true);
        check("/", false);
        check("/index.html", false);
        check("/boot.js", false);
        check("/9c3f1a2b4d5e6f70", false);
        check("/9c3f1a2b4d5e6f70/boot.js", false);
        check("/cloud-desktop.svg", false);
    }
}
