//! Calls of the proxy. An error is always a [`Problem`]; dropping a future aborts its request. The targets of reads are in
//! [`shared::reads`].

#![expect(clippy::disallowed_methods, reason = "this is the wrapper to use instead")]

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use gloo_net::http::{Request, Response};
use js_sys::{Array, Function, Promise};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::{
    Action, Code, Outcome, Problem,
    ids::{ClientToken, RegionId},
    json,
    order::{
        NewOrders, Order,
        approval::Approval,
        fields::{FieldValues, FieldsChange},
    },
    parameters, reads,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::reactive::{after_unless_dropped, by_itself, is_by_itself, load::Fetch};

/// How long a request may take. The proxy's own deadlines are shorter; this one is for a network that never answers.
const DEADLINE: Duration = Duration::from_secs(30);

/// Aborts the request when the future that holds it is dropped.
struct AbortOnDrop(Option<web_sys::AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// The answer at a target.
pub async fn get<T: DeserializeOwned>(target: String) -> Result<T, Problem> {
    read(&fetch(&target).await?)
}

/// The answer at a target, for a load.
pub fn load<T: DeserializeOwned + Send + Sync + 'static>(target: String) -> Fetch<T> {
    Fetch::reading(fetch(&target), read::<T>)
}

/// The text of the answer to a write action other than an order. Not of a type each, as its future would be.
pub fn write<A: Action>(region: &RegionId, request: &A) -> Pin<Box<dyn Future<Output = Result<String, Problem>>>> {
    let mut body = serde_json::to_value(request).unwrap_or_default();
    body[parameters::REGION_ID] = region.as_str().into();
    send_boxed(address(A::NAME), Some(body.to_string()))
}

/// Places orders, all or none. Safe to repeat with the same tokens.
pub async fn place(operations: Vec<Map<String, Value>>) -> Result<(), Problem> {
    let body = serde_json::to_value(NewOrders { operations }).map_err(unwritten)?.to_string();
    // Accepted is enough here; the pages that show the orders ask for their states.
    send_boxed(address("orders"), Some(body)).await.map(drop)
}

/// Approves or declines orders, all or none. Safe to repeat.
pub async fn decide(approval: &Approval) -> Result<(), Problem> {
    let body = serde_json::to_string(approval).map_err(unwritten)?;
    send_boxed(address("approvals"), Some(body)).await.map(drop)
}

/// Changes values of an order's fields. The order as it is then.
pub async fn change_fields(token: &ClientToken, fields: FieldValues) -> Result<Order, Problem> {
    let body = serde_json::to_string(&FieldsChange { fields }).map_err(unwritten)?;
    read(&send_boxed(address(&format!("{}/fields", order_target(token))), Some(body)).await?)
}

/// Whether the proxy has an order. What it is does not matter here, and reading it is code that the purchase lacks
/// otherwise.
pub async fn has_order(token: &ClientToken) -> bool {
    fetch(&order_target(token)).await.is_ok()
}

/// An order as it stands now. A request of the page's own.
pub async fn order(token: &ClientToken) -> Result<Order, Problem> {
    read(&by_itself(true, || fetch(&format!("{}?wait=0", order_target(token)))).await?)
}

fn order_target(token: &ClientToken) -> String {
    format!("orders/{}", reads::encode(token.as_str()))
}

/// The text of the answer at a target: of one type, whatever it says, and so in the module once.
pub fn fetch(target: &str) -> Pin<Box<dyn Future<Output = Result<String, Problem>>>> {
    send_boxed(address(target), None)
}

/// The text of a file that is served beside the page.
pub async fn file(name: &str) -> Result<String, Problem> {
    send_boxed(name.to_owned(), None).await
}

/// The same, not from a cache on the way: what decides whether something is written.
pub fn fetch_new(target: &str) -> Pin<Box<dyn Future<Output = Result<String, Problem>>>> {
    Box::pin(send(address(target), None, Some(("cache-control", "no-cache"))))
}

/// Marks a request that does not keep the session alive.
const UNATTENDED: (&str, &str) = ("deskbuy-unattended", "1");

fn send_boxed(address: String, body: Option<String>) -> Pin<Box<dyn Future<Output = Result<String, Problem>>>> {
    // Asked now, and not when the request is first polled.
    Box::pin(send(address, body, is_by_itself().then_some(UNATTENDED)))
}

/// The proxy's address, without a slash at its end.
static PROXY: OnceLock<String> = OnceLock::new();

/// Whether somebody has signed in.
static SIGNED_IN: AtomicBool = AtomicBool::new(false);

/// Whether the operator asks for order fields.
static ORDER_FIELDS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Takes an answer from the loader.
    static FIRST_ANSWER: RefCell<Option<Function>> = const { RefCell::new(None) };
    /// Resolves when the answers module is there.
    static ANSWERS_MODULE: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Says where the proxy is, whether somebody has signed in there, whether it asks for order fields, who has received what is asked
/// first (`frontend/loader/first-answers.js`), and when answers can be read (`frontend/loader/primary.js`), once.
pub fn begin(proxy: String, signed_in: bool, order_fields: bool, first_answer: Function, answers_module: Promise) {
    FIRST_ANSWER.set(Some(first_answer));
    ANSWERS_MODULE.set(Some(answers_module));
    let _ = PROXY.set(proxy);
    SIGNED_IN.store(signed_in, Ordering::Relaxed);
    ORDER_FIELDS.store(order_fields, Ordering::Relaxed);
}

/// Whether the operator asks for order fields.
pub fn has_order_fields() -> bool {
    ORDER_FIELDS.load(Ordering::Relaxed)
}

/// The proxy's address, without a slash at its end.
pub fn proxy() -> &'static str {
    PROXY.get().map_or("", String::as_str)
}

/// Whether somebody has signed in.
pub fn is_signed_in() -> bool {
    SIGNED_IN.load(Ordering::Relaxed)
}

/// The whole address of a target.
pub fn address(target: &str) -> String {
    format!("{}/api/{target}", proxy())
}

/// Sends a request, a POST if there is a body, and gives the text of a good answer. Not generic, and boxed where it is
/// called from generic code, so that it is in the module once.
async fn send(
    address: String,
    body: Option<String>,
    header: Option<(&'static str, &'static str)>,
) -> Result<String, Problem> {
    let writes = body.is_some();
    // Without an answer, a read did nothing, and what a write did is not known.
    let lost = |_| Problem::new(Code::ProxyUnreachable, if writes { Outcome::Unknown } else { Outcome::NotSent });
    let answered = |response: &Response, text: String| {
        if response.ok() { Ok(text) } else { Err(problem_of(response, &text, writes)) }
    };
    if !writes
        && header.is_none()
        && let Some(answer) = first_answer(&address)
    {
        let answer = JsFuture::from(answer).await;
        answers_module().await;
        let parts: Array = answer.map_err(lost)?.unchecked_into();
        let response = Response::from(parts.get(0).unchecked_into::<web_sys::Response>());
        return answered(&response, parts.get(1).as_string().unwrap_or_default());
    }
    let mut guard = AbortOnDrop(web_sys::AbortController::new().ok());
    // Reading the answer's text is within the time.
    let late = guard.0.clone();
    let deadline = after_unless_dropped(DEADLINE, move || {
        if let Some(controller) = late {
            controller.abort();
        }
    });
    let signal = guard.0.as_ref().map(web_sys::AbortController::signal);
    let options = web_sys::RequestInit::new();
    options.set_signal(signal.as_ref());
    // Of a proxy elsewhere too. The document's hints say the same, or they would not be taken for the same request.
    options.set_credentials(web_sys::RequestCredentials::Include);
    if let Some(body) = body {
        options.set_method("POST");
        options.set_body(&body.into());
    }
    let answer = exchange(&address, &options, writes, header).await;
    answers_module().await;
    let (response, text) = answer.map_err(lost)?;
    guard.0 = None;
    drop(deadline);
    answered(&response, text)
}

/// What the loader has received, or is receiving, from an address: a response and its text.
fn first_answer(address: &str) -> Option<Promise> {
    FIRST_ANSWER.with_borrow(|take| take.as_ref()?.call1(&JsValue::NULL, &address.into()).ok()?.dyn_into().ok())
}

/// Waits until the answers module is there: what goes on before that is part of mounting the app.
async fn answers_module() {
    if let Some(arrived) = ANSWERS_MODULE.with_borrow(Clone::clone) {
        let _ = JsFuture::from(arrived).await;
    }
}

/// Sends a request and reads the answer to its end. The request is the browser's own: gloo-net's builder would end each
/// address with `&`, and no hint of the document would fit it.
async fn exchange(
    address: &str,
    options: &web_sys::RequestInit,
    writes: bool,
    header: Option<(&str, &str)>,
) -> Result<(Response, String), JsValue> {
    let request = web_sys::Request::new_with_str_and_init(address, options)?;
    request.headers().set("accept", "application/json")?;
    if let Some((name, value)) = header {
        request.headers().set(name, value)?;
    }
    if writes {
        request.headers().set("content-type", "application/json")?;
    }
    let lost = |error: gloo_net::Error| JsValue::from_str(&error.to_string());
    let response = Request::from(request).send().await.map_err(lost)?;
    let text = response.text().await.map_err(lost)?;
    Ok((response, text))
}

/// The problem that an answer tells; where something between here and the proxy answered, one made from the status.
fn problem_of(response: &Response, text: &str, writes: bool) -> Problem {
    json::read(text).unwrap_or_else(|_| {
        let outcome = if writes { Outcome::Unknown } else { Outcome::NotSent };
        let mut problem = Problem::new(Code::ProxyUnreachable, outcome);
        problem.status = response.status();
        problem.request_id = response.headers().get("x-request-id");
        problem
    })
}

/// What an answer says.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    json::read(text).map_err(|at| {
        leptos::logging::error!("unintelligible at byte {at}");
        Problem::new(Code::UpstreamUnintelligible, Outcome::Unknown)
    })
}

/// A body that cannot be written was not sent.
fn unwritten(_: serde_json::Error) -> Problem {
    Problem::new(Code::Internal, Outcome::NotSent)
}
