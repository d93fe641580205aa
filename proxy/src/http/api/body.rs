//! The JSON body extractors: check the media type, limit size, time and memory, and parse. Handlers give the type.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use shared::{Code, Outcome, Problem};
use tokio::{sync::Semaphore, time::timeout};

use crate::http::{
    app::App,
    failure::Failure,
    middleware::{
        authorize::Caller,
        body_memory::{BodyHeld, BodyMemory},
    },
};

/// Deadline of a body. At most [`LARGEST_BATCH_BODY`] arrives within it; a client that sends single bytes only occupies a
/// connection.
const BODY_DEADLINE: Duration = Duration::from_secs(20);
/// The largest body of a batch: five hundred orders are about 200 kB, three times that with the longest names, and
/// order fields take as much again (`LONGEST_VALUES`).
const LARGEST_BATCH_BODY: usize = 1792 << 10;
/// The largest body of a list of tokens: five hundred of the longest are about 35 kB.
const LARGEST_LIST_BODY: usize = 64 << 10;
/// The largest body that is about one thing.
const LARGEST_BODY: usize = 16 << 10;

/// A JSON body about one thing. Other media types are refused, which also refuses cross-site form posts.
pub(in crate::http) struct JsonBody<T>(pub(in crate::http) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (value, _) = read(request, LARGEST_BODY, &app.guard.bodies, false).await?;
        Ok(Self(value))
    }
}

/// A JSON body that is a list of tokens.
pub(in crate::http) struct JsonList<T>(pub(in crate::http) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonList<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (value, _) = read(request, LARGEST_LIST_BODY, &app.guard.bodies, false).await?;
        Ok(Self(value))
    }
}

/// Reads a JSON body that may be a batch of orders. Its memory is held until the result is dropped.
pub(super) async fn batch<T: DeserializeOwned>(
    request: Request,
    bodies: &BodyMemory,
) -> Result<(T, BodyHeld), Failure> {
    read(request, LARGEST_BATCH_BODY, bodies, true).await
}

async fn read<T: DeserializeOwned>(
    request: Request,
    largest: usize,
    bodies: &BodyMemory,
    is_batch: bool,
) -> Result<(T, BodyHeld), Failure> {
    let refuse = |code| Problem::new(code, Outcome::NotSent);
    if !is_json(request.headers()) {
        return Err(refuse(Code::UnsupportedMediaType).into());
    }
    let person = request.extensions().get::<Caller>().and_then(|caller| caller.id.clone());
    let receiving = bodies.each.hold(person.as_deref()).ok_or_else(too_much)?;
    let memory = if is_batch { &bodies.batches } else { &bodies.others };
    let collected = timeout(BODY_DEADLINE, collect(request.into_body(), largest, memory)).await;
    drop(receiving);
    let (body, held) = collected.map_err(|_| refuse(Code::BodyTooSlow))??;
    // The position helps the client's author. The content is not repeated.
    let place = |error: serde_json::Error| format!("line {}, column {}", error.line(), error.column());
    match serde_json::from_slice(&body) {
        Ok(value) => Ok((value, held)),
        Err(error) => Err(refuse(Code::MalformedBody).because(place(error)).into()),
    }
}

/// The bytes of a body, whose memory is taken as they arrive: who sends slowly keeps nobody else's.
async fn collect(body: Body, largest: usize, memory: &Arc<Semaphore>) -> Result<(Vec<u8>, BodyHeld), Problem> {
    let refuse = |code| Problem::new(code, Outcome::NotSent);
    let mut body = Limited::new(body, largest);
    let (mut bytes, mut held) = (Vec::new(), BodyHeld::default());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            refuse(if error.is::<LengthLimitError>() { Code::BodyTooLarge } else { Code::MalformedBody })
        })?;
        let Ok(data) = frame.into_data() else { continue };
        bytes.extend_from_slice(&data);
        if !held.grow(bytes.len(), memory) {
            return Err(too_much());
        }
    }
    Ok((bytes, held))
}

fn too_much() -> Problem {
    let problem = Problem::new(Code::Throttled, Outcome::NotSent).because("Too much is being received at the moment.");
    Problem { retry_after: Some(1), ..problem }
}

/// Whether a body is larger than that of a hundred orders, or may be.
pub(super) fn is_large(headers: &HeaderMap) -> bool {
    const LARGE: usize = 128 << 10;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_none_or(|length: usize| length > LARGE)
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode, response::IntoResponse};
    use futures_util::stream;
    use serde_json::json;
    use shared::order::{
        LARGEST_BATCH,
        fields::{LONGEST_KEY, LONGEST_VALUES, MOST_FIELDS},
    };

    use super::*;

    #[test]
    fn examples_of_servers_in_front_take_the_same_body() {
        let size = format!("{}k", LARGEST_BATCH_BODY >> 10);
        for (text, name) in [
            (include_str!("../../../../deploy/nginx.conf"), "client_max_body_size "),
            (include_str!("../../../../deploy/nginx-two-origins.conf"), "client_max_body_size "),
            (include_str!("../../../../deploy/kubernetes.yaml"), "proxy-body-size: "),
        ] {
            assert!(text.contains(&format!("{name}{size}")), "{name}{size}");
        }
    }

    #[test]
    fn the_largest_batch_fits_with_its_fields() {
        let order = json!({ "Action": "CreateDesktop", "ClientToken": "t".repeat(64), "RegionId": "r".repeat(64),
            "VpcId": "v".repeat(64), "VSwitchId": "v".repeat(64), "ZoneId": "z".repeat(64), "TypeItemId": "t".repeat(64),
            "ImageId": "i".repeat(64), "UserName": "名".repeat(64), "UserGroup": "Administrators", "ChargeType": "PREPAY",
            "Period": 36, "PeriodUnit": "Month" });
        let fields = json!({ "k".repeat(LONGEST_KEY): "值".repeat(LONGEST_VALUES) }).to_string().len();
        let keys = (MOST_FIELDS - 1) * (LONGEST_KEY + r#""":"","#.len());
        let all = LARGEST_BATCH * (order.to_string().len() + r#","OrderFields":,"#.len() + fields + keys);
        assert!(all < LARGEST_BATCH_BODY, "{all}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let first = stream::once(async { Ok::<_, std::convert::Infallible>("{") });
        let body = Body::from_stream(futures_util::StreamExt::chain(first, stream::pending()));
        let request = Request::post("/").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
        let refused = batch::<serde_json::Value>(request, &BodyMemory::default()).await.err().unwrap().into_response();
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn all_bodies_together_take_so_much_memory() {
        let bodies = BodyMemory {
            batches: Arc::new(Semaphore::new(100)),
            others: Arc::new(Semaphore::new(1)),
            ..BodyMemory::default()
        };
        let receive = async |length: usize| {
            let body = format!("\"{}\"", "x".repeat(length - 2));
            let request = Request::post("/").header(header::CONTENT_TYPE, "application/json").body(Body::from(body));
            batch::<String>(request.unwrap(), &bodies).await.map_err(|failure| failure.into_response().status())
        };
        let first = receive(60 << 10).await.unwrap();
        assert_eq!(bodies.batches.available_permits(), 40);
        assert_eq!(receive(41 << 10).await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(bodies.batches.available_permits(), 40, "what is refused holds nothing");
        let second = receive(40 << 10).await.unwrap();
        drop(first);
        assert!(receive(60 << 10).await.is_ok());
        assert_eq!(receive(LARGEST_BATCH_BODY + 1).await.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
        drop(second);
        assert_eq!((bodies.batches.available_permits(), bodies.others.available_permits()), (100, 1));
    }

    #[test]
    fn a_body_of_no_declared_length_may_be_large() {
        let check = |length: Option<&str>, expect: bool| {
            let headers = length.map(|length| (header::CONTENT_LENGTH, length.parse().unwrap()));
            assert_eq!(is_large(&headers.into_iter().collect()), expect, "{length:?}");
        };
        check(Some("2"), false);
        check(Some("131072"), false);
        check(Some("131073"), true);
        check(Some("-1"), true);
        check(None, true);
    }

    #[test]
    fn media_types() {
        let check = |text: &str, expect: bool| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, text.parse().unwrap())]);
            assert_eq!(is_json(&headers), expect, "{text}");
        };
        check("application/json", true);
        check("Application/JSON; charset=utf-8", true);
        check("text/plain", false);
        check("application/json-seq", false);
        check("application/x-www-form-urlencoded", false);
        check("", false);
        assert!(!is_json(&HeaderMap::new()));
    }
}
