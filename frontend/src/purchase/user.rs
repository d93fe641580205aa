//! Who gets the desktop, and in which group.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    actions::{UserInfo, Users},
    form::Field,
    typed::narrow,
    values::UserGroup,
};

use super::{
    field::FieldNotes,
    search::{Hit, SearchIndex, every_row},
    state::Purchase,
    syllables,
    user_dialog::{UserDialog, Writing},
    user_list,
};
use crate::{
    checkout::group_name,
    deferred,
    language::use_text,
    reactive::{computed, maybe, on_click, spawn, watch, words},
    text::{Text, fill},
    ui::{
        Choice, Listbox, ListboxOption, RadioGroup, Section, deferred_terms,
        loaded::{empty, loaded, skipped},
    },
};

/// The fields that this section draws.
pub const FIELDS: &[Field] = &[Field::User, Field::UserGroup];

/// The section.
#[component]
pub fn UserSection() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let writing = RwSignal::new(None::<Writing>);
    let done = RwSignal::new(String::new());
    let listing = RwSignal::new(false);
    let groups = UserGroup::ALL
        .iter()
        .map(|group| {
            let hint = if *group == UserGroup::Users { t.users_group_hint } else { t.administrators_group_hint };
            Choice::new(group.as_str(), group_name(t, *group)).hint(hint)
        })
        .collect::<Vec<_>>();
    let chosen = Signal::derive(move || Some(purchase.form.with(|form| form.user_group.as_str().to_owned())));
    let choose = move |value: String| {
        if let Ok(group) = value.parse() {
            purchase.choose(|form| form.user_group = group);
        }
    };
    // Chosen, but with no address: the way out stands right below.
    let without_email = computed(move || {
        let users = purchase.form.with(|form| purchase.chosen_users(form));
        users.into_iter().find(|user| user.email.trim().is_empty())
    });
    let add_email = move |name: String| writing.set(Some(Writing::AddEmail(name)));
    // What its button does is in the deferred module, and so is the notice.
    let missing_email = maybe(move || {
        let user = without_email.get().filter(|_| deferred::has_arrived())?;
        Some(missing_email_notice(t, user.name, add_email))
    });
    let picked = words(move || {
        let count = purchase.form.with(|form| form.user_names.len());
        if purchase.several.get() { fill(t.users_picked, &[&count.to_string()]) } else { String::new() }
    });
    view! {
        <Section id="users" title=t.section_user help=deferred_terms(|t| t.help_user)>
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || purchase.several.get()
                    on:change:target=move |event| purchase.allow_several(event.target().checked())
                />
                {t.several_users}
            </label>
            {loaded(purchase.lists.users, t.label(Field::User), move |users| list(purchase, users))}
            <p class="hint" role="status">{picked}</p>
            {missing_email}
            <FieldNotes field=Field::User />
            <p class="field-done" role="status">{words(move || done.get())}</p>
            <div class="buttons">
                <button type="button" on:click=on_click(move |_| writing.set(Some(Writing::NewUser)))>{t.new_user}</button>
                <button type="button" on:click=on_click(move |_| listing.set(true))>{t.user_list}</button>
            </div>
            {maybe(move || deferred::has_arrived().then(|| user_list::view(listing, done)))}
            <RadioGroup label=t.label(Field::UserGroup) name=Field::UserGroup.id() look="cards" choices=groups chosen choose />
            <FieldNotes field=Field::UserGroup />
        </Section>
        {maybe(move || writing.get().map(|what| view! { <UserDialog what writing done /> }.into_any()))}
    }
}

#[inline(never)]
fn missing_email_notice(t: &'static Text, name: String, add_email: impl Fn(String) + 'static) -> AnyView {
    view! {
        <div class="notice warn" role="alert">
            <p>{fill(t.deferred().no_email_explained, &[&name])}</p>
            <button type="button" on:click=on_click(move |_| add_email(name.clone()))>{t.add_email}</button>
        </div>
    }
    .into_any()
}

fn list(purchase: Purchase, users: Arc<Users>) -> AnyView {
    let t = use_text();
    if users.users.is_empty() {
        return empty(t.users_empty, users.skipped);
    }
    let skipped_here = users.skipped;
    let index = StoredValue::new(None);
    let list = StoredValue::new(users);
    // Before somebody can search: the first key should not wait for it.
    watch(move || {
        if deferred::has_arrived() {
            search(list, index, "");
        }
    });
    // The table of syllables comes with the first search that may need it, and the index is made anew with it.
    let (asked, spelled) = (StoredValue::new(false), RwSignal::new(false));
    watch(move || {
        if wants_syllables(&purchase.user_search.get()) && !asked.get_value() {
            asked.set_value(true);
            spell(list, index, asked, spelled);
        }
    });
    // Indices, not copies: there may be fifty thousand users.
    let shown = computed(move || {
        spelled.track();
        let needle = purchase.user_search.get();
        if needle.is_empty() {
            every_row(list.with_value(|users| users.users.len()))
        } else {
            search(list, index, &needle)
        }
    });
    let row = move |index: usize| {
        let hit = shown.with(|shown| shown.get(index).copied())?;
        list.with_value(|users| users.users.get(hit.row).map(row))
    };
    let find = move |name: String| {
        list.with_value(|users| {
            let index = users.users.iter().position(|user| user.name == name)?;
            shown.with(|shown| shown.binary_search_by_key(&index, |hit| hit.row).ok())
        })
    };
    let chosen = Signal::derive(move || purchase.form.with(|form| form.user_names.clone()));
    let choose = move |name: String| purchase.pick_user(name);
    view! {
        <Listbox
            label=t.label(Field::User)
            name=Field::User.id()
            search_label=t.search_users
            search=purchase.user_search
            count=Signal::derive(move || shown.with(|shown| shown.len()))
            row
            find
            chosen
            several=purchase.several
            choose
            empty=Signal::derive(move || fill(t.no_match, &[purchase.user_search.get().trim()]))
        />
        {skipped(skipped_here)}
    }
    .into_any()
}

/// The rows that a search finds. Not inlined, so that it is in the deferred module with the index, which it makes when there is none.
#[inline(never)]
fn search(list: StoredValue<Arc<Users>>, index: StoredValue<Option<SearchIndex>>, needle: &str) -> Arc<Vec<Hit>> {
    let make = || list.with_value(|users| index_of(users));
    index.try_update_value(|index| index.get_or_insert_with(make).find(needle)).unwrap_or_default()
}

fn index_of(users: &Users) -> SearchIndex {
    SearchIndex::new(users.users.iter().map(|user| [user.name.as_str(), &user.email]))
}

/// Whether a search may be for whole syllables.
fn wants_syllables(search: &str) -> bool {
    narrow(search).bytes().filter(u8::is_ascii_alphabetic).count() > 1 && !syllables::has_table()
}

/// Makes the index anew with whole syllables, if there is a Chinese name. A table that cannot be had is asked for again with
/// the next key.
fn spell(
    list: StoredValue<Arc<Users>>,
    index: StoredValue<Option<SearchIndex>>,
    asked: StoredValue<bool>,
    spelled: RwSignal<bool>,
) {
    if !list.with_value(|users| users.users.iter().any(|user| !user.name.is_ascii())) {
        return;
    }
    spawn(async move {
        let has_come = syllables::load().await;
        // The list may be another one by then.
        let _ = asked.try_set_value(has_come);
        if has_come && let Some(anew) = list.try_with_value(|users| index_of(users)) {
            let _ = index.try_set_value(Some(anew));
            let _ = spelled.try_set(true);
        }
    });
}

fn row(user: &UserInfo) -> ListboxOption {
    let t = use_text();
    let has_email = !user.email.trim().is_empty();
    ListboxOption {
        value: user.name.clone(),
        title: user.name.clone(),
        detail: user.email.clone(),
        badge: (!has_email).then_some(t.no_email),
        disabled: None,
    }
}
