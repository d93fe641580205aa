//! Picks users from a list that is pasted or uploaded: a table says of each row what it means, and those whom the directory
//! lacks are written to it first.

mod directory;
mod file;
mod import;
mod kept;
mod line;
mod table;
mod unanswered;

use std::time::Duration;

use leptos::prelude::*;
use shared::{
    ids::RegionId,
    limits::Unit,
    user_list::{LONGEST_LIST, ListError},
};

use self::{file::FileError, import::Import, kept::Kept, table::table};
use super::{limits, state::Purchase};
use crate::{
    deferred,
    language::{use_text, use_user_list_text},
    reactive::{after, changing, computed, flag, maybe, on_click, spawn, watch, words},
    text::{Text, UserListText, fill},
    ui::{Dialog, problem_notice},
};

/// How long typing has to pause before a list is read, which may be a long one.
const PAUSE: Duration = Duration::from_millis(150);

/// The dialog while it is open, and a notice of a list that is not finished while it is not. Not inlined, so that it is in
/// the deferred module; the dialog and all it needs is in the on-demand module.
#[inline(never)]
pub fn view(open: RwSignal<bool>, done: RwSignal<String>) -> AnyView {
    let purchase = expect_context::<Purchase>();
    let region = computed(move || purchase.form.with(|form| form.region.clone()));
    view! {
        {maybe(move || unfinished(&region.get().filter(|_| !open.get())?, open))}
        {maybe(move || (open.get() && deferred::on_demand()).then(|| view! { <UserListDialog open done /> }.into_any()))}
    }
    .into_any()
}

/// What is said of a list that is not finished, where there is one.
fn unfinished(region: &RegionId, open: RwSignal<bool>) -> Option<AnyView> {
    let t = use_user_list_text();
    let users = Kept::of(region)?.users.len().to_string();
    let gone = RwSignal::new(false);
    let discard = move |_| {
        kept::forget();
        gone.set(true);
    };
    let notice = maybe(move || {
        (!gone.get()).then(|| {
            view! {
                <div class="notice warn">
                    <p role="status">{fill(t.unfinished, &[&users])}</p>
                    <div class="buttons">
                        <button type="button" on:click=on_click(move |_| open.set(true))>{t.go_on}</button>
                        <button type="button" on:click=on_click(discard)>{t.discard}</button>
                    </div>
                </div>
            }
            .into_any()
        })
    });
    Some(view! { {notice} }.into_any())
}

/// The dialog. Not inlined, so that it is in the on-demand module.
#[inline(never)]
#[component]
fn UserListDialog(open: RwSignal<bool>, done: RwSignal<String>) -> impl IntoView {
    let (t, common) = (use_user_list_text(), use_text());
    let purchase = expect_context::<Purchase>();
    let import = Import::begin(purchase);
    let ready = RwSignal::new(false);
    let file_error = RwSignal::new(None::<FileError>);
    let turn = StoredValue::new(0_u32);
    watch(move || {
        import.text.track();
        import.takes_other_email.track();
        purchase.lists.users.ready();
        let own = turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        after(PAUSE, move || {
            // What is being written is shown until it is done. The dialog may be gone.
            if own.is_some() && turn.try_get_value() == own && !import.running.get_untracked() {
                untrack(|| import.read());
            }
        });
    });
    let edit = move |text: String| {
        file_error.set(None);
        import.problem.set(None);
        import.ran.set(false);
        import.finished.set(false);
        import.takes_other_email.set(false);
        import.text.set(text);
    };
    let upload = move |input| {
        spawn(async move {
            match file::text_of(input).await {
                Some(Ok(text)) if import.running.try_get_untracked() == Some(false) => edit(text),
                Some(Err(error)) => drop(file_error.try_set(Some(error))),
                _ => {}
            }
        });
    };
    let press = move |_| {
        if import.finished.get_untracked() {
            open.set(false);
        } else {
            import.run(false);
        }
    };
    watch(move || {
        if import.finished.get() {
            let (created, added) = untrack(|| import.written());
            let picked = untrack(|| import.counts()).there;
            done.set(fill(t.picked, &[&picked.to_string(), &created.to_string(), &added.to_string()]));
            // Nothing was written, so there are no results to look at.
            if created + added == 0 {
                open.set(false);
            }
        }
    });
    let trouble = maybe(move || {
        let file = file_error.get().map(|error| match error {
            FileError::TooLarge => t.file_too_large.to_owned(),
            FileError::NoText => t.file_no_text.to_owned(),
        });
        let list = import.list_error.get().map(|error| match error {
            ListError::TooLong { rows } => fill(t.too_long, &[&rows.to_string(), &LONGEST_LIST.to_string()]),
            ListError::OpenQuote { line } => fill(t.open_quote, &[&line.to_string()]),
        });
        let text = file.or(list)?;
        Some(view! { <p class="notice error">{text}</p> }.into_any())
    });
    let problem = problem_notice(import.problem, None);
    view! {
        <Dialog title=common.user_list name="user-list" ready on_close=move |()| open.set(false)>
            <label class="field-label" for="user-list-text">{t.label}</label>
            <textarea
                id="user-list-text"
                rows="5"
                autofocus=true
                spellcheck="false"
                autocomplete="off"
                aria-describedby="user-list-hint"
                readonly=move || import.running.get()
                prop:value=move || import.text.get()
                on:input:target=move |event| edit(event.target().value())
            ></textarea>
            <p id="user-list-hint" class="field-hint">{t.hint}</p>
            <label class="button">
                {t.upload}
                <input
                    type="file"
                    class="visually-hidden"
                    accept=".csv,.txt,.tsv,text/csv,text/plain,text/tab-separated-values"
                    disabled=move || import.running.get()
                    on:change:target=move |event| upload(event.target())
                />
            </label>
            <div role="alert">{trouble}</div>
            {changing(move || import.lines.with(|lines| table(t, common, lines)))}
            <p role="status">{words(move || status(t, &import))}</p>
            {maybe(move || {
                import.progress.get().map(|(done, all)| {
                    view! { <progress max=all value=done aria-label=t.writing></progress> }.into_any()
                })
            })}
            <div role="alert">{problem}</div>
            {maybe(move || beyond(t, purchase, &import))}
            {maybe(move || lost(t, &import))}
            {maybe(move || namesakes(t, &import))}
            <div class="dialog-buttons">
                {maybe(move || rest(t, &import))}
                <button type="button" on:click=on_click(move |_| open.set(false))>
                    {words(move || if import.finished.get() { common.deferred().close } else { common.deferred().cancel })}
                </button>
                <button
                    type="button"
                    class="primary"
                    aria-disabled=flag(move || !ready.get() || import.running.get() || is_empty(&import))
                    on:click=on_click(move |event| {
                        if !untrack(|| is_empty(&import)) {
                            press(event);
                        }
                    })
                >
                    {words(move || verb(t, common, &import))}
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Whether there is nobody to pick.
fn is_empty(import: &Import) -> bool {
    let counts = import.counts();
    counts.there + counts.to_write + counts.unknown == 0
}

/// What the button does.
fn verb(t: &UserListText, common: &'static Text, import: &Import) -> String {
    let counts = import.counts();
    let (there, to_write) = (counts.there.to_string(), counts.to_write.to_string());
    if import.running.get() {
        common.deferred().saving.to_owned()
    } else if import.finished.get() {
        fill(t.pick, &[&there])
    } else if counts.to_write > 0 {
        fill(t.write_and_pick, &[&to_write, &(counts.there + counts.to_write).to_string()])
    } else if counts.unknown > 0 {
        t.look_again.to_owned()
    } else {
        fill(t.pick, &[&there])
    }
}

/// How many rows of each kind there are, or how far the writes are.
fn status(t: &UserListText, import: &Import) -> String {
    let counts = import.counts();
    match import.progress.get() {
        Some((done, all)) => fill(t.progress, &[&done.to_string(), &all.to_string()]),
        None if import.running.get() => t.looking.to_owned(),
        None if import.finished.get() => {
            let (created, added) = import.written();
            fill(t.picked, &[&counts.there.to_string(), &created.to_string(), &added.to_string()])
        }
        None if counts.rows == 0 => String::new(),
        None => {
            let other = counts.rows - counts.there - counts.to_write - counts.unknown - counts.other_email;
            fill(
                t.counts,
                &[counts.rows, counts.there, counts.to_write, other]
                    .map(|count| count.to_string())
                    .each_ref()
                    .map(String::as_str),
            )
        }
    }
}

/// What is said before users are written of whom the limits leave some out.
fn beyond(t: &'static UserListText, purchase: Purchase, import: &Import) -> Option<AnyView> {
    let counts = import.counts();
    if counts.to_write == 0 || import.running.get() || import.finished.get() {
        return None;
    }
    let wanted = counts.there + counts.to_write;
    let users = limits::least_left(purchase, |unit| unit == Unit::Users);
    let desktops = limits::least_left(purchase, |unit| matches!(unit, Unit::Desktops | Unit::DesktopsAndMonths));
    let line = |text, left: Option<u32>, wanted: usize| {
        let left = left.filter(|left| wanted > *left as usize)?;
        Some(view! { <p>{fill(text, &[&left.to_string(), &wanted.to_string()])}</p> })
    };
    let users = line(t.too_many_users, users, counts.to_write);
    let desktops = line(t.too_many_desktops, desktops, wanted);
    (users.is_some() || desktops.is_some())
        .then(|| view! { <div class="notice warn">{users}{desktops}</div> }.into_any())
}

/// What is said of writes without an answer.
fn lost(t: &'static UserListText, import: &Import) -> Option<AnyView> {
    let unknown = import.counts().unknown;
    let import = *import;
    (unknown > 0 && !import.running.get()).then(|| {
        let count = unknown.to_string();
        view! {
            <div class="notice warn">
                <p>{fill(t.some_unknown, &[&count])}</p>
                <div class="buttons">
                    <button type="button" on:click=on_click(move |_| import.run(true))>{fill(t.write_again, &[&count])}</button>
                </div>
            </div>
        }
        .into_any()
    })
}

/// What is said of users with other addresses than the list's, who may be other people of the same names.
fn namesakes(t: &'static UserListText, import: &Import) -> Option<AnyView> {
    let count = import.counts().other_email;
    let takes = import.takes_other_email;
    (count > 0 && !import.running.get() && !import.finished.get()).then(|| {
        let count = count.to_string();
        view! {
            <div class="notice warn">
                <p>{fill(t.some_other_email, &[&count])}</p>
                <div class="buttons">
                    <button type="button" on:click=on_click(move |_| takes.set(true))>
                        {fill(t.take_other_email, &[&count])}
                    </button>
                </div>
            </div>
        }
        .into_any()
    })
}

/// The way to go on with those who are in the directory, where others could not be written.
fn rest(t: &'static UserListText, import: &Import) -> Option<AnyView> {
    let counts = import.counts();
    let is_left = import.ran.get() && !import.running.get() && counts.there > 0 && counts.to_write + counts.unknown > 0;
    let import = *import;
    is_left.then(|| {
        let text = fill(t.pick_rest, &[&counts.there.to_string()]);
        view! { <button type="button" on:click=on_click(move |_| import.pick())>{text}</button> }.into_any()
    })
}
