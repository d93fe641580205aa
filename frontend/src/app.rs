//! The page around its parts: header, banner, and which part the address asks for.

use leptos::prelude::*;
use leptos_router::components::Router;
use shared::{link::Route, session::Session};

use crate::{
    address, api,
    language::Language,
    load::Loader,
    order::{OrderPage, OrdersPage},
    purchase::{Purchase, PurchasePage},
    ui::{changing, maybe, words},
};

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let language = RwSignal::new(Language::preferred());
    provide_context(language);
    provide_context(Purchase::new(language));
    let session: Loader<Session> = Loader::idle().follow(|| Some(api::SESSION.to_owned()), api::load::<Session>);
    Effect::new(move |_| {
        let tag = language.get().text().tag;
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", tag);
        }
    });
    let banner = maybe(move || {
        let demo = session.ready().is_some_and(|session| session.demo);
        demo.then(|| {
            view! { <p class="banner" role="note">{words(move || language.get().text().demo_banner)}</p> }.into_any()
        })
    });
    view! {
        <Router>
            <a class="skip" href="#main" on:click=skip>{words(move || language.get().text().skip_to_content)}</a>
            <Header language />
            {banner}
            <main id="main">
                <Main language />
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
    use wasm_bindgen::JsCast;
    let heading = document().query_selector("main h1").ok().flatten();
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = heading.focus();
    }
}

#[component]
fn Header(language: RwSignal<Language>) -> impl IntoView {
    let route = address::use_route();
    let link = move |to: Route, text: fn(Language) -> &'static str| {
        let href = to.href();
        let here = move || {
            let here = if to == Route::Buy { route.get() == Route::Buy } else { route.get() != Route::Buy };
            here.then_some("page")
        };
        view! { <a href=href aria-current=here>{words(move || text(language.get()))}</a> }
    };
    let switch = move |_| {
        language.update(|language| *language = language.other());
        language.get_untracked().keep();
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
                    class="quiet"
                    lang=move || language.get().other().text().tag
                    on:click=switch
                >
                    {words(move || language.get().other().name())}
                </button>
            </div>
        </header>
    }
}

/// The part that the route asks for. Built anew for another language, so that inside it texts need not be signals.
#[component]
fn Main(language: RwSignal<Language>) -> impl IntoView {
    let route = address::use_route();
    // At the first view the browser's own start of the page is right; later the focus follows the route.
    Effect::new(move |before: Option<Route>| {
        let now = route.get();
        let text = language.get().text();
        let title = match now {
            Route::Buy => text.title_buy,
            Route::Orders => text.title_orders,
            Route::Order(_) => text.title_order,
        };
        document().set_title(&format!("{title} · Deskbuy"));
        if before.is_some_and(|before| before != now) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            request_animation_frame(focus_heading);
        }
        now
    });
    changing(move || {
        language.track();
        match route.get() {
            Route::Buy => view! { <PurchasePage /> }.into_any(),
            Route::Orders => view! { <OrdersPage /> }.into_any(),
            Route::Order(token) => view! { <OrderPage token /> }.into_any(),
        }
    })
}

/// A page's heading. It takes the focus when the page is shown, so that a screen reader says where it is.
#[component]
pub fn Heading(
    /// The text.
    text: &'static str,
) -> impl IntoView {
    view! { <h1 tabindex="-1">{text}</h1> }
}
