//! What holds for all that is drawn: it repeats, and it is no lie.

use super::*;
use crate::world::regions::Region;

fn call(action: &'static str, class: Class) -> Call {
    Call { action, class, region: Region::DEFAULT, number: 1, business: Vec::new() }
}

fn came_to() -> Map<String, Value> {
    let members = [("OrderId", "200000001000001"), ("DesktopId", "desk-00000000000000aa")];
    members.map(|(name, id)| (name.to_owned(), id.into())).into_iter().collect()
}

fn draw(number: u32, attempt: u32) -> Draw {
    Draw::of(&call("CreateDesktop", Class::WriteWithToken), &format!("CreateDesktop t-{number}"), attempt, 1)
}

/// An answer as a text, and whether it says that it names something.
fn answer(draw: Draw) -> (String, bool) {
    let result = draw.is_carried_out().then(|| Ok(came_to()));
    match draw.answer(result) {
        Answer::Whole { status, body, is_named } => (format!("{status} {body}"), is_named),
        Answer::CutOff(_) => ("cut off".to_owned(), false),
        Answer::Dropped => ("dropped".to_owned(), false),
    }
}

#[test]
fn the_same_question_is_answered_the_same_way() {
    for number in 0..200 {
        assert_eq!(answer(draw(number, 1)), answer(draw(number, 1)));
        assert_eq!(draw(number, 1).form, draw(number, 5).form);
    }
}

#[test]
fn only_what_was_done_is_named() {
    for number in 0..5_000 {
        let (told, is_carried_out) = (draw(number, 3).told(), draw(number, 3).is_carried_out());
        let (text, is_named) = answer(draw(number, 3));
        let has = |id: &str| text.contains(id);
        let found = (has("200000001000001"), has("desk-00000000000000aa"));
        assert_eq!(found, if is_named { told.names } else { (false, false) }, "{text}");
        assert!(is_carried_out || !is_named, "{text}");
    }
}

#[test]
fn after_its_troubles_an_operation_has_its_form() {
    let forms = (0..5_000).map(|number| (draw(number, 3).told(), answer(draw(number, 3)).1));
    let mut seen: Vec<&str> = Vec::new();
    for (told, is_named) in forms {
        assert_eq!(is_named, told.names != (false, false), "{}", told.form);
        if !seen.contains(&told.form) {
            seen.push(told.form);
        }
    }
    assert_eq!(seen.len(), 21 + 3, "each form is drawn: {seen:?}");
}

#[test]
fn a_refusal_is_one_that_did_nothing() {
    for number in 0..5_000 {
        for attempt in 1..=3 {
            let (is_carried_out, form) = (draw(number, attempt).is_carried_out(), draw(number, attempt).form);
            let (text, _) = answer(draw(number, attempt));
            let is_refused = REFUSALS.iter().any(|code| text.contains(code));
            let is_in_doubt = ["500", "502", "503", "504", "408"].iter().any(|status| text.starts_with(status));
            assert!(!(is_carried_out && is_refused) || is_in_doubt || form == Form::Contradictory, "{text}");
        }
    }
}

#[test]
fn odd_rows_are_added_and_none_is_taken() {
    let mut rng = Rng::with_seed(1);
    for _ in 0..100 {
        let row = serde_json::json!({ "ImageId": "m-1", "Name": "a" });
        let mut answer = Map::from_iter([
            ("Images".to_owned(), serde_json::json!([row])),
            ("Users".to_owned(), serde_json::json!([])),
        ]);
        rows::add(&mut answer, &mut rng);
        let rows = answer["Images"].as_array().unwrap();
        let odd = rows.iter().filter(|found| **found != row).count();
        assert!((1..3).contains(&odd) && rows.len() == odd + 1, "{rows:?}");
        assert_eq!(answer["Users"], serde_json::json!([]), "an empty list stays empty");
    }
}
