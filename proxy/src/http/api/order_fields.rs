//! `/api/order-fields` and `/api/orders/{token}/fields`: what the operator asks for with an order, and changes of the values.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State, rejection::PathRejection},
};
use orders::{ChangeFieldsError, FieldRefused};
use shared::{
    Code, Outcome, Problem,
    ids::ClientToken,
    order::{
        Order,
        fields::{FieldsChange, OrderField, OrderFieldList},
    },
    parameters::ParameterError,
};
use tracing::Instrument;

use super::{body::JsonBody, query::Query};
use crate::http::{app::App, failure::Failure, middleware::authorize::Caller};

/// `GET /api/order-fields`: the fields, each with what the caller's begins with.
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<OrderFieldList>, Failure> {
    if let Some((name, _)) = query.0?.into_iter().next() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    let claimed = caller.session.as_ref().map(|(session, _)| &session.identity.claimed);
    let fields = app.guard.limits.fields.iter().map(|rule| {
        let value = rule.default_claim.as_ref().and_then(|claim| claimed?.get(claim));
        // One that would be refused helps nobody.
        let default = value.filter(|value| rule.check(value).is_ok()).cloned();
        OrderField { default, ..rule.field.clone() }
    });
    Ok(Json(OrderFieldList { fields: fields.collect() }))
}

/// `POST /api/orders/{token}/fields`: changes values of an order.
pub(in crate::http) async fn change(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    token: Result<Path<ClientToken>, PathRejection>,
    JsonBody(FieldsChange { fields }): JsonBody<FieldsChange>,
) -> Result<Json<Order>, Failure> {
    let not_found = || Problem::new(Code::NotFound, Outcome::NotSent);
    let Path(token) = token.map_err(|_| not_found())?;
    // In a task of its own: a client that disconnects must not stop it between disk and watchers.
    let (tasks, orders, asker) = (app.tasks.clone(), app.orders.clone(), caller.clone());
    let (principal, changed) = (caller.principal(&app.guard), token.clone());
    let viewer = asker.clone();
    let change = async move { orders.change_fields(&changed, fields, &principal, viewer.viewer()).await };
    match tasks.spawn(change.in_current_span()).await {
        Ok(changed) => {
            let order = changed?;
            // With its history. What is changed stays so, whether that can be read or not.
            let shown = app.orders.order(&token, &asker.accounts, asker.viewer()).await.ok().flatten();
            Ok(Json(shown.unwrap_or(order)))
        }
        Err(_) => Err(Problem::new(Code::Internal, Outcome::Unknown).into()),
    }
}

impl From<ChangeFieldsError> for Failure {
    fn from(error: ChangeFieldsError) -> Self {
        match error {
            ChangeFieldsError::NotFound => Problem::new(Code::NotFound, Outcome::NotSent).into(),
            ChangeFieldsError::NotOwn => {
                let problem = Problem::new(Code::NotAllowed, Outcome::NotSent);
                problem.because("Who placed an order may change its fields, and approvers may.").into()
            }
            ChangeFieldsError::Refused(FieldRefused { key, code }) => {
                ParameterError::new(code, format!("fields.{key}")).into()
            }
            ChangeFieldsError::Journal(error) => error.into(),
            ChangeFieldsError::Unknown(error) => {
                tracing::error!(%error, "the connection to the journal was lost during the commit");
                let problem = Problem::new(Code::JournalUnavailable, Outcome::Unknown);
                problem.because("They may have been changed. Asking again is safe.").into()
            }
        }
    }
}
