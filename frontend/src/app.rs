//! The page around its two routes: header, banners, title, focus, and which of the routes is shown.

use leptos::prelude::*;
use shared::link::Route;

use crate::{
    address,
    checkout::{LateAnswers, LateNotices},
    deferred::{self, DeferredNotice},
    language::{Language, Texts, follow_other_windows, keep_language, preferred_language},
    orders, purchase,
    reactive::{changing, computed, maybe, next_frame, on_click, retry_when_back, watch, words},
    shortcuts::{Shortcuts, ShortcutsDialog},
    text::Text,
    ui::{focus_on, loaded::skeleton},
};

/// What the proxy says of itself and the person, as the header shows it.
#[expect(clippy::struct_excessive_bools, reason = "each is about something else")]
pub struct Session {
    /// Whether the upstream is the embedded simulator.
    pub demo: bool,
    /// The person who has signed in; empty without sign-in.
    pub user: String,
    /// Whether the person may not buy.
    pub only_looks: bool,
    /// Whether the person may approve orders of others.
    pub approves: bool,
    /// Whether the operator asks for order fields.
    pub order_fields: bool,
}

/// The page.
#[component]
pub fn App(
    /// What the proxy says of itself and the person.
    session: Session,
) -> impl IntoView {
    let language = RwSignal::new(preferred_language());
    provide_context(language);
    let late = LateAnswers::none();
    provide_context(late);
    follow_other_windows(language);
    retry_when_back();
    let route = address::route();
    let may_renew = !session.only_looks;
    let shortcuts = Shortcuts::listen();
    watch(move || {
        let tag = language.get().tag();
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", tag);
        }
    });
    view! {
        <a class="skip" href="#main" on:click=on_click(skip)>{words(move || language.get().text().skip_to_content)}</a>
        <Header language route session shortcuts />
        <DeferredNotice language />
        <LateNotices language answers=late />
        <main id="main" aria-busy=deferred::busy()>
            <Main language route may_renew />
        </main>
        <ShortcutsDialog language shortcuts />
    }
}

/// Moves the focus itself: following the link would take the address away from the route.
fn skip(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    focus_heading();
}

fn focus_heading() {
    focus_on("main h1");
}

#[component]
fn Header(language: RwSignal<Language>, route: Memo<Route>, session: Session, shortcuts: Shortcuts) -> impl IntoView {
    let link = move |to: Route, text: fn(Language) -> &'static str| {
        let href = to.href();
        let here = move || {
            let here = match route.get() {
                Route::Buy => to == Route::Buy,
                // An approver's own link is the one.
                Route::Approvals => false,
                _ => to != Route::Buy,
            };
            here.then_some("page")
        };
        view! { <a href=href aria-current=here>{words(move || text(language.get()))}</a> }
    };
    let line = move |text: fn(&Text) -> &'static str| {
        view! { <p class="banner">{words(move || text(language.get().text()))}</p> }
    };
    // A window of its own: what is chosen here stays.
    let demo = session.demo.then(|| {
        view! {
            <p class="banner">
                {words(move || language.get().text().document.demo_banner)} " "
                <a href="demo" target="_blank">{words(move || language.get().text().document.demo_faults)}</a>
            </p>
        }
    });
    let only_looks = session.only_looks.then(|| line(|text| text.document.only_looks));
    // What the button does is in frontend/loader/session.js.
    let user = Some(session.user).filter(|user| !user.is_empty()).map(|user| {
        view! {
            <span class="who">{user}</span>
            <button type="button" class="quiet" data-sign-out="">
                {words(move || language.get().text().sign_out)}
            </button>
        }
    });
    // Only the deferred module can show it.
    let approves = session.approves;
    let approvals =
        maybe(move || (approves && deferred::has_arrived()).then(|| orders::approvals_link(language, route)));
    let switch = move |_| {
        language.update(|language| *language = language.other());
        keep_language(language.get_untracked());
    };
    view! {
        <header class="top">
            <div class="top-inner">
                <span class="brand">"Deskbuy"</span>
                <nav aria-label=move || language.get().text().navigation>
                    {link(Route::Buy, |language| language.text().buy)}
                    {link(Route::Orders, |language| language.text().orders)}
                    {approvals}
                </nav>
                <button
                    type="button"
                    class="quiet keys"
                    aria-label=move || language.get().text().shortcuts
                    on:click=on_click(move |_| shortcuts.show())
                >
                    "?"
                </button>
                <button
                    type="button"
                    class="quiet"
                    lang=move || language.get().other().tag()
                    on:click=on_click(switch)
                >
                    {words(move || language.get().other().name())}
                </button>
                {user}
            </div>
            {demo}
            {only_looks}
        </header>
    }
}

/// What the route asks for. Built anew for another language, so that inside it texts need not be signals; a purchase lasts
/// as long as its route is shown, whatever the language.
#[component]
fn Main(language: RwSignal<Language>, route: Memo<Route>, may_renew: bool) -> impl IntoView {
    // At the first view the browser's own start of the page is right; later the focus follows the route.
    let mut before = None::<Route>;
    watch(move || {
        let now = route.get();
        let text = language.get().text();
        let title = match now {
            Route::Buy => text.document.title,
            Route::Orders | Route::Approvals => text.title_orders,
            Route::Order(_) => text.title_order,
            Route::Batch(_) => text.title_batch,
            Route::Desktops | Route::DesktopsWithin(_) | Route::Desktop(_) => text.title_desktops,
            Route::Summary => text.title_summary,
        };
        document().set_title(&format!("{title} · Deskbuy"));
        if before.as_ref().is_some_and(|before| *before != now) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            next_frame(focus_heading);
        }
        before = Some(now);
    });
    let buys = computed(move || route.with(|route| *route == Route::Buy));
    // The code of orders is in the deferred module.
    let arrived = computed(deferred::has_arrived);
    changing(move || {
        if buys.get() {
            purchase::begin(language);
            return changing(move || {
                language.track();
                purchase::page()
            })
            .into_any();
        }
        deferred::first_view_complete();
        changing(move || {
            language.track();
            match route.get() {
                // On the way to a purchase.
                Route::Buy => ().into_any(),
                route if arrived.get() => orders::page(route, may_renew),
                _ => skeleton(""),
            }
        })
        .into_any()
    })
}
