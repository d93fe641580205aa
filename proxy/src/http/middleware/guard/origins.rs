//! Other origins: which pages hosted elsewhere may call, and where a sign-in may lead back to.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use shared::{Code, Outcome, Problem};
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    csrf::{ConfigError, CsrfLayer, ProtectionError},
};

use super::{Guard, UNATTENDED};
use crate::http::failure::Failure;

/// How long a browser may cache a preflight answer.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_mins(10);

impl Guard {
    /// The address to return to after sign-in. It is `asked` if that is one of our pages, and the page itself
    /// otherwise, so that `/login` is no open redirect.
    pub(in crate::http) fn return_address(&self, asked: Option<&str>) -> String {
        // Has to fit into a cookie.
        const MAX_RETURN_ADDRESS_LENGTH: usize = 2_000;
        let home = || self.public_url.as_str().to_owned();
        let Some(asked) = asked.filter(|asked| asked.len() <= MAX_RETURN_ADDRESS_LENGTH) else { return home() };
        // Resolved as browsers do, which take `//host` and `\host` for other hosts.
        let Ok(url) = self.public_url.join(asked) else { return home() };
        let origin = url.origin();
        // No more of what is below: a server in front may read a path another way than browsers do (`..%2f`).
        let page = url.path().strip_prefix(self.base());
        let here = origin == self.public_url.origin() && matches!(page, Some("" | "index.html"));
        let ours = here || self.pages.contains(&origin.ascii_serialization());
        let bare = url.username().is_empty() && url.password().is_none();
        // A `blob:` address has the origin of the page that made it. Encoding makes an address longer.
        let fits = matches!(url.scheme(), "https" | "http") && url.as_str().len() <= MAX_RETURN_ADDRESS_LENGTH;
        if ours && bare && fits { url.into() } else { home() }
    }

    /// CORS: lets pages of the listed origins read answers. `None` if no origin is listed.
    pub(in crate::http) fn cors(&self) -> Option<CorsLayer> {
        if self.pages.is_empty() {
            return None;
        }
        let exposed = ["x-request-id", "x-upstream-request-id", "retry-after"].map(HeaderName::from_static);
        let origins = self.pages.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::CONTENT_TYPE,
                header::ACCEPT,
                header::CACHE_CONTROL,
                HeaderName::from_static("last-event-id"),
                UNATTENDED,
            ])
            .expose_headers(exposed)
            .max_age(PREFLIGHT_MAX_AGE);
        Some(layer)
    }

    /// CSRF: refuses cross-site requests other than from the listed origins.
    pub(in crate::http) fn csrf(
        &self,
    ) -> Result<CsrfLayer<impl Fn(ProtectionError) -> Response<Body> + Clone + use<>>, ConfigError> {
        fn refuse(_: ProtectionError) -> Response<Body> {
            Failure::from(Problem::new(Code::CrossSite, Outcome::NotSent)).into_response()
        }
        // Our own too, where the server in front passes `Host` on without its port.
        let own = self.public_url.origin().ascii_serialization();
        let layer = self.pages.iter().chain([&own]).try_fold(CsrfLayer::new(), CsrfLayer::add_trusted_origin)?;
        Ok(layer.with_rejection_response(refuse))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::guard;

    #[test]
    fn sign_in_is_no_open_redirect() {
        let guard = guard("127.0.0.1:8080", Some("https://desk.example"), &["https://pages.example:8443"]);
        let home = "https://desk.example/";
        let check = |asked: &str, expect: &str| assert_eq!(guard.return_address(Some(asked)), expect, "{asked}");
        assert_eq!(guard.return_address(None), home);
        check("/", home);
        check("/?request=%7B%7D&a=b#/buy", "https://desk.example/?request=%7B%7D&a=b#/buy");
        check(
            "/?request={%22region%22:%22cn-hangzhou%22}#/orders/t-1",
            "https://desk.example/?request={%22region%22:%22cn-hangzhou%22}#/orders/t-1",
        );
        check("https://desk.example/#/orders", "https://desk.example/#/orders");
        check("https://pages.example:8443/desk/?a=1#/buy", "https://pages.example:8443/desk/?a=1#/buy");
        check("/index.html?a=1#/buy", "https://desk.example/index.html?a=1#/buy");
        for elsewhere in [
            "https://evil.example/",
            "https:evil.example",
            "/wiki/",
            "/..%2fwiki/",
            "/index.html/",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "/\t/evil.example/",
            " //evil.example",
            "https:\\\\evil.example",
            "http://desk.example/",
            "https://desk.example@evil.example/",
            "https://evil.example@desk.example/",
            "https://desk.example.evil.example/",
            "https://pages.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://desk.example/0b1c",
            "filesystem:https://desk.example/temporary/x",
            "view-source:https://desk.example/",
            "ftp://desk.example/",
        ] {
            assert_eq!(guard.return_address(Some(elsewhere)).split('#').next(), Some(home), "{elsewhere}");
        }
        check(&format!("/?a={}", "x".repeat(2_000)), home);
        check(&format!("/?a={}", "张".repeat(400)), home);
    }
}
