//! Serving below a path, such as `https://intra.example.com/deskbuy/`. A server in front may keep the path or strip it: it is
//! taken off where it stands, and what is asked without it is the same.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{Uri, uri::PathAndQuery},
    middleware::{Next, from_fn},
};

/// The router, for requests with the path and without it. `base` begins and ends with a slash.
pub(super) fn below(base: &str, router: Router) -> Router {
    if base == "/" {
        return router;
    }
    let base: Arc<str> = base.into();
    // A layer around a router comes before its routes only as one around the fallback of another.
    Router::new().fallback_service(router).layer(from_fn(move |mut request: Request, next: Next| {
        if let Some(uri) = stripped(&base, request.uri()) {
            *request.uri_mut() = uri;
        }
        next.run(request)
    }))
}

/// The address without the path, if it has it.
fn stripped(base: &str, uri: &Uri) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(base)?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("/{rest}")).ok()?);
    Uri::from_parts(parts).ok()
}

/// Where the page is, if the address is that without its last slash, or with more than one: the page's files are named
/// relative to it. The path may have been taken off already.
pub(super) fn with_one_slash(base: &str, uri: &Uri) -> Option<String> {
    let path = uri.path();
    let has_none = base != "/" && base.strip_suffix('/') == Some(path);
    let has_more = path.len() > 1 && path.bytes().all(|byte| byte == b'/');
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    (has_none || has_more).then(|| format!("{base}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_taken_off_once() {
        let check = |uri: &str, expect: Option<&str>| {
            let found = stripped("/desk/", &uri.parse().unwrap());
            assert_eq!(found.map(|uri| uri.to_string()).as_deref(), expect, "{uri}");
        };
        check("/desk/", Some("/"));
        check("/desk/?a=/desk/", Some("/?a=/desk/"));
        check("/desk/api/orders?limit=1", Some("/api/orders?limit=1"));
        check("/desk/desk/", Some("/desk/"));
        check("http://desk.example/desk/api/session", Some("http://desk.example/api/session"));
        check("/desk//evil.example/", Some("//evil.example/"));
        for other in ["/", "/desk", "/desk?a", "/desktop/", "/api/orders", "/DESK/", "/a/desk/", "*"] {
            check(other, None);
        }
    }

    #[test]
    fn the_page_is_below_its_slash() {
        let check = |base: &str, uri: &str, expect: Option<&str>| {
            assert_eq!(with_one_slash(base, &uri.parse().unwrap()).as_deref(), expect, "{uri}");
        };
        check("/desk/", "/desk", Some("/desk/"));
        check("/desk/", "/desk?request={}", Some("/desk/?request={}"));
        check("/desk/", "/desk/", None);
        check("/desk/", "/desks", None);
        check("/", "/", None);
        check("/", "//", Some("/"));
        check("/", "///?request={}", Some("/?request={}"));
        check("/desk/", "//", Some("/desk/"));
        check("/", "//evil.example", None);
    }
}
