//! The state of a purchase: the requested form, the lists, and the effective form, which is always
//! `normalize(requested, catalog)`. Nothing here is a view, and no effect writes a choice.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    Problem,
    actions::{CreateDesktop, UserInfo, Users},
    form::{self, Dropped, Field, FieldError, Form},
    ids::ClientToken,
    link::Unread,
    stock::{Stock, StockTable},
};

use super::{lists::Lists, pages::MoreImages, placing::Placing};
use crate::{
    address,
    checkout::{Refusal, keep_refusals, keep_users, kept_refusals, kept_users},
    language::Language,
    reactive::{computed, watch},
    takeover,
};

/// Everything that the parts of the purchase share. Lives as long as the route is shown, so that it outlasts a change
/// of language.
#[derive(Clone, Copy)]
pub struct Purchase {
    /// The requested form: what the person chose, whether it fits or not. A choice that fits again is back.
    requested: RwSignal<Form>,
    /// The effective form: the requested one as far as it fits, with defaults for the rest.
    pub form: Memo<Form>,
    /// The requested choices that do not fit.
    pub dropped: Memo<Vec<Dropped>>,
    /// Fields that depend on something that was changed after they were chosen, so that only their list can confirm them.
    outdated: RwSignal<Vec<Field>>,
    /// The form that the address and copied links have: the effective one without outdated fields.
    pub linked: Memo<Form>,
    /// The field errors that are shown: at most one a field, in the order of the page.
    pub field_errors: Memo<Vec<FieldError>>,
    /// Field errors from the server, each until its field or what that depends on changes.
    refused: RwSignal<Vec<Refusal>>,
    /// Whether anything was chosen. Until then the address stays as the visitor brought it.
    touched: RwSignal<bool>,
    /// The requested form before the last choice, to take that back.
    before: RwSignal<Option<Form>>,
    /// The lists to choose from.
    pub lists: Lists,
    /// The search for an image.
    pub image_search: RwSignal<String>,
    /// Images beyond the first page.
    pub more_images: RwSignal<MoreImages>,
    /// The search for a user.
    pub user_search: RwSignal<String>,
    /// Whether desktops are bought for several users at once.
    pub several: RwSignal<bool>,
    /// Whether buying was tried, so that field errors are shown.
    pub tried: RwSignal<bool>,
    /// The purchase under review.
    pub placing: Placing,
    /// The limits that the proxy sets, as its answer; empty while they are not known. Text, which other signals hold too: a
    /// type of its own would be more code in the first view.
    pub limits: RwSignal<String>,
    /// What of the address could not be read.
    unread: StoredValue<Vec<Unread>>,
    /// What was typed for a new user: the name and the address. Stays until the user is created.
    pub draft: (RwSignal<String>, RwSignal<String>),
}

fn check(form: &Form, lists: Lists, token: &ClientToken) -> Result<Vec<CreateDesktop>, Vec<FieldError>> {
    let chosen_stock = lists.chosen_stock.ready().map(|stock| *stock).unwrap_or_default();
    form::validate(form, &lists.known().catalog(chosen_stock), token)
}

impl Purchase {
    /// Begins with what the address asks for.
    pub fn new(language: RwSignal<Language>) -> Self {
        let (mut asked, unread) = address::form();
        // Chosen before the app was there, from the list in the document.
        asked.type_item_id = takeover::checked_type().or(asked.type_item_id);
        // Users are not in addresses; they are stored for this window, so that a reload loses nothing.
        asked.user_names = kept_users();
        let several = RwSignal::new(asked.user_names.len() > 1);
        let requested = RwSignal::new(asked);
        let lists = Lists::idle();
        // Defaults follow the stock as first loaded in the region. A refreshed table must not change the form under the
        // reader's eyes.
        let first = StoredValue::new(None::<Arc<StockTable>>);
        let normal = computed(move || {
            let (requested, newest) = (requested.get(), lists.stock_table.ready());
            let first = first.try_update_value(|first| {
                if first.as_ref().map(|table| &table.region) != requested.region.as_ref() {
                    first.clone_from(&newest);
                }
                first.clone().filter(|table| Some(&table.region) == requested.region.as_ref())
            });
            form::normalize(requested, &lists.known().with_stock(first.flatten()).catalog(Stock::Unknown))
        });
        let form = computed(move || normal.with(|(form, _)| form.clone()));
        let dropped = computed(move || normal.with(|(_, dropped)| dropped.clone()));
        let image_search = RwSignal::new(String::new());
        lists.follow(requested, form, language, image_search);
        let outdated = RwSignal::new(Vec::new());
        let linked = computed(move || {
            let mut linked = form.get();
            for field in outdated.get() {
                if !lists.is_current(field) {
                    linked.take(field, &Form::default());
                }
            }
            linked
        });
        // The address is the visitor's own until something is chosen.
        let touched = RwSignal::new(false);
        watch(move || {
            if touched.get() {
                linked.with(address::show_form);
            }
        });
        // The token plays no part in the check.
        let errors = computed(move || {
            let token = "none".parse();
            token.map_or_else(|_| Vec::new(), |token| check(&form.get(), lists, &token).err().unwrap_or_default())
        });
        let tried = RwSignal::new(false);
        let refused = RwSignal::new(kept_refusals());
        let field_errors = computed(move || {
            // While lists are loading, a missing choice is not an error of the person.
            let mut shown = if tried.get() && !lists.is_loading() { errors.get() } else { Vec::new() };
            let refused = refused.get();
            for error in refused.iter().filter(|refused| form.with(|form| refused.holds(form))).map(|it| it.error) {
                shown.retain(|other| other.field != error.field);
                let place = shown.iter().take_while(|other| other.field < error.field).count();
                shown.insert(place, error);
            }
            shown
        });
        Self {
            requested,
            form,
            dropped,
            outdated,
            linked,
            touched,
            field_errors,
            refused,
            before: RwSignal::new(None),
            lists,
            image_search,
            more_images: RwSignal::new(MoreImages::default()),
            user_search: RwSignal::new(String::new()),
            several,
            tried,
            placing: Placing::nothing(),
            limits: RwSignal::new(String::new()),
            unread: StoredValue::new(unread),
            draft: (RwSignal::new(String::new()), RwSignal::new(String::new())),
        }
    }

    /// Takes a choice of the person. The address follows.
    pub fn choose(&self, change: impl FnOnce(&mut Form)) {
        let mut requested = self.requested.get_untracked();
        change(&mut requested);
        self.request(requested);
    }

    /// The part of `choose` that is not generic, so that it is in the module once.
    #[inline(never)]
    fn request(&self, requested: Form) {
        let before = self.form.get_untracked();
        self.before.set(Some(self.requested.get_untracked()));
        self.requested.set(requested);
        self.form.with_untracked(|form| {
            self.outdated.update(|outdated| {
                outdated.retain(|field| before.same(form, *field) && !untrack(|| self.lists.is_current(*field)));
                outdated.extend(before.outdated_in(form));
            });
            self.keep_refused(&|refusal| refusal.holds(form));
            keep_users(&form.user_names);
        });
        self.touched.set(true);
    }

    /// Whether the page is as it was opened: still shown, nothing was chosen, and nothing in it has the focus.
    pub fn is_untouched(&self) -> bool {
        let focused = || document().active_element().is_some_and(|element| element.tag_name() != "BODY");
        self.touched.try_get_untracked() == Some(false) && !focused()
    }

    /// Takes a problem from the server as a field error; the field, or `None` if it is about none.
    pub fn refuse(&self, problem: &Problem) -> Option<Field> {
        let refusal = self.form.with_untracked(|form| Refusal::of(problem, form))?;
        let field = refusal.error.field;
        self.refused.set(vec![refusal]);
        Some(field)
    }

    /// Drops the refusals that a condition does not hold for.
    fn keep_refused(&self, which: &dyn Fn(&Refusal) -> bool) {
        if self.refused.with_untracked(|refused| !refused.iter().all(which)) {
            self.refused.update(|refused| refused.retain(which));
            self.refused.with_untracked(|refused| keep_refusals(refused));
        }
    }

    /// Whether there is a choice to undo.
    pub fn can_undo(&self) -> bool {
        self.before.with(Option::is_some)
    }

    /// Undoes the last choice, and what was dropped because of it.
    pub fn undo(&self) {
        if let Some(before) = self.before.get_untracked() {
            self.choose(|form| *form = before);
            self.before.set(None);
        }
    }

    /// Picks a user: replaces the chosen one, or toggles one where several may be chosen.
    pub fn pick_user(&self, name: String) {
        let several = self.several.get_untracked();
        self.choose(|form| match form.user_names.iter().position(|chosen| *chosen == name) {
            Some(index) if several => drop(form.user_names.remove(index)),
            _ if several => form.user_names.push(name),
            _ => form.user_names = vec![name],
        });
    }

    /// Sets whether several users may be chosen. Of several, the last one stays.
    pub fn allow_several(&self, several: bool) {
        self.several.set(several);
        if !several {
            self.choose(|form| drop(form.user_names.drain(..form.user_names.len().saturating_sub(1))));
        }
    }

    /// The purchases that the form asks for, one per user, or the field errors.
    pub fn check(&self, token: &ClientToken) -> Result<Vec<CreateDesktop>, Vec<FieldError>> {
        check(&self.form.get(), self.lists, token)
    }

    /// What of the address could not be read, but for fields that were chosen since.
    pub fn unread(&self) -> Vec<Unread> {
        let asked = Form::default();
        let open = |unread: &&Unread| {
            unread.field.is_none_or(|field| self.requested.with(|requested| requested.same(&asked, field)))
        };
        self.unread.with_value(|unread| unread.iter().filter(open).cloned().collect())
    }

    /// What fell away in a field.
    pub fn dropped_in(&self, field: Field) -> Option<Dropped> {
        self.dropped.with(|dropped| dropped.iter().find(|dropped| dropped.field == field).cloned())
    }

    /// Takes users who were created, or given an address, into the list, all at once: there may be many.
    pub fn take_users(&self, taken: Vec<UserInfo>) {
        self.lists.users.change(|users| {
            let mut users = Users::clone(users);
            for user in taken {
                match users.users.iter_mut().find(|known| known.name == user.name) {
                    Some(known) => known.email = user.email,
                    None => users.users.insert(0, user),
                }
            }
            users
        });
        // An address that was missing is there now.
        self.keep_refused(&|refusal| refusal.error.field != Field::User);
    }

    /// Takes a user who was created, or given an address, into the list, and makes the user the choice if `picked`. The
    /// purchase may be gone.
    pub fn take_user(&self, user: UserInfo, picked: bool) {
        if self.form.try_get_untracked().is_none() {
            return;
        }
        if picked {
            self.user_search.set(String::new());
        }
        self.take_users(vec![user.clone()]);
        if picked && !self.form.with_untracked(|form| form.user_names.contains(&user.name)) {
            self.pick_user(user.name);
        }
    }
}
