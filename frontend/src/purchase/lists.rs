//! The lists of the form: what each is loaded from, on which choices it depends, and when it is refreshed.

use std::{sync::Arc, time::Duration};

use js_sys::Date;
use leptos::prelude::*;
use shared::{
    actions::{
        AvailableResource, DescribeActivityDirectoryUsers, DesktopOwner, DesktopTypeItems, Images, Regions, Users,
        VSwitches, Zones,
    },
    form::{Catalog, Field, Form},
    prices::PriceBook,
    reads,
    stock::{Stock, StockTable},
};

use super::pages;
use crate::{
    api,
    language::Language,
    reactive::{Load, Loader, debounced, every, load::Fetch, time_of_day, watch},
};

/// The loads.
#[derive(Clone, Copy)]
pub struct Lists {
    /// The regions.
    pub regions: Loader<Regions>,
    /// The account's set-up in the region.
    pub owner: Loader<DesktopOwner>,
    /// The region's types.
    pub types: Loader<DesktopTypeItems>,
    /// The region's zones.
    pub zones: Loader<Zones>,
    /// The vSwitches of the account's network in the zone.
    pub v_switches: Loader<VSwitches>,
    /// The images that fit, the first page of them.
    pub images: Loader<Images>,
    /// Images that fit and match the search; loaded only where `images` does not hold them all.
    pub found_images: Loader<Images>,
    /// The directory's users.
    pub users: Loader<Users>,
    /// The stock of the chosen type in the chosen zone, from a call of its own: it decides whether one can buy.
    pub chosen_stock: Loader<Stock>,
    /// The stock of each type in each zone, to choose by. Nothing depends on it.
    pub stock_table: Loader<StockTable>,
    /// The time of the oldest answer in that table, as `14:05`; empty while there is none.
    pub stock_time: RwSignal<String>,
    /// The operator's prices.
    pub prices: Loader<PriceBook>,
}

/// A snapshot of the loaded lists.
#[derive(Clone, Default)]
pub struct Known {
    owner: Option<Arc<DesktopOwner>>,
    types: Option<Arc<DesktopTypeItems>>,
    zones: Option<Arc<Zones>>,
    v_switches: Option<Arc<VSwitches>>,
    images: Option<Arc<Images>>,
    users: Option<Arc<Users>>,
    stock_table: Option<Arc<StockTable>>,
}

impl Known {
    /// The snapshot with the stock that defaults follow.
    pub fn with_stock(self, stock_table: Option<Arc<StockTable>>) -> Self {
        Self { stock_table, ..self }
    }

    /// The snapshot as a catalog for the rules of the form.
    pub fn catalog(&self, chosen_stock: Stock) -> Catalog<'_> {
        Catalog {
            owner: self.owner.as_deref(),
            type_items: self.types.as_ref().map(|types| types.desktop_type_items.as_slice()),
            zones: self.zones.as_ref().map(|zones| zones.zones.as_slice()),
            v_switches: self.v_switches.as_ref().map(|list| list.v_switches.as_slice()),
            images: self.images.as_ref().map(|images| images.images.as_slice()),
            images_complete: self.images.as_ref().is_some_and(|images| pages::is_complete(images)),
            users: self.users.as_ref().map(|users| users.users.as_slice()),
            chosen_stock,
            stock_table: self.stock_table.as_deref(),
        }
    }
}

impl Lists {
    /// Lists that load nothing yet.
    pub fn idle() -> Self {
        Self {
            regions: Loader::idle(),
            owner: Loader::idle(),
            types: Loader::idle(),
            zones: Loader::idle(),
            v_switches: Loader::idle(),
            images: Loader::idle(),
            found_images: Loader::idle(),
            users: Loader::idle(),
            chosen_stock: Loader::idle(),
            stock_table: Loader::idle(),
            stock_time: RwSignal::new(String::new()),
            prices: Loader::idle(),
        }
    }

    /// What has been loaded.
    pub fn known(&self) -> Known {
        Known {
            owner: self.owner.ready(),
            types: self.types.ready(),
            zones: self.zones.ready(),
            v_switches: self.v_switches.ready(),
            images: self.images.ready(),
            users: self.users.ready(),
            stock_table: None,
        }
    }

    /// Starts the loads. Lists of the region start at once, in parallel; lists that depend on a choice start when it is
    /// known.
    pub fn follow(
        self,
        requested: RwSignal<Form>,
        form: Memo<Form>,
        language: RwSignal<Language>,
        image_search: RwSignal<String>,
    ) {
        // Normalising leaves the region alone, so the requested one is the effective one.
        let region = Signal::derive(move || requested.with(|form| form.region.clone()));
        self.regions.follow(|| Some(reads::regions()), api::load::<Regions>);
        self.types.follow(move || Some(reads::types(&region.get()?)), api::load::<DesktopTypeItems>);
        self.owner.follow(move || Some(reads::owner(&region.get()?)), api::load::<DesktopOwner>);
        self.zones.follow(move || Some(reads::zones(&region.get()?, language.get())), api::load::<Zones>);
        self.users.follow(
            move || Some(reads::action(Some(&region.get()?), &DescribeActivityDirectoryUsers::default())),
            api::load::<Users>,
        );
        self.v_switches.follow(
            move || {
                // Until the region's zones are known, the zone may be another region's.
                self.zones.current()?;
                let vpc_id = self.owner.current()?.owner_vpc_id.clone()?;
                let zone_id = form.with(|form| form.zone_id.clone())?;
                Some(reads::v_switches(&region.get()?, vpc_id, zone_id))
            },
            pages::v_switches,
        );
        let images_of = move |search: &str| {
            self.types.current()?;
            form.with(|form| {
                Some(reads::images(form.region.as_ref()?, form.type_item_id.clone()?, form.image_type, search))
            })
        };
        self.images.follow(move || images_of(""), pages::images);
        let search = debounced(image_search);
        self.found_images.follow(
            move || {
                let search = search.get();
                let partial = self.images.ready().is_some_and(|images| !pages::is_complete(&images));
                (partial && !search.trim().is_empty()).then(|| images_of(search.trim())).flatten()
            },
            pages::images,
        );
        self.chosen_stock.follow(
            move || {
                self.types.current()?;
                self.zones.current()?;
                form.with(|form| {
                    let (type_item_id, zone_id) = (form.type_item_id.clone()?, form.zone_id.clone()?);
                    Some(reads::available(form.region.as_ref()?, type_item_id, zone_id, form.charge_type))
                })
            },
            |target| {
                Fetch::reading(api::fetch(&target), |text| {
                    api::read(text).map(|answer: AvailableResource| answer.stock())
                })
            },
        );
        self.stock_table.follow(
            move || Some(reads::stock(&region.get()?, requested.with(|form| form.charge_type))),
            api::load::<StockTable>,
        );
        watch(move || {
            self.stock_time.set(self.stock_table.ready().and_then(|table| oldest(&table)).unwrap_or_default());
        });
        self.prices.follow(move || Some(reads::prices(&region.get()?)), api::load::<PriceBook>);
        keep_fresh(self);
    }

    /// Whether the list that a field is chosen from is loaded for the present choices. True for a field without a list.
    pub fn is_current(&self, field: Field) -> bool {
        match field {
            Field::TypeItem => self.types.current().is_some(),
            Field::Zone => self.zones.current().is_some(),
            Field::VSwitch => self.v_switches.current().is_some(),
            Field::Image => self.images.current().is_some(),
            Field::User => self.users.current().is_some(),
            _ => true,
        }
    }

    /// Whether a list that a purchase needs is loading.
    pub fn is_loading(&self) -> bool {
        self.owner.is_loading()
            || self.types.is_loading()
            || self.zones.is_loading()
            || self.v_switches.is_loading()
            || self.images.is_loading()
            || self.users.is_loading()
            || self.chosen_stock.is_loading()
    }
}

/// The time of the oldest answer in a table that has just arrived. A time of day stays true while it is shown; an age
/// would not.
fn oldest(table: &StockTable) -> Option<String> {
    let age = u32::try_from(table.oldest()?).ok()?;
    let at = Date::new(&(Date::now() - f64::from(age) * 1000.0).into());
    Some(time_of_day(&at))
}

/// How old the shown stock may become, in milliseconds.
const STOCK_LASTS: f64 = 60_000.0;
/// The first delay before unknown cells are asked for again, in milliseconds; doubled each time.
const GAPS_LAST: f64 = 5_000.0;

/// Refreshes the stock while the window is visible.
fn keep_fresh(lists: Lists) {
    let seen = StoredValue::new((Date::now(), GAPS_LAST));
    let look = move || {
        // A timer that is due already comes once more, after the purchase was left.
        let Some((at, pause)) = seen.try_get_value() else { return };
        let gaps = match untrack(|| lists.stock_table.get()) {
            Load::Ready(table) => table.cells.iter().any(|cell| cell.stock == Stock::Unknown),
            Load::Failed(_) => true,
            Load::Idle | Load::Loading => return,
        };
        let due = if gaps { pause } else { STOCK_LASTS };
        if document().hidden() || Date::now() - at < due {
            return;
        }
        seen.set_value((Date::now(), if gaps { (pause * 2.0).min(STOCK_LASTS) } else { GAPS_LAST }));
        lists.stock_table.refresh();
        if !gaps {
            lists.chosen_stock.refresh();
        }
    };
    every(Duration::from_secs(5), look);
}
