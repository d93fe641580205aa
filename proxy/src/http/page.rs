//! The page: serves the files that Trunk built, with their caching headers. Where they are is in [`source`], what
//! `index.html` says besides in [`super::document`].

mod source;

use std::{convert::Infallible, io, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect, Response},
};
use tower::service_fn;
use tower_http::services::fs::{Backend, DefaultServeDirFallback, ServeDir};

use super::{App, base, document};
pub use source::PageSource;

/// Serves the files, precompressed where the browser accepts it.
pub(super) fn service(source: PageSource, app: Arc<App>) -> Router {
    let files = match &source {
        PageSource::Folder(folder) => files(ServeDir::new(folder), source::missing(folder)),
        PageSource::Embedded(files) => self::files(ServeDir::with_backend("", *files), String::new()),
    };
    let source = Arc::new(source);
    // Below a path the host is others' too, and the header would be for all of it.
    let has_host = app.guard.base() == "/";
    let document = from_fn(move |request: Request, next: Next| {
        let (app, source) = (Arc::clone(&app), Arc::clone(&source));
        async move { document(&app, &source, request, next).await }
    });
    files.layer(document).layer(from_fn(move |request, next| around(has_host, request, next)))
}

/// The files as they are. `missing` is the answer at `/` where there is no document.
fn files<B: Backend>(files: ServeDir<DefaultServeDirFallback, B>, missing: String) -> Router {
    let mut files = files
        .precompressed_br()
        .precompressed_gzip()
        // `name.html` has no second address `name`.
        .html_as_default_extension(false)
        .fallback(service_fn(move |request: Request| {
            let is_page = request.uri().path() == "/";
            let answer = (StatusCode::NOT_FOUND, if is_page { missing.clone() } else { "Not found\n".to_owned() });
            async move { Ok::<_, Infallible>(answer.into_response()) }
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
    Router::new().fallback_service(found)
}

/// Whether no file can have the name: it is too long, or has characters that names cannot have.
fn is_no_file(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory | InvalidFilename | InvalidInput)
}

/// At `/`, the document with what is known by now, or the file. They depend on who asks, and in which language.
async fn document(app: &App, source: &PageSource, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(to) = base::with_one_slash(app.guard.base(), request.uri()).filter(|_| is_read) {
        return Redirect::permanent(&to).into_response();
    }
    if !is_read || request.uri().path() != "/" {
        return next.run(request).await;
    }
    let mut response = match document::answer(app, source, request.uri(), request.headers()).await {
        Some(response) => response,
        None => next.run(request).await,
    };
    let vary = HeaderValue::from_static("accept-encoding, accept-language, cookie");
    response.headers_mut().insert(header::VARY, vary);
    response
}

/// What every file has around it. `has_host`: nothing else is on this host.
async fn around(has_host: bool, request: Request, next: Next) -> Response {
    let policy = if is_hashed(request.uri().path()) { "public, max-age=31536000, immutable" } else { "no-cache" };
    // Set by a proxy that terminates TLS. Browsers ignore the header over plain http.
    let is_https = request.headers().get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let mut response = next.run(request).await;
    let is_found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(if is_found { policy } else { "no-cache" });
    headers.entry(header::CACHE_CONTROL).or_insert(policy);
    if is_https && has_host {
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
    use std::{
        io::Write,
        path::Path,
        time::{Duration, SystemTime},
    };

    use axum::{
        body::{Body, Bytes},
        http::HeaderMap,
    };
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::{
        source::{EmbeddedFile, EmbeddedFiles},
        *,
    };

    const FILES: [EmbeddedFile; 4] = [
        EmbeddedFile { name: "index.html", content: b"<!doctype html>", modified: Duration::new(1_700_000_000, 7) },
        EmbeddedFile { name: "index.html.br", content: b"br", modified: Duration::new(1_700_000_000, 8) },
        EmbeddedFile {
            name: "boot-9c3f1a2b4d5e6f70.js",
            content: b"0123456789",
            modified: Duration::new(1_700_000_001, 9),
        },
        EmbeddedFile {
            name: "boot-9c3f1a2b4d5e6f70.js.gz",
            content: b"gz",
            modified: Duration::new(1_700_000_001, 10),
        },
    ];

    /// What a router answers: status, headers and body.
    async fn answer(
        router: &Router,
        method: &str,
        path: &str,
        name: &str,
        value: &str,
    ) -> (StatusCode, HeaderMap, Bytes) {
        let request = Request::builder().method(method).uri(path).header(name, value).body(Body::empty()).unwrap();
        let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn the_program_answers_as_a_folder_does() {
        let folder = tempfile::tempdir().unwrap();
        for EmbeddedFile { name, content, modified } in &FILES {
            let mut file = std::fs::File::create(folder.path().join(name)).unwrap();
            file.write_all(content).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + *modified).unwrap();
        }
        let on_disk = files(ServeDir::new(folder.path()), String::new());
        let embedded = files(ServeDir::with_backend("", EmbeddedFiles(&FILES)), String::new());
        let script = "/boot-9c3f1a2b4d5e6f70.js";
        let (_, found, _) = answer(&on_disk, "GET", script, "accept", "*/*").await;
        let (tag, time) = (&found[header::ETAG], &found[header::LAST_MODIFIED]);
        let headers = [
            ("accept-encoding", "br, gzip"),
            ("accept-encoding", "gzip;q=0.5, br;q=0.1"),
            ("range", "bytes=2-5"),
            ("range", "bytes=20-"),
            ("if-none-match", tag.to_str().unwrap()),
            ("if-match", "\"other\""),
            ("if-modified-since", time.to_str().unwrap()),
            ("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ];
        let long = format!("/{}", "x".repeat(300));
        let paths = [
            "/",
            "/index.html",
            "/index.html/",
            script,
            "/nothing",
            "/../index.html",
            "/.",
            "/a/index.html",
            "/%2findex.html",
            &long,
        ];
        for path in paths {
            for (name, value) in headers {
                for method in ["GET", "HEAD", "POST"] {
                    let expect = answer(&on_disk, method, path, name, value).await;
                    let found = answer(&embedded, method, path, name, value).await;
                    assert_eq!(found, expect, "{method} {path} {name}: {value}");
                }
            }
        }
        let (status, headers, body) = answer(&embedded, "GET", "/", "accept-encoding", "br").await;
        assert_eq!(
            (status, &body[..], &headers[header::CONTENT_ENCODING]),
            (StatusCode::OK, &b"br"[..], &"br".parse().unwrap())
        );
    }

    #[tokio::test]
    async fn the_document_is_in_the_program_or_the_folder() {
        let embedded = PageSource::Embedded(EmbeddedFiles(&FILES));
        assert_eq!(embedded.document().await.as_deref(), Some("<!doctype html>"));
        assert_eq!(embedded.fault(), None);
        let nowhere = PageSource::of(Some(Path::new("/no/such/folder")));
        assert_eq!(nowhere.document().await, None);
        assert!(nowhere.fault().is_some_and(|fault| fault.contains("/no/such/folder")));
    }

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
