//! The dialogs that write users: a new one, or an e-mail address for one who has none.

use leptos::prelude::*;
use shared::{
    Code, Outcome, Problem,
    actions::{CreateUser, CreatedUser, ModifyUser, UserInfo},
    user::{Email, ExistingUserName, UserName},
};

use super::state::Purchase;
use crate::{
    api,
    language::use_text,
    reactive::{changing, flag, next_frame, on_click, spawn, words},
    text::fill,
    ui::{Dialog, focus_on, problem_notice},
};

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writing {
    /// A new user.
    NewUser,
    /// An address for this user.
    AddEmail(String),
}

/// The dialog. What was typed stays until it is saved.
#[component]
pub fn UserDialog(
    /// What is written.
    what: Writing,
    /// Set to nothing when the dialog is done with.
    writing: RwSignal<Option<Writing>>,
    /// Said when it has been saved.
    done: RwSignal<String>,
) -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let given = match &what {
        Writing::NewUser => None,
        Writing::AddEmail(name) => Some(name.clone()),
    };
    let is_new = given.is_none();
    // What was typed for a new user outlasts the dialog.
    let (name, email) = match given {
        Some(given) => (RwSignal::new(given), RwSignal::new(String::new())),
        None => purchase.draft,
    };
    let name_error = RwSignal::new(None::<Code>);
    let email_error = RwSignal::new(None::<Code>);
    let problem = RwSignal::new(None::<Problem>);
    let saving = RwSignal::new(false);
    let ready = RwSignal::new(false);

    let save = move || {
        if saving.get_untracked() {
            return;
        }
        let typed = Typed::parse(is_new, &name.get_untracked(), &email.get_untracked());
        name_error.set(typed.as_ref().err().and_then(|errors| errors.name));
        email_error.set(typed.as_ref().err().and_then(|errors| errors.email));
        problem.set(None);
        let (Ok(typed), Some(region)) = (typed, purchase.form.with_untracked(|form| form.region.clone())) else {
            focus_first_error(name_error.get_untracked().is_some());
            return;
        };
        saving.set(true);
        spawn(async move {
            let saved = typed.write(&region).await;
            // The dialog may have been closed meanwhile; the user is there all the same, and changes no choice.
            let shown = saving.try_get_untracked().is_some();
            if shown && saved.is_err() {
                saving.set(false);
            }
            match saved {
                Ok(user) => {
                    let text = if is_new { t.deferred().user_created } else { t.deferred().email_added };
                    let _ = done.try_set(fill(text, &[&user.name]));
                    if is_new {
                        let _ = (name.try_set(String::new()), email.try_set(String::new()));
                    }
                    purchase.take_user(user, shown);
                    if shown {
                        writing.set(None);
                    }
                    if shown && !is_new {
                        // The button that opened the dialog is gone with its reason.
                        next_frame(|| focus_on("#user"));
                    }
                }
                Err(error) if error.outcome != Outcome::Unknown && error.field.as_deref() == Some("UserName") => {
                    let _ = name_error.try_set(Some(error.code));
                    focus_first_error(true);
                }
                Err(error) if error.outcome != Outcome::Unknown && error.field.as_deref() == Some("Email") => {
                    let _ = email_error.try_set(Some(error.code));
                    focus_first_error(false);
                }
                Err(error) => {
                    if error.outcome == Outcome::Unknown && purchase.form.try_get_untracked().is_some() {
                        purchase.lists.users.refresh();
                    }
                    let _ = problem.try_set(Some(error));
                }
            }
        });
    };

    let trouble = problem_notice(problem, Some(t.deferred().user_unknown));
    let (title, button) =
        if is_new { (t.new_user, t.deferred().create_user) } else { (t.add_email, t.deferred().save_email) };
    view! {
        <Dialog title name="user-dialog" ready on_close=move |()| writing.set(None)>
            <form on:submit=move |event| {
                event.prevent_default();
                save();
            }>
                <TextField label=t.deferred().user_name name="user-name" hint=if is_new { t.deferred().user_name_hint } else { "" } value=name error=name_error fixed=!is_new first=is_new kind="text" />
                <TextField label=t.email name="user-email" hint=t.deferred().email_hint value=email error=email_error fixed=false first=!is_new kind="email" />
                <div role="alert">{trouble}</div>
                <div class="dialog-buttons">
                    <button type="button" on:click=on_click(move |_| writing.set(None))>{t.deferred().cancel}</button>
                    <button type="submit" class="primary" aria-disabled=flag(move || !ready.get() || saving.get())>
                        {words(move || if saving.get() { t.deferred().saving } else { button })}
                    </button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// What was typed, parsed.
enum Typed {
    New(CreateUser),
    Address(ModifyUser),
}

/// What is wrong with what was typed.
struct TypedErrors {
    name: Option<Code>,
    email: Option<Code>,
}

impl Typed {
    fn parse(is_new: bool, name: &str, email: &str) -> Result<Self, TypedErrors> {
        let email = email.parse::<Email>();
        let both =
            |name_error: Option<Code>, email: Result<Email, Code>| TypedErrors { name: name_error, email: email.err() };
        if is_new {
            match (name.parse::<UserName>(), email) {
                (Ok(user_name), Ok(email)) => Ok(Self::New(CreateUser { user_name, email })),
                (name, email) => Err(both(name.err(), email)),
            }
        } else {
            // Not trimmed: the directory's own spelling counts.
            match (ExistingUserName::try_from(name.to_owned()), email) {
                (Ok(user_name), Ok(email)) => Ok(Self::Address(ModifyUser { user_name, email })),
                (name, email) => Err(both(name.err(), email)),
            }
        }
    }

    /// The user as the directory has it now.
    async fn write(self, region: &shared::ids::RegionId) -> Result<UserInfo, Problem> {
        let (sent, asked, is_new) = match self {
            Self::New(request) => {
                let asked = UserInfo { name: request.user_name.as_str().into(), email: request.email.as_str().into() };
                (api::write(region, &request), asked, true)
            }
            Self::Address(request) => {
                let sent = api::write(region, &request);
                (sent, UserInfo { name: request.user_name.into(), email: request.email.into() }, false)
            }
        };
        let answer = sent.await?;
        let made = if is_new { api::read::<CreatedUser>(&answer)?.user_info } else { None };
        Ok(made.filter(|user| !user.name.is_empty()).unwrap_or(asked))
    }
}

fn focus_first_error(name: bool) {
    focus_on(if name { "#user-name" } else { "#user-email" });
}

#[component]
fn TextField(
    label: &'static str,
    name: &'static str,
    hint: &'static str,
    value: RwSignal<String>,
    error: RwSignal<Option<Code>>,
    fixed: bool,
    first: bool,
    kind: &'static str,
) -> impl IntoView {
    let t = use_text();
    let described = format!("{name}-note");
    view! {
        <div class="field">
            <label class="field-label" for=name>{label}</label>
            <input
                id=name
                // `email` shows the right keyboard; what counts is the same rule as everywhere, hence no browser check.
                type="text"
                inputmode=kind
                autocomplete="off"
                autofocus=first
                readonly=fixed
                aria-describedby=described.clone()
                aria-invalid=flag(move || error.get().is_some())
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
            />
            <p id=described class="field-hint">
                {changing(move || match error.get() {
                    Some(code) => view! { <span class="field-error">{(t.code)(code)}</span> }.into_any(),
                    None => hint.into_any(),
                })}
            </p>
        </div>
    }
    .into_any()
}
