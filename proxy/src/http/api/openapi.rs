//! `GET /api/openapi.json`: the description of this interface. It is made in [`shared::openapi`].

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::Value;
use shared::{Code, openapi, parameters::ParameterError};

use super::query::Query;
use crate::http::{app::App, failure::Failure};

/// The document, with the path that the proxy is served below.
pub(in crate::http) async fn document(State(app): State<Arc<App>>, query: Query) -> Result<Json<Value>, Failure> {
    if let Some((name, _)) = query.0?.first() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    Ok(Json(openapi::document(env!("CARGO_PKG_VERSION"), app.guard.base())))
}
