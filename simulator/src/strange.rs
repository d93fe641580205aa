//! The strange cloud, for the scenario `strange`: what each write comes to, drawn by seed. [`bodies`] draws how that is
//! said. Whatever it looks like, it is no lie: identifiers are those of what was done, and a call that is answered with
//! a refusal has done nothing. An earlier call with the same token may have, since checks stand before the token's.

mod bodies;
pub(crate) mod rows;

use fastrand::Rng;
use serde_json::{Map, Value};
use shared::Class;

use crate::{call::Call, error::Error, seed};
use bodies::{Place, REFUSALS};

/// What the strange cloud has told of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The form of its answers.
    pub form: &'static str,
    /// Whether its answers contradict themselves.
    pub is_contradictory: bool,
    /// Whether answers name the order and the desktop.
    pub names: (bool, bool),
    /// Calls.
    pub calls: u32,
    /// Answers that named something.
    pub named: u32,
}

/// How an operation is answered once its troubles are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Carried out, and what was done is named at this place; or confirmed, where there is nothing to name.
    Named(Place),
    /// Carried out, and in the same breath refused.
    Contradictory,
    /// Carried out, and nothing in the answer says so.
    Nameless,
    /// Refused.
    Refused,
}

/// What comes before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// Carried out, and the connection ends.
    Lost,
    /// Carried out, and the connection ends within the answer.
    CutOff,
    /// Carried out or not, and answered with an error that does not say.
    Vague(bool),
    /// Carried out, without a word of it.
    Nameless,
    /// Refused by a check that knows no tokens.
    Check,
}

/// An answer.
#[derive(Debug)]
pub(crate) enum Answer {
    Whole { status: u16, body: String, is_named: bool },
    CutOff(Map<String, Value>),
    Dropped,
}

/// What a call comes to.
pub(crate) struct Draw {
    form: Form,
    trouble: Option<Trouble>,
    class: Class,
    action: &'static str,
    rng: Rng,
}

impl Draw {
    /// The `attempt`th call, from 1, of an operation. The form is the same for all of them.
    pub(crate) fn of(call: &Call, subject: &str, attempt: u32, seed: u64) -> Self {
        let mut rng = seed::rng(seed, subject, 0);
        let form = match rng.u8(..20) {
            0..3 => Form::Refused,
            3..5 => Form::Nameless,
            5 => Form::Contradictory,
            _ => Form::Named(Place::draw(call.action, &mut rng)),
        };
        let troubles = [0, 0, 0, 1, 1, 2][rng.usize(..6)];
        let mut rng = seed::rng(seed, subject, u64::from(attempt));
        let trouble = (attempt <= troubles).then(|| match rng.u8(..7) {
            0 | 1 => Trouble::Lost,
            2 => Trouble::CutOff,
            3 | 4 => Trouble::Vague(rng.bool()),
            5 => Trouble::Nameless,
            _ => Trouble::Check,
        });
        Self { form, trouble, class: call.class, action: call.action, rng }
    }

    /// What there is to tell of the operation, before its first call.
    pub(crate) fn told(&self) -> Told {
        let (form, names) = match self.form {
            Form::Named(place) => (place.name(), place.names()),
            Form::Contradictory => ("named and refused", (true, true)),
            Form::Nameless => ("done without a name", (false, false)),
            Form::Refused => ("refused", (false, false)),
        };
        Told { form, is_contradictory: self.form == Form::Contradictory, names, calls: 0, named: 0 }
    }

    /// Whether the action is carried out.
    pub(crate) fn is_carried_out(&self) -> bool {
        match self.trouble {
            Some(Trouble::Check | Trouble::Vague(false)) => false,
            Some(_) => true,
            None => self.form != Form::Refused,
        }
    }

    /// The answer to a call that was carried out with this result, or not carried out at all.
    pub(crate) fn answer(mut self, result: Option<Result<Map<String, Value>, Error>>) -> Answer {
        let rng = &mut self.rng;
        let whole = |(status, body): (u16, Value), is_named: bool, rng: &mut Rng| Answer::Whole {
            status,
            body: bodies::written(&body, rng),
            is_named,
        };
        let came_to = match result {
            Some(Ok(came_to)) => came_to,
            Some(Err(error)) => return whole(bodies::refusal(&error.code, self.action, rng), false, rng),
            None if self.trouble == Some(Trouble::Vague(false)) => return vague(rng),
            None => {
                let code = REFUSALS[rng.usize(..REFUSALS.len())];
                return whole(bodies::refusal(code, self.action, rng), false, rng);
            }
        };
        match (self.trouble, self.form) {
            (Some(Trouble::Lost), _) => Answer::Dropped,
            (Some(Trouble::CutOff), _) => Answer::CutOff(came_to),
            (Some(Trouble::Vague(_) | Trouble::Check), _) | (None, Form::Refused) => vague(rng),
            // An action without a token says nothing but that it has gone well.
            (None, Form::Named(_)) if self.class == Class::WriteOnce => {
                whole(bodies::confirmed(came_to, rng), false, rng)
            }
            (None, Form::Contradictory) if self.class == Class::WriteOnce => {
                whole(bodies::confirmed_and_refused(rng), false, rng)
            }
            (Some(Trouble::Nameless), _) | (None, Form::Nameless) => match bodies::nameless(self.action, rng) {
                (status, Some(body)) => whole((status, body), false, rng),
                (status, None) => Answer::Whole { status, body: bodies::page(rng), is_named: false },
            },
            (None, Form::Named(place)) => {
                let answer = bodies::named(place, &came_to, self.action, rng);
                whole(answer, true, rng)
            }
            (None, Form::Contradictory) => {
                let answer = bodies::named_and_refused(&came_to, self.action, rng);
                whole(answer, true, rng)
            }
        }
    }
}

/// An error that says nothing about what was done.
fn vague(rng: &mut Rng) -> Answer {
    let (status, body) = bodies::vague(rng);
    let body = match body {
        Some(body) => bodies::written(&body, rng),
        None => bodies::page(rng),
    };
    Answer::Whole { status, body, is_named: false }
}

#[cfg(test)]
mod tests;
