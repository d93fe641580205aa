//! List virtualisation: of rows of one height, only those in sight are drawn.

use std::ops::Range;

use leptos::{ev, html, prelude::*};

use crate::reactive::next_frame;

/// Rows drawn beyond either edge, so that scrolling shows no gap.
const SPARE: usize = 6;

/// A scrolling element over rows of one height.
#[derive(Clone, Copy)]
pub struct Window {
    /// The element that scrolls.
    pub element: NodeRef<html::Div>,
    /// Height of a row in pixels.
    row: usize,
    /// Pixels scrolled.
    scroll: RwSignal<usize>,
    /// Rows that fit in sight.
    fits: RwSignal<usize>,
    /// Whether all rows are drawn, for paper.
    all: RwSignal<bool>,
}

impl Window {
    /// A window over rows of that height. `fits` is the number of rows in sight until it is measured.
    pub fn new(row: usize, fits: usize) -> Self {
        Self {
            element: NodeRef::new(),
            row,
            scroll: RwSignal::new(0),
            fits: RwSignal::new(fits),
            all: RwSignal::new(false),
        }
    }

    /// The handler of the element's `scroll` event.
    pub fn on_scroll(&self) {
        if let Some(element) = self.element.get_untracked() {
            self.scroll.set(usize::try_from(element.scroll_top()).unwrap_or(0));
            self.fits.set(usize::try_from(element.client_height()).unwrap_or(0) / self.row + 1);
        }
    }

    /// The range of rows to draw.
    pub fn range(&self, count: usize) -> Range<usize> {
        if self.all.get() {
            return 0..count;
        }
        let first = (self.scroll.get() / self.row).saturating_sub(SPARE).min(count);
        first..(first + self.fits.get() + 2 * SPARE).min(count)
    }

    /// Scrolls a row into sight in the next frame: measuring while the page changes would force a second layout.
    pub fn reveal(self, index: usize) {
        let (top, bottom) = (self.pixels(index), self.pixels(index + 1));
        self.in_next_frame(move |element| {
            if top < element.scroll_top() {
                element.set_scroll_top(top);
            } else if bottom > element.scroll_top() + element.client_height() {
                element.set_scroll_top(bottom - element.client_height());
            }
        });
    }

    /// The first row in sight.
    pub fn first(&self) -> usize {
        self.scroll.get_untracked() / self.row
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

    /// Whether a mouse is over it.
    pub fn is_pointed_at(&self) -> bool {
        self.element.get_untracked().is_some_and(|element| element.matches(":hover").unwrap_or(false))
    }

    /// Scrolls along with a row that has moved.
    pub fn shift(&self, from: usize, to: usize) {
        let Some(element) = self.element.get_untracked() else { return };
        element.set_scroll_top(element.scroll_top() + self.pixels(to) - self.pixels(from));
    }

    fn pixels(&self, rows: usize) -> i32 {
        i32::try_from(rows * self.row).unwrap_or(i32::MAX)
    }

    /// Scrolls to the first row.
    pub fn to_top(self) {
        self.scroll.set(0);
        self.in_next_frame(|element| element.set_scroll_top(0));
    }

    fn in_next_frame(self, what: impl FnOnce(web_sys::HtmlDivElement) + 'static) {
        next_frame(move || {
            if let Some(element) = self.element.try_get_untracked().flatten() {
                what(element);
            }
        });
    }
}
