//! `GET /api/openapi.json`: the description of this interface. It is made in [`shared::openapi`].

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    http::header,
    response::{IntoResponse, Response},
};
use shared::{Code, openapi, parameters::ParameterError};

use super::query::Query;
use crate::http::failure::Failure;

static DOCUMENT: LazyLock<Bytes> =
    LazyLock::new(|| openapi::document(env!("CARGO_PKG_VERSION")).to_string().into_bytes().into());

/// The document.
pub(in crate::http) async fn document(query: Query) -> Result<Response, Failure> {
    if let Some((name, _)) = query.0?.first() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone()).into_response())
}
