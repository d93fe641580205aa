//! `GET /api/orders.csv` and `GET /api/desktops.csv`: all rows of a filtered list as a file for spreadsheets. A task reads
//! a page of them after the other ([`writing`]), as the client takes them.

mod writing;

use std::{future::Future, io, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, Method, Version, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use orders::{Accounts, Filter, JournalError, Listed, OrderFieldRules, Orders};
use shared::{
    Code, Outcome, Problem,
    language::Language,
    order::{Desktop, Order, fields::FieldValues},
    parameters::ParameterError,
};
use tokio::{sync::mpsc, time::Instant};
use tracing::Instrument;

use super::{
    columns::{Column, DESKTOPS, ORDERS},
    filter::{desktops_filter, orders_filter},
    query::Query,
};
use crate::http::{app::App, failure::Failure, middleware::authorize::Caller};
use writing::{Part, Writing};

/// Rows of a page: some hundred kilobytes.
const PAGE: u32 = 500;
/// How long an export may take. A client that reads too slowly for it asks for less.
const DEADLINE: Duration = Duration::from_mins(10);
/// `Retry-After` in seconds when the limit of exports is reached.
const LATER: u64 = 5;

/// A kind of row that can be exported.
trait Exported: Sized + Send + Sync + 'static {
    /// Names the file.
    const NAME: &'static str;
    /// The columns.
    const COLUMNS: &'static [Column<Self>];

    /// The filter of a query.
    fn filter(
        query: &[(String, String)],
        accounts: Accounts,
        fields: &OrderFieldRules,
    ) -> Result<Filter, ParameterError>;

    /// The values of its order fields.
    fn fields(&self) -> &FieldValues;

    /// A page of a list.
    fn page(orders: &Orders, filter: &Filter) -> impl Future<Output = Result<Listed<Self>, JournalError>> + Send;
}

impl Exported for Order {
    const NAME: &'static str = "orders.csv";
    const COLUMNS: &'static [Column<Self>] = ORDERS;

    fn filter(
        query: &[(String, String)],
        accounts: Accounts,
        fields: &OrderFieldRules,
    ) -> Result<Filter, ParameterError> {
        orders_filter(query, accounts, fields)
    }

    fn fields(&self) -> &FieldValues {
        &self.fields
    }

    async fn page(orders: &Orders, filter: &Filter) -> Result<Listed<Self>, JournalError> {
        let mut page = orders.list(filter).await?;
        // The summary counts a renewal by it.
        orders.add_types(&mut page.rows, &filter.accounts).await?;
        Ok(page)
    }
}

impl Exported for Desktop {
    const NAME: &'static str = "desktops.csv";
    const COLUMNS: &'static [Column<Self>] = DESKTOPS;

    fn filter(
        query: &[(String, String)],
        accounts: Accounts,
        fields: &OrderFieldRules,
    ) -> Result<Filter, ParameterError> {
        desktops_filter(query, accounts, fields)
    }

    fn fields(&self) -> &FieldValues {
        &self.fields
    }

    async fn page(orders: &Orders, filter: &Filter) -> Result<Listed<Self>, JournalError> {
        orders.desktops(filter).await
    }
}

/// The orders.
pub(in crate::http) async fn orders(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: (Method, Version),
    query: Query,
) -> Result<Response, Failure> {
    export::<Order>(&app, caller, request, query.0?).await
}

/// The desktops.
pub(in crate::http) async fn desktops(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: (Method, Version),
    query: Query,
) -> Result<Response, Failure> {
    export::<Desktop>(&app, caller, request, query.0?).await
}

/// Takes the language of the header out of a query, which is English unless `lang` says so. All rows are exported, so there
/// is no page to ask for.
pub(super) fn language(query: &mut Vec<(String, String)>) -> Result<Language, ParameterError> {
    if let Some((name, _)) = query.iter().find(|(name, _)| name == "limit" || name == "cursor") {
        return Err(ParameterError::new(Code::UnknownParameter, name));
    }
    let Some(place) = query.iter().position(|(name, _)| name == "lang") else { return Ok(Language::English) };
    let (name, tag) = query.remove(place);
    if query.iter().any(|(other, _)| *other == name) {
        return Err(ParameterError::new(Code::DuplicateParameter, &name));
    }
    Language::of_tag(&tag).ok_or_else(|| ParameterError::new(Code::InvalidParameter, &name))
}

fn too_many() -> Failure {
    let problem = Problem::new(Code::Throttled, Outcome::NotSent).because("Too many exports at the moment.");
    Problem { retry_after: Some(LATER), ..problem }.into()
}

/// HTTP/1.0 marks the end of an answer of unknown length by closing the connection, as a failure does.
fn cannot_tell_the_end() -> Failure {
    let problem = Problem::new(Code::HttpVersionTooOld, Outcome::NotSent);
    problem.because("An export needs HTTP/1.1 or later. In nginx: proxy_http_version 1.1.").into()
}

async fn export<T: Exported>(
    app: &App,
    caller: Caller,
    (method, version): (Method, Version),
    mut query: Vec<(String, String)>,
) -> Result<Response, Failure> {
    let language = language(&mut query)?;
    let mut filter = T::filter(&query, caller.accounts, &app.guard.limits.fields)?;
    filter.limit = PAGE;
    if version < Version::HTTP_11 {
        return Err(cannot_tell_the_end());
    }
    let headers = [(header::CONTENT_TYPE, content_type()), (header::CONTENT_DISPOSITION, disposition(T::NAME))];
    if method == Method::HEAD {
        // Of unknown length, as the file is.
        let nothing = Body::from_stream(stream::empty::<io::Result<String>>());
        return Ok((headers, nothing).into_response());
    }
    let held = app.exports.each.hold(caller.id.as_deref()).ok_or_else(too_many)?;
    let permit = Arc::clone(&app.exports.all).try_acquire_owned().map_err(|_| too_many())?;
    // The first page comes before the answer, so that a fault of the journal is answered as a problem.
    let page = T::page(&app.orders, &filter).await?;
    tracing::info!(target: "audit", by = caller.name.as_deref(), file = T::NAME, "an export begins");

    let fields = app.guard.limits.fields.clone();
    let writing = Writing::<T>::new(app.orders.clone(), filter, language, fields, caller.name, (held, permit));
    let guard = Arc::clone(&app.guard);
    let session_ends = async move {
        match caller.session {
            Some((session, left)) => drop(tokio::time::timeout(left, guard.session_ended(&session)).await),
            None => std::future::pending().await,
        }
    };
    // What the client has not taken is in the channel, a page at most.
    let (sender, parts) = mpsc::channel(1);
    let work = writing.run(page, sender, Instant::now() + DEADLINE, session_ends);
    tokio::spawn(work.in_current_span());
    // An end without the rest would pass for the end of the list, so the connection breaks.
    let body = stream::try_unfold(parts, |mut parts| async move {
        match parts.recv().await {
            Some(Part::Rows(text)) => Ok(Some((text, parts))),
            Some(Part::End) => Ok(None),
            None => Err(io::Error::other("the export broke")),
        }
    });
    Ok((headers, Body::from_stream(body)).into_response())
}

/// The media type of the files.
pub(super) const fn content_type() -> HeaderValue {
    HeaderValue::from_static("text/csv; charset=utf-8; header=present")
}

/// Has a browser save the answer under this name.
pub(super) fn disposition(name: &str) -> HeaderValue {
    let text = format!("attachment; filename=\"{name}\"");
    text.parse().unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_the_header() {
        let check = |query: &str, expect: Result<Language, Code>| {
            let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            assert_eq!(language(&mut pairs).map_err(|error| error.code), expect, "{query}");
        };
        check("q=x", Ok(Language::English));
        check("lang=zh&q=x", Ok(Language::Chinese));
        check("lang=en-GB", Ok(Language::English));
        check("lang=fr", Err(Code::InvalidParameter));
        check("lang=zh&lang=en", Err(Code::DuplicateParameter));
        check("limit=5", Err(Code::UnknownParameter));
        check("cursor=5", Err(Code::UnknownParameter));
    }
}
