//! List virtualisation: of rows of one height, only those in sight are drawn. How high a row is, is the style sheet's affair,
//! since it grows with the text; the pixels of the whole list tell those of a row.

use std::ops::Range;

use leptos::{ev, html, prelude::*};

use crate::reactive::next_frame;

/// Rows drawn beyond either edge, so that scrolling shows no gap.
const SPARE: usize = 6;

/// The height of so many rows, for a style.
pub fn rows_high(count: usize) -> String {
    format!("calc(var(--row, 48px) * {count})")
}

/// A scrolling element over rows of one height.
#[derive(Clone, Copy)]
pub struct Window {
    /// The element that scrolls.
    pub element: NodeRef<html::Div>,
    /// Rows in all.
    count: StoredValue<usize>,
    /// The first row in sight.
    first: RwSignal<usize>,
    /// Rows that fit in sight.
    fits: RwSignal<usize>,
    /// Whether all rows are drawn, for paper.
    all: RwSignal<bool>,
}

impl Window {
    /// `fits` is the number of rows in sight until it is measured.
    pub fn new(fits: usize) -> Self {
        Self {
            element: NodeRef::new(),
            count: StoredValue::new(0),
            first: RwSignal::new(0),
            fits: RwSignal::new(fits),
            all: RwSignal::new(false),
        }
    }

    /// The handler of the element's `scroll` event: measures what is in sight.
    pub fn on_scroll(&self) {
        if let Some(element) = self.element.try_get_untracked().flatten() {
            let rows = |pixels| share(size(pixels), size(element.scroll_height()), self.count.get_value());
            self.first.set(rows(element.scroll_top()));
            self.fits.set(rows(element.client_height()) + 1);
        }
    }

    /// The range of rows to draw.
    pub fn range(&self, count: usize) -> Range<usize> {
        self.count.set_value(count);
        if self.all.get() {
            return 0..count;
        }
        let first = self.first.get().saturating_sub(SPARE).min(count);
        first..(first + self.fits.get() + 2 * SPARE).min(count)
    }

    /// Scrolls a row into sight in the next frame: measuring while the page changes would force a second layout.
    pub fn reveal(self, index: usize) {
        self.in_next_frame(move |element| {
            let (top, bottom) = (self.pixels(element, index), self.pixels(element, index + 1));
            if top < element.scroll_top() {
                element.set_scroll_top(top);
            } else if bottom > element.scroll_top() + element.client_height() {
                element.set_scroll_top(bottom - element.client_height());
            }
        });
    }

    /// The first row in sight.
    pub fn first(&self) -> usize {
        self.first.get_untracked()
    }

    /// Draws all rows while the page is printed, for as long as the owner is there.
    pub fn print_all(self) {
        let before = window_event_listener(ev::beforeprint, move |_| self.all.set(true));
        let after = window_event_listener(ev::afterprint, move |_| self.all.set(false));
        on_cleanup(move || {
            before.remove();
            after.remove();
        });
    }

    /// Measures once the rows are laid out, and whenever the size of the browser's window changes, for as long as the owner is
    /// there.
    pub fn follow_size(self) {
        next_frame(move || self.on_scroll());
        let resized = window_event_listener(ev::resize, move |_| self.on_scroll());
        on_cleanup(move || resized.remove());
    }

    /// Whether a mouse is over it.
    pub fn is_pointed_at(&self) -> bool {
        self.element.get_untracked().is_some_and(|element| element.matches(":hover").unwrap_or(false))
    }

    /// Scrolls along with a row that has moved.
    pub fn shift(&self, from: usize, to: usize) {
        let Some(element) = self.element.get_untracked() else { return };
        element.set_scroll_top(element.scroll_top() + self.pixels(&element, to) - self.pixels(&element, from));
    }

    /// The height of so many rows.
    fn pixels(&self, element: &web_sys::Element, rows: usize) -> i32 {
        i32::try_from(share(rows, self.count.get_value(), size(element.scroll_height()))).unwrap_or(i32::MAX)
    }

    /// Scrolls to the first row.
    pub fn to_top(self) {
        self.first.set(0);
        self.in_next_frame(|element| element.set_scroll_top(0));
    }

    fn in_next_frame(self, what: impl FnOnce(&web_sys::HtmlDivElement) + 'static) {
        next_frame(move || {
            if let Some(element) = self.element.try_get_untracked().flatten() {
                what(&element);
            }
        });
    }
}

/// Pixels as a number of them.
fn size(pixels: i32) -> usize {
    usize::try_from(pixels).unwrap_or(0)
}

/// As much of `of` as the part is of the whole. The product has more digits than an address of the page's.
fn share(part: usize, whole: usize, of: usize) -> usize {
    usize::try_from(part as u64 * of as u64 / whole.max(1) as u64).unwrap_or(usize::MAX)
}
