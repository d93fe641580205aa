//! The page around its parts: header, banner, and which part the address asks for.

use leptos::prelude::*;
use leptos_router::components::Router;
use shared::link::Route;

use crate::{
    address,
    language::{Language, Texts, keep_language, preferred_language},
    reactive::{changing, next_frame, on_click, watch, words},
    text::Text,
    ui::{focus_on, loaded::skeleton},
};

/// What the proxy says of itself and the person, as the header shows it.
pub struct Session {
    /// Whether the upstream is the embedded simulator.
    pub demo: bool,
    /// Who has signed in; empty where nobody has to.
    pub user: String,
    /// Whether the person may not buy.
    pub only_looks: bool,
}

/// One of the two parts that the page has.
pub struct Part {
    /// Whether it shows a route; the other part shows the others.
    pub(crate) shows: fn(&Route) -> bool,
    /// Called once, before anything is shown.
    pub(crate) begin: fn(RwSignal<Language>),
    /// The view of a route that it shows.
    pub(crate) view: fn(Route) -> AnyView,
}

/// The page, showing one of its parts.
#[component]
pub fn App(
    /// The part.
    part: &'static Part,
    /// Whether one came here from the other part.
    arrived: bool,
    /// What the proxy says of itself and the person.
    session: Session,
) -> impl IntoView {
    let language = RwSignal::new(preferred_language());
    provide_context(language);
    (part.begin)(language);
    watch(move || {
        let tag = language.get().tag();
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", tag);
        }
    });
    view! {
        <Router>
            <a class="skip" href="#main" on:click=on_click(skip)>{words(move || language.get().text().skip_to_content)}</a>
            <Header language session />
            <main id="main">
                <Main language part arrived />
            </main>
        </Router>
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
fn Header(language: RwSignal<Language>, session: Session) -> impl IntoView {
    let route = address::use_route();
    let link = move |to: Route, text: fn(Language) -> &'static str| {
        let href = to.href();
        let here = move || {
            let here = if to == Route::Buy { route.get() == Route::Buy } else { route.get() != Route::Buy };
            here.then_some("page")
        };
        view! { <a href=href aria-current=here>{words(move || text(language.get()))}</a> }
    };
    let line = move |text: fn(&Text) -> &'static str| {
        view! { <p class="banner">{words(move || text(language.get().text()))}</p> }
    };
    let demo = session.demo.then(|| line(|text| text.document.demo_banner));
    let only_looks = session.only_looks.then(|| line(|text| text.document.only_looks));
    // What the button does is in boot.js.
    let user = Some(session.user).filter(|user| !user.is_empty()).map(|user| {
        view! {
            <span class="who">{user}</span>
            <button type="button" class="quiet" data-sign-out="">
                {words(move || language.get().text().sign_out)}
            </button>
        }
    });
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
                </nav>
                <button
                    type="button"
                    class="quiet keys"
                    data-keys=""
                    aria-label=move || language.get().text().shortcuts
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

/// What the route asks for. Built anew for another language, so that inside it texts need not be signals.
#[component]
fn Main(language: RwSignal<Language>, part: &'static Part, arrived: bool) -> impl IntoView {
    let route = address::use_route();
    // At the first view the browser's own start of the page is right; later the focus follows the route.
    let mut before = None::<Route>;
    watch(move || {
        let now = route.get();
        let text = language.get().text();
        if !(part.shows)(&now) {
            address::tell("deskbuy:leave");
            before = Some(now);
            return;
        }
        let title = match now {
            Route::Buy => text.document.title,
            Route::Orders => text.title_orders,
            Route::Order(_) => text.title_order,
            Route::Batch(_) => text.title_batch,
        };
        document().set_title(&format!("{title} · Deskbuy"));
        if before.as_ref().map_or(arrived, |before| *before != now) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            next_frame(focus_heading);
        }
        before = Some(now);
    });
    changing(move || {
        language.track();
        let route = route.get();
        if (part.shows)(&route) { (part.view)(route) } else { skeleton("") }
    })
}
