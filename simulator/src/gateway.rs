//! The gateway: takes each call through parameters, admission, faults, the action, shape and answer. This file defines
//! the order of the steps; each step's rules are in its own module.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::Response,
};
use serde_json::{Map, Value};
use shared::{Action, Product};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Kind, ScriptedAnswer, Shape, Simulator, admission,
    answer::Answers,
    call::Call,
    error::Error,
    handlers::{Context, Handle},
    parameters::Parameters,
    script::{Ending, Instead},
    seed, shape,
    strange::{self, Answer, Draw},
    world::{World, regions::Region},
};

/// The largest body that is accepted, in bytes.
const LARGEST_BODY: usize = 256 * 1024;
/// The most that is read of an oversized body: a client that is still sending would not see the answer.
const MOST_READ: usize = 8 * 1024 * 1024;

/// A request extension that tells hanging calls that the server stops.
#[derive(Clone)]
pub(crate) struct Stopping(pub(crate) watch::Receiver<bool>);

/// The outcome of a call.
enum Outcome {
    Answer(Map<String, Value>),
    CutOff(Map<String, Value>),
    Error(Error),
    /// A scripted answer, and its body.
    Scripted(ScriptedAnswer, String),
    Html,
    Drop,
    Hang,
}

/// Answers a call of the RPC interface.
pub(crate) async fn call(State(simulator): State<Simulator>, request: Request) -> Response {
    let stopping = request.extensions().get::<Stopping>().cloned();
    let (parts, body) = request.into_parts();
    let request_id = format!("{:X}", Uuid::new_v4().hyphenated());
    let (action, outcome) = match read(&simulator, &parts, body).await {
        Ok(call) => (call.action, carry_out(&simulator, &call).await),
        Err(error) => ("-", Outcome::Error(error)),
    };
    let answers = Answers { now: simulator.now() };
    let with_id = |mut members: Map<String, Value>| {
        members.insert("RequestId".to_owned(), request_id.clone().into());
        Value::Object(members)
    };
    let (code, response) = match outcome {
        Outcome::Answer(members) => ("OK".into(), answers.json(StatusCode::OK, &with_id(members))),
        Outcome::CutOff(members) => ("(cut off)".into(), answers.cut_off(&with_id(members))),
        Outcome::Html => ("(html)".into(), answers.html()),
        Outcome::Scripted(answer, body) => ("(scripted)".into(), answer.response(body)),
        Outcome::Drop => ("(dropped)".into(), answers.dropped()),
        Outcome::Hang => {
            tracing::info!(action, request_id, "left without an answer");
            wait_for_the_end(stopping).await;
            ("(dropped)".into(), answers.dropped())
        }
        Outcome::Error(error) => {
            let mut response = answers.json(error.status, &error.body(&request_id, host(&parts.headers)));
            if let Some(seconds) = error.retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            (error.code, response)
        }
    };
    tracing::info!(action, %code, status = response.status().as_u16(), request_id, "answered");
    response
}

async fn wait_for_the_end(stopping: Option<Stopping>) {
    match stopping {
        // The channel fails only after the server is gone.
        Some(Stopping(mut stopping)) => drop(stopping.wait_for(|stopping| *stopping).await),
        None => std::future::pending().await,
    }
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// An admitted call, with all of its parameters.
async fn read(simulator: &Simulator, parts: &Parts, body: Body) -> Result<Call, Error> {
    if parts.method != Method::GET && parts.method != Method::POST {
        let message = "This http method is not supported.";
        return Err(Error::with_status(StatusCode::METHOD_NOT_ALLOWED, "UnsupportedHTTPMethod", message));
    }
    let body = to_bytes(body, MOST_READ).await.ok().filter(|body| body.len() <= LARGEST_BODY);
    let body = body.ok_or_else(|| {
        let message = "The request body is larger than the maximum.";
        Error::with_status(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
    })?;
    // Like the real gateway, reads forms only, and ignores JSON bodies.
    let content_type = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let is_form = content_type.to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded");
    let form: &[u8] = if is_form { &body } else { b"" };
    admit(simulator, &parts.method, &Parameters::parse(parts.uri.query().unwrap_or_default(), form))
}

fn admit(simulator: &Simulator, method: &Method, parameters: &Parameters) -> Result<Call, Error> {
    let (action, product, class) = admission::action(parameters)?;
    let number = simulator.lock().world.count(action);
    let config = simulator.config();
    let now = simulator.now();
    admission::identity(parameters, config, now)?;
    let nonce = admission::nonce(parameters, &simulator.lock().nonces)?;
    admission::signed(method.as_str(), parameters, &config.access_key_secret)?;
    // Recorded only after the signature check, so that clients without the secret cannot fill the table. Checked again,
    // since a concurrent call may have used the nonce meanwhile.
    if !config.allow_replays && !simulator.lock().nonces.insert(nonce, now) {
        return Err(admission::nonce_used());
    }
    let region = match (parameters.get("RegionId"), product) {
        (Some(id), _) => Region::find(id).ok_or_else(|| Error::not_found("RegionId"))?,
        (None, Product::CloudDesktop) => Region::DEFAULT,
        (None, Product::Vpc) => return Err(Error::missing_parameter("RegionId")),
    };
    Ok(Call { action, class, region, number, business: parameters.business() })
}

async fn carry_out(simulator: &Simulator, call: &Call) -> Outcome {
    let instead = simulator.lock().script.instead(call);
    match instead {
        Some(Instead::Error(error)) => return Outcome::Error(error),
        Some(Instead::Html) => return Outcome::Html,
        Some(Instead::Hang) => return Outcome::Hang,
        None => {}
    }
    let strange = simulator.lock().script.strange(call);
    if let Some(draw) = strange {
        return carry_out_strangely(simulator, call, draw);
    }
    let scripted = simulator.lock().script.scripted(call);
    if let Some(answer) = scripted.as_ref().filter(|answer| !answer.carried_out) {
        return answer.filled(&Map::new()).map_or(Outcome::Drop, |body| Outcome::Scripted(answer.clone(), body));
    }
    let outcome = match perform_any(simulator, call) {
        Ok(came_to) if let Some(answer) = scripted => match answer.filled(&came_to) {
            Some(body) => Outcome::Scripted(answer, body),
            None => Outcome::Drop,
        },
        Ok(answer) => {
            let answer = dress(simulator, call, answer);
            let ending = simulator.lock().script.ending(call);
            match ending {
                Ending::Whole => Outcome::Answer(answer),
                Ending::CutOff => Outcome::CutOff(answer),
                Ending::Error(error) => Outcome::Error(error),
                Ending::Drop => Outcome::Drop,
                Ending::Hang => Outcome::Hang,
            }
        }
        Err(error) => Outcome::Error(shape::shape_error(error, simulator.config().shape, &mut rng(simulator, call))),
    };
    // After the change, so that a client that times out finds it done.
    let delay = simulator.lock().script.delay(call);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    outcome
}

fn carry_out_strangely(simulator: &Simulator, call: &Call, draw: Draw) -> Outcome {
    let result = draw.is_carried_out().then(|| perform_any(simulator, call));
    match draw.answer(result) {
        Answer::Whole { status, body, is_named } => {
            if is_named {
                simulator.lock().script.count_named(call);
            }
            Outcome::Scripted(ScriptedAnswer { status, ..ScriptedAnswer::to(call.action, "") }, body)
        }
        Answer::CutOff(answer) => Outcome::CutOff(answer),
        Answer::Dropped => Outcome::Drop,
    }
}

fn perform_any(simulator: &Simulator, call: &Call) -> Result<Map<String, Value>, Error> {
    shared::with_action!(
        call.action,
        A => perform::<A>(simulator, call),
        _ => Err(Error::not_found("Action"))
    )
}

/// Runs the action's handler. Lists in its answer are still plain arrays.
fn perform<A: Action>(simulator: &Simulator, call: &Call) -> Result<Map<String, Value>, Error>
where
    World: Handle<A>,
{
    let request: A = shared::parameters::from_pairs(&call.business)?;
    let (response, more) = {
        let mut parts = simulator.lock();
        let parts = &mut *parts;
        let mut context = Context { region: call.region, script: &mut parts.script };
        let response = parts.world.handle(&request, &mut context)?;
        (response, parts.world.extra_members(&request, &context))
    };
    // A response is a struct, so it serialises to an object. Absent members are left out, not null.
    let Ok(Value::Object(mut answer)) = serde_json::to_value(response) else { return Ok(more) };
    answer.retain(|_, value| !value.is_null());
    answer.extend(more);
    Ok(answer)
}

/// Applies the shape, and the faults that change only the form of an answer.
fn dress(simulator: &Simulator, call: &Call, mut answer: Map<String, Value>) -> Map<String, Value> {
    let on = |kind| simulator.lock().script.covers(kind, call.action);
    if on(Kind::Empty) {
        shape::empty_lists(&mut answer);
    }
    if on(Kind::Fractions) {
        shape::fractions(&mut answer);
    }
    if on(Kind::OddItems) {
        shape::odd_items(&mut answer);
    }
    if on(Kind::NoIds) && call.action == shared::actions::CreateDesktop::NAME {
        answer.clear();
    }
    let (is_wrong, is_strange) = (on(Kind::WrongTypes), on(Kind::Strange));
    if is_strange {
        strange::rows::add(&mut answer, &mut rng(simulator, call));
    }
    let how = match (is_wrong, is_strange) {
        (true, _) => Shape::Flat,
        (_, true) => Shape::Mixed,
        _ => simulator.config().shape,
    };
    let mut answer = shape::shape(answer, how, &mut rng(simulator, call));
    if is_wrong {
        shape::wrong_types(&mut answer);
    }
    answer
}

fn rng(simulator: &Simulator, call: &Call) -> fastrand::Rng {
    seed::rng(simulator.config().seed, &format!("shape of {}", call.action), call.number)
}
