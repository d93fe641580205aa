//! The image section: image type, then a searchable list of images, paged.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    Problem,
    actions::{Image, Images},
    form::Field,
    values::ImageType,
};

use super::{
    field::FieldNotes,
    pages::{self, MoreImages},
    search::matches,
    state::Purchase,
};
use crate::{
    language::use_text,
    reactive::{Load, changing, computed, flag, maybe, on_click, spawn_scoped, words},
    text::fill,
    ui::{
        Choice, Listbox, ListboxOption, RadioGroup, Section, deferred_terms,
        loaded::{empty, failed, loaded, skipped},
    },
};

/// An image's name.
pub fn image_name(image: &Image) -> String {
    if image.image_name.trim().is_empty() { image.image_id.to_string() } else { image.image_name.clone() }
}

/// The fields that this section draws.
pub const FIELDS: &[Field] = &[Field::ImageType, Field::Image];

/// The section.
#[component]
pub fn ImageSection() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let kinds = vec![
        Choice::new(ImageType::Default.as_str(), t.image_system),
        Choice::new(ImageType::Private.as_str(), t.image_custom),
    ];
    let chosen = Signal::derive(move || Some(purchase.form.with(|form| form.image_type.as_str().to_owned())));
    let choose = move |value: String| {
        if let Ok(kind) = value.parse() {
            purchase.image_search.set(String::new());
            purchase.choose(|form| form.image_type = kind);
        }
    };
    view! {
        <Section id="images" title=t.section_image help=deferred_terms(|t| t.help_image)>
            <RadioGroup label=t.label(Field::ImageType) name=Field::ImageType.id() look="segments" choices=kinds chosen choose />
            <FieldNotes field=Field::ImageType />
            {loaded(purchase.lists.images, t.label(Field::Image), move |images| list(purchase, images))}
            {maybe(move || waits_for_type(purchase).then(|| view! { <p class="hint">{t.image_waits_type}</p> }.into_any()))}
            <FieldNotes field=Field::Image />
        </Section>
    }
}

/// Images are loaded for a type, and the types may be loading or have failed.
fn waits_for_type(purchase: Purchase) -> bool {
    purchase.lists.images.is_idle()
}

fn list(purchase: Purchase, images: Arc<Images>) -> AnyView {
    let t = use_text();
    if images.images.is_empty() {
        let custom = purchase.form.with_untracked(|form| form.image_type == ImageType::Private);
        let text = if custom { t.images_empty_custom } else { t.images_empty_system };
        return empty(text, images.skipped);
    }
    let skipped_here = images.skipped;
    let partial = !pages::is_complete(&images);
    let total = images.total;
    // The first page, of the search if there is one, and the target that it was loaded from.
    let first = move || match purchase.lists.found_images.ready().filter(|_| partial) {
        Some(found) => (found, purchase.lists.found_images.answered()),
        None => (images.clone(), purchase.lists.images.answered()),
    };
    let more_after = move |target: &Option<String>| {
        purchase.more_images.with(|more| if more.target == *target { more.clone() } else { MoreImages::default() })
    };
    let shown = {
        let first = first.clone();
        computed(move || {
            let (images, target) = first();
            let search = purchase.image_search.get();
            let fits = |image: &&Image| matches(&search, &[&image.image_name, image.image_id.as_str()]);
            let more = more_after(&target);
            Arc::new(images.images.iter().chain(&more.images).filter(fits).cloned().collect::<Vec<_>>())
        })
    };
    let searching = move || partial && purchase.lists.found_images.is_loading();
    let row = move |index: usize| shown.with(|shown| shown.get(index).map(row));
    let find = move |id: String| shown.with(|shown| shown.iter().position(|image| image.image_id.as_str() == id));
    let chosen =
        Signal::derive(move || purchase.form.with(|form| form.image_id.iter().map(ToString::to_string).collect()));
    let choose = move |value: String| {
        if let Ok(id) = value.parse() {
            purchase.choose(|form| form.image_id = Some(id));
        }
    };
    let no_match = Signal::derive(move || {
        if searching() { t.loading.to_owned() } else { fill(t.no_match, &[purchase.image_search.get().trim()]) }
    });
    let search_failed = changing(move || match purchase.lists.found_images.get() {
        Load::Failed(problem) if partial => {
            failed(t.label(Field::Image), problem, Callback::new(move |()| purchase.lists.found_images.reload()))
        }
        _ => ().into_any(),
    });
    view! {
        <Listbox
            label=t.label(Field::Image)
            name=Field::Image.id()
            search_label=t.search_images
            search=purchase.image_search
            count=Signal::derive(move || shown.with(|shown| shown.len()))
            row
            find
            chosen
            choose
            empty=no_match
        />
        {partial.then(|| next_page(purchase, first, more_after))}
        {(partial && total > 0).then(|| view! {
            <p class="hint">{words(move || fill(t.count_of, &[&shown.with(|shown| shown.len()).to_string(), &total.to_string()]))}</p>
        })}
        {skipped(skipped_here)}
        {search_failed}
    }
    .into_any()
}

fn row(image: &Image) -> ListboxOption {
    let t = use_text();
    let detail = [image.platform.as_str(), image.architecture.as_str(), image.image_description.as_str()];
    ListboxOption {
        value: image.image_id.to_string(),
        title: image_name(image),
        detail: detail.into_iter().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join(" · "),
        badge: None,
        disabled: (!image.is_usable()).then_some(t.image_not_ready),
    }
}

/// The button that loads the next page, while there is one.
fn next_page(
    purchase: Purchase,
    first: impl Fn() -> (Arc<Images>, Option<String>) + Clone + Send + Sync + 'static,
    more_after: impl Fn(&Option<String>) -> MoreImages + Copy + Send + Sync + 'static,
) -> AnyView {
    let t = use_text();
    let loading = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let load = {
        let first = first.clone();
        Callback::new(move |()| {
            let (images, target) = untrack(&first);
            let Some(target) = target.filter(|_| !loading.get_untracked()) else { return };
            let before = untrack(|| more_after(&Some(target.clone())));
            loading.set(true);
            problem.set(None);
            spawn_scoped(async move {
                let page = pages::next_page(target, &images, before).await;
                loading.set(false);
                match page {
                    Ok(page) => purchase.more_images.set(page),
                    Err(error) => problem.set(Some(error)),
                }
            });
        })
    };
    let button = maybe(move || {
        let (images, target) = first();
        let more = !pages::is_complete(&images) && !more_after(&target).ended;
        more.then(|| {
            let name = words(move || if loading.get() { t.loading } else { t.more_images });
            view! { <button type="button" class="quiet" aria-disabled=flag(move || loading.get()) on:click=on_click(move |_| load.run(()))>{name}</button> }
                .into_any()
        })
    });
    let trouble = maybe(move || problem.get().map(|problem| failed(t.label(Field::Image), problem, load)));
    view! { {button}{trouble} }.into_any()
}
