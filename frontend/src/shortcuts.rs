//! Keyboard shortcuts of the whole page, and the dialog that lists them. A shortcut without Ctrl may be what somebody says to
//! a speech input, so those can be turned off (WCAG 2.1.4).

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::{
    language::{Language, use_text},
    reactive::{maybe, on_click},
    storage,
    ui::Dialog,
};

/// Where it is kept that shortcuts without Ctrl are off.
const KEY: &str = "deskbuy.keys";
const OFF: &str = "off";
/// What takes keys for itself.
const TYPES: &str = "input:not([type=radio], [type=checkbox]), select, textarea, [role=listbox]";

/// The shortcuts' settings.
#[derive(Clone, Copy)]
pub struct Shortcuts {
    /// Whether shortcuts without Ctrl do something.
    single: RwSignal<bool>,
    /// Whether the dialog is open.
    open: RwSignal<bool>,
}

impl Shortcuts {
    /// Listens for as long as the page is there.
    pub fn listen() -> Self {
        let off = storage::lasting().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let shortcuts = Self { single: RwSignal::new(off.as_deref() != Some(OFF)), open: RwSignal::new(false) };
        let listener = window_event_listener(ev::keydown, move |event| shortcuts.press(&event));
        on_cleanup(move || listener.remove());
        shortcuts
    }

    /// Opens the dialog.
    pub fn show(self) {
        self.open.set(true);
    }

    // Not inlined, as the dialog below, so that it is in the deferred module.
    #[inline(never)]
    fn press(self, event: &ev::KeyboardEvent) {
        let with_ctrl = event.ctrl_key() || event.meta_key();
        let taken = event.default_prevented() || event.is_composing() || event.alt_key();
        if taken || find("dialog[open]").is_some() {
            return;
        }
        let key = event.key();
        if with_ctrl {
            if key == "Enter"
                && let Some(buy) = find(".buy")
            {
                buy.click();
            }
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let types = target.is_some_and(|target| target.closest(TYPES).is_ok_and(|found| found.is_some()));
        if types || !self.single.get_untracked() {
            return;
        }
        if key == "?" {
            self.show();
        } else if key == "/"
            && let Some(search) = last_search()
        {
            event.prevent_default();
            let _ = search.focus();
        }
    }

    fn allow_single(self, on: bool) {
        self.single.set(on);
        if let Some(storage) = storage::lasting() {
            let _ = if on { storage.remove_item(KEY) } else { storage.set_item(KEY, OFF) };
        }
    }
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// The last search field: of a purchase that of the users, the one thing that has no default.
fn last_search() -> Option<HtmlElement> {
    let fields = document().query_selector_all("input[type=search]").ok()?;
    fields.get(fields.length().checked_sub(1)?)?.dyn_into().ok()
}

/// The list of shortcuts, while it is open.
#[component]
pub fn ShortcutsDialog(
    /// The language shown.
    language: RwSignal<Language>,
    /// The settings.
    shortcuts: Shortcuts,
) -> impl IntoView {
    maybe(move || {
        shortcuts.open.get().then(|| {
            language.track();
            dialog(shortcuts)
        })
    })
}

#[inline(never)]
fn dialog(shortcuts: Shortcuts) -> AnyView {
    let t = use_text();
    let row = |(key, meaning): &(&'static str, &'static str)| {
        view! { <div><dt><kbd>{*key}</kbd></dt><dd>{*meaning}</dd></div> }
    };
    let close = move || shortcuts.open.set(false);
    view! {
        <Dialog title=t.shortcuts name="shortcuts" on_close=move |()| close()>
            <dl class="lines">{t.deferred().shortcut_keys.iter().map(row).collect_view()}</dl>
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=shortcuts.single.get_untracked()
                    on:change=move |event| shortcuts.allow_single(event_target_checked(&event))
                />
                " "
                {t.deferred().shortcuts_single}
            </label>
            <div class="dialog-buttons">
                <button type="button" class="primary" on:click=on_click(move |_| close())>{t.deferred().close}</button>
            </div>
        </Dialog>
    }
    .into_any()
}
