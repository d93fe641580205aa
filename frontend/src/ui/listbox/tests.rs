use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

/// A list of numbers, mounted in the document.
struct Mounted {
    root: web_sys::HtmlElement,
    chosen: RwSignal<Vec<String>>,
    _handle: Box<dyn std::any::Any>,
}

impl Mounted {
    fn new(rows: usize) -> Self {
        let root = document().create_element("div").unwrap().unchecked_into::<web_sys::HtmlElement>();
        document().body().unwrap().append_child(&root).unwrap();
        let chosen = RwSignal::new(Vec::<String>::new());
        let handle = leptos::mount::mount_to(root.clone(), move || {
            let row = move |index: usize| {
                let disabled = (index == 3).then_some("not this one");
                let title = format!("row {index}");
                (index < rows).then(|| ListboxOption {
                    value: index.to_string(),
                    title,
                    detail: String::new(),
                    badge: None,
                    disabled,
                })
            };
            view! {
                <Listbox
                    label="Numbers"
                    name="numbers"
                    search_label="Search"
                    search=RwSignal::new(String::new())
                    count=Signal::derive(move || rows)
                    row
                    find=|value: String| value.parse().ok()
                    chosen
                    choose=move |value| chosen.set(vec![value])
                    empty=Signal::derive(|| "nothing".to_owned())
                />
            }
        });
        Self { root, chosen, _handle: Box::new(handle) }
    }

    fn list(&self) -> web_sys::HtmlElement {
        self.root.query_selector("[role=listbox]").unwrap().unwrap().unchecked_into()
    }

    fn options(&self) -> u32 {
        self.root.query_selector_all("[role=option]").unwrap().length()
    }

    async fn press(&self, key: &str) {
        let init = web_sys::KeyboardEventInit::new();
        init.set_key(key);
        init.set_bubbles(true);
        let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        self.list().dispatch_event(&event).unwrap();
        leptos::task::tick().await;
    }

    fn active(&self) -> Option<String> {
        self.list().get_attribute("aria-activedescendant")
    }
}

#[wasm_bindgen_test]
async fn fifty_thousand_rows_are_a_few_in_the_document() {
    let mounted = Mounted::new(50_000);
    leptos::task::tick().await;
    assert!((1..60).contains(&mounted.options()), "{}", mounted.options());
    let first = mounted.root.query_selector("[role=option]").unwrap().unwrap();
    assert_eq!(first.get_attribute("aria-setsize").as_deref(), Some("50000"));
    assert_eq!(first.get_attribute("aria-posinset").as_deref(), Some("1"));
}

#[wasm_bindgen_test]
async fn keys_move_and_choose() {
    let mounted = Mounted::new(10);
    leptos::task::tick().await;
    let active = |index: usize| Some(format!("numbers-option-{index}"));
    assert_eq!(mounted.active(), active(0));
    mounted.press("ArrowDown").await;
    mounted.press("ArrowDown").await;
    assert_eq!(mounted.active(), active(2));
    mounted.press("Enter").await;
    assert_eq!(mounted.chosen.get_untracked(), ["2"]);
    mounted.press("End").await;
    assert_eq!(mounted.active(), active(9));
    mounted.press("ArrowDown").await;
    assert_eq!(mounted.active(), active(9));
    mounted.press("Home").await;
    mounted.press("ArrowUp").await;
    assert_eq!(mounted.active(), active(0));
}

#[wasm_bindgen_test]
async fn a_row_that_cannot_be_chosen_is_not() {
    let mounted = Mounted::new(10);
    leptos::task::tick().await;
    for _ in 0..3 {
        mounted.press("ArrowDown").await;
    }
    mounted.press("Enter").await;
    assert!(mounted.chosen.get_untracked().is_empty());
}

#[wasm_bindgen_test]
async fn an_empty_list_says_so() {
    let mounted = Mounted::new(0);
    leptos::task::tick().await;
    let text = mounted.root.query_selector("[role=status]").unwrap().unwrap().text_content();
    assert_eq!(text.as_deref(), Some("nothing"));
    assert_eq!(mounted.active(), None);
}
