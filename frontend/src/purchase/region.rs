//! The region: a select in the form, or a page of its own while the address has no usable region.

use leptos::prelude::*;
use shared::{Code, actions::Region, form::Field, ids::RegionId};

use super::state::Purchase;
use crate::{
    checkout::region_name,
    language::use_text,
    reactive::{changing, computed, maybe, on_click},
    text::fill,
    ui::{
        invalid,
        loaded::{empty, loaded, skipped},
    },
};

/// Whether the region of the form is usable. One from the address counts as usable until the list of regions, or the
/// proxy, says otherwise.
pub fn is_usable(purchase: &Purchase) -> bool {
    let Some(id) = purchase.form.with(|form| form.region.clone()) else { return false };
    let refused = purchase.lists.types.problem().is_some_and(|problem| problem.code == Code::UnknownRegion);
    let listed = |regions: &[Region]| regions.iter().any(|region| region.region_id == id);
    !refused && purchase.lists.regions.ready().is_none_or(|regions| listed(&regions.regions))
}

/// The select. It always has the region of the form as an option, even if the list fails.
#[component]
pub fn RegionSelect() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let chosen = computed(move || purchase.form.with(|form| form.region.clone()));
    let options = changing(move || {
        let chosen = chosen.get();
        let known = purchase.lists.regions.ready();
        let mut options: Vec<(String, String)> = known
            .iter()
            .flat_map(|list| list.regions.iter())
            .map(|region| (region.region_id.to_string(), region_name(region)))
            .collect();
        if let (true, Some(id)) = (options.is_empty(), &chosen) {
            options.push((id.to_string(), id.to_string()));
        }
        let view = |(id, name): (String, String)| {
            let selected = chosen.as_ref().is_some_and(|chosen| chosen.as_str() == id);
            let text = if name == id { name } else { format!("{name} ({id})") };
            view! { <option value=id selected=selected>{text}</option> }
        };
        options.into_iter().map(view).collect_view().into_any()
    });
    let change = move |value: String| {
        if let Ok(region) = value.parse::<RegionId>() {
            purchase.choose(|form| form.region = Some(region));
        }
    };
    let failed = maybe(move || {
        let failed = purchase.lists.regions.problem().is_some();
        failed.then(|| loaded(purchase.lists.regions, t.label(Field::Region), |_| ().into_any()).into_any())
    });
    let unread = maybe(move || purchase.lists.regions.ready().map(|regions| skipped(regions.skipped)));
    let (is_invalid, error) = invalid(Field::Region.id());
    view! {
        <div class="field">
            <label class="field-label" for=Field::Region.id()>{t.label(Field::Region)}</label>
            <select id=Field::Region.id() aria-invalid=is_invalid aria-describedby=error on:change:target=move |event| change(event.target().value())>
                {options}
            </select>
            {failed}
            {unread}
        </div>
    }
    .into_any()
}

/// The page that lets one choose a region.
#[component]
pub fn RegionChooser() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let unknown = maybe(move || {
        let asked = purchase.form.with(|form| form.region.clone());
        asked.map(|id| {
            view! { <p class="notice warn" role="alert">{fill(t.unknown_region, &[id.as_str()])}</p> }.into_any()
        })
    });
    let list = move |regions: std::sync::Arc<shared::actions::Regions>| {
        if regions.regions.is_empty() {
            return empty(t.regions_empty, regions.skipped);
        }
        let button = |region: &Region| {
            let id = region.region_id.clone();
            let choose = {
                let id = id.clone();
                move |_| purchase.choose(|form| form.region = Some(id.clone()))
            };
            view! {
                <button type="button" class="region" on:click=on_click(choose)>
                    <span class="choice-title">{region_name(region)}</span>
                    <span class="fact">{id.to_string()}</span>
                </button>
            }
        };
        let buttons = regions.regions.iter().map(button).collect_view();
        view! { <div class="regions">{buttons}</div> {skipped(regions.skipped)} }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="choose-region">
            <h2 id="choose-region">{t.choose_region}</h2>
            <p class="hint">{t.choose_region_hint}</p>
            {unknown}
            {loaded(purchase.lists.regions, t.label(Field::Region), list)}
        </section>
    }
    .into_any()
}
