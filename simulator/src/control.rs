//! The control endpoints under `/_simulator`, by which tests read the state and switch faults. They need no signature,
//! so the simulator listens on loopback only.

use axum::{
    Json, Router,
    extract::{State as Of, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::{Value, json};

use crate::{Kind, Scenario, ScriptedAnswer, Simulator, State};

/// The routes.
pub(crate) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/_simulator/state", get(state))
        .route("/_simulator/scenarios", get(scenarios).put(set_scenarios))
        .route("/_simulator/answers", put(set_answers))
        .route("/_simulator/reset", post(reset))
}

async fn state(Of(simulator): Of<Simulator>) -> Json<State> {
    Json(simulator.state())
}

/// The active scenarios, and all known ones.
async fn scenarios(Of(simulator): Of<Simulator>) -> Json<Value> {
    let explain = |kind: &Kind| json!({ "name": kind.name(), "takes_action": kind.takes_action(), "explanation": kind.explanation() });
    let known: Vec<_> = Kind::ALL.iter().map(explain).collect();
    Json(json!({ "active": simulator.state().scenarios, "known": known }))
}

async fn set_scenarios(Of(simulator): Of<Simulator>, texts: Result<Json<Vec<String>>, JsonRejection>) -> Response {
    let Ok(Json(texts)) = texts else { return refuse("the body must be a JSON array of scenario texts") };
    match texts.iter().map(|text| text.parse()).collect::<Result<Vec<Scenario>, _>>() {
        Ok(scenarios) => {
            simulator.set_scenarios(scenarios);
            Json(texts).into_response()
        }
        Err(error) => refuse(&error.to_string()),
    }
}

/// Sets scripted answers.
async fn set_answers(
    Of(simulator): Of<Simulator>,
    answers: Result<Json<Vec<ScriptedAnswer>>, JsonRejection>,
) -> Response {
    match answers {
        Ok(Json(answers)) => {
            simulator.set_answers(answers.clone());
            Json(answers).into_response()
        }
        Err(error) => refuse(&error.body_text()),
    }
}

async fn reset(Of(simulator): Of<Simulator>) -> Json<State> {
    simulator.reset();
    Json(simulator.state())
}

fn refuse(message: &str) -> Response {
    let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    (StatusCode::BAD_REQUEST, Json(json!({ "error": message, "known": known }))).into_response()
}
