//! What the document carries, as HTML: the same markup as the page's view of it (`frontend/src/app.rs`,
//! `frontend/src/ui/radio.rs`, `frontend/src/purchase/desktop_type.rs`), which takes its place. What it says is in
//! `shared::document`. Maud escapes every value by default and checks the markup when it compiles, in some hundred lines
//! that bring no dependency of their own into the program.

use maud::{Markup, html};
use shared::{
    document::{Choice, DocumentText, Fact, type_list},
    form::Field,
    ids::TypeItemId,
    values::ChargeType,
};

use super::{Content, List};

/// Where the demo's faults are, below the page.
const DEMO: &str = "demo";

/// What the browser is to fetch for the module: the reads that it begins with. `use-credentials` is how the page asks, and
/// what is asked otherwise is not taken for the same.
pub(super) fn hints(reads: &[String]) -> Markup {
    html! {
        @for read in reads {
            link rel="preload" as="fetch" crossorigin="use-credentials" href={ "./api/" (read) };
        }
    }
}

/// The page until the module has arrived: header, what helps if it does not, heading, the list of types, and the room of what is
/// above and beside it.
pub(super) fn shell(t: &DocumentText, content: &Content, list: &List, help: &Markup) -> Markup {
    html! {
        header.top {
            div.top-inner { span.brand { "Deskbuy" } }
            @if content.demo { p.banner { (t.demo_banner) " " a href=(DEMO) target="_blank" { (t.demo_faults) } } }
            @if content.only_looks { p.banner { (t.only_looks) } }
        }
        main #main {
            (help)
            h1 { (t.title) }
            div.purchase {
                div.form {
                    div.card.shell.long[content.form.charge_type == ChargeType::PrePay] aria-hidden="true" {
                        (bones(2))
                    }
                    (types(t, content, list))
                }
                div.summary aria-hidden="true" { div.summary-card.shell { (bones(2)) } }
            }
        }
    }
}

fn bones(count: usize) -> Markup {
    html! { @for _ in 0..count { span.bone {} } }
}

/// The section of the list. What only the module can do is seen, and cannot be touched.
fn types(t: &DocumentText, content: &Content, list: &List) -> Markup {
    let title = format!("{}-title", type_list::SECTION);
    let families = type_list::families(t);
    let rows = rows(t, content, list);
    html! {
        section.card #(type_list::SECTION) aria-labelledby=(title) data-stock[list.stock.is_some()] {
            h2 #(title) { (t.desktop_type) }
            details.help {
                summary aria-label=(t.help.replace("{}", t.desktop_type)) { "?" }
                dl { @for (term, meaning) in t.help_types { dt { (term) } dd { (meaning) } } }
            }
            (group(t.family, type_list::FAMILY_GROUP, "segments", true, &families, families.first().map(|all| &*all.value)))
            (group(
                t.desktop_type,
                Field::TypeItem.id(),
                "rows types",
                false,
                &rows,
                list.chosen.as_ref().map(TypeItemId::as_str),
            ))
            p.hint.stock-time {}
        }
    }
}

fn rows(t: &DocumentText, content: &Content, list: &List) -> Vec<Choice> {
    let rows = list.types.iter().map(|item| {
        let mut row = type_list::row(t, item);
        row.facts.push(type_list::stock(t, &row.value, list.stock.as_ref()));
        row.facts.extend(type_list::price(t, &row.value, &list.prices, content.form.charge_type));
        row
    });
    rows.collect()
}

/// A group of radio buttons, with its name for screen readers only.
fn group(label: &str, name: &str, look: &str, inert: bool, choices: &[Choice], chosen: Option<&str>) -> Markup {
    let heading = format!("{name}-label");
    html! {
        div.field inert[inert] {
            div.field-label.visually-hidden #(heading) { (label) }
            div role="radiogroup" aria-labelledby=(heading) class=(look) {
                @if let Some(first) = choices.first().filter(|_| look.starts_with("rows")) {
                    div.rows-head aria-hidden="true" {
                        span {}
                        span {}
                        @for fact in &first.facts { span { (fact.label) } }
                    }
                }
                @for choice in choices { (row(name, choice, chosen == Some(&choice.value))) }
            }
        }
    }
}

/// `autocomplete="off"`: a browser that loads the page again must not take what was checked then for a choice made now.
fn row(name: &str, choice: &Choice, chosen: bool) -> Markup {
    let id = format!("{name}-{}", choice.value);
    html! {
        label.choice for=(id) {
            input #(id) type="radio" name=(name) value=(choice.value) checked[chosen] autocomplete="off";
            span.choice-title { (choice.title) }
            @for fact in &choice.facts { (fact_view(fact)) }
        }
    }
}

fn fact_view(Fact { label, text, look }: &Fact) -> Markup {
    html! {
        span class={ "fact " (look) } {
            @if !label.is_empty() { span.fact-label { (label) } " " }
            (text)
        }
    }
}
