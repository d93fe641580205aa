//! The state of a purchase: what the person wants, what there is, and what follows from the two. Nothing here is a
//! view, and no effect writes a choice: the form on the page is always `normalize(wishes, catalog)`.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;
use shared::{
    actions::{
        AvailableResource, CreateDesktop, DescribeActivityDirectoryUsers, DescribeAvailableResource,
        DescribeDesktopOwner, DescribeDesktopTypeItems, DescribeRegions, DescribeZones, DesktopOwner, DesktopTypeItem,
        DesktopTypeItems, Image, Images, Regions, UserInfo, Users, VSwitch, Zone, Zones,
    },
    form::{self, Catalog, Dropped, Field, FieldError, Form, Instead},
    ids::ClientToken,
    stock::StockTable,
};

use super::{attempt::Attempt, lists};
use crate::{address, api, language::Language, load::Loader, storage};

/// Everything that the parts of the purchase share. Lives as long as the page, so that it outlasts a look at the
/// orders and a change of language.
#[derive(Clone, Copy)]
pub struct Purchase {
    /// What the person chose, whether it fits or not: a choice that comes to fit again is back.
    pub wishes: RwSignal<Form>,
    /// What is chosen: the wishes as far as they fit, and defaults for the rest.
    pub form: Memo<Form>,
    /// The wishes that do not fit.
    pub dropped: Memo<Vec<Dropped>>,
    /// The wishes before the last choice, to take it back.
    before: RwSignal<Option<Form>>,
    /// What there is to choose from.
    pub lists: Lists,
    /// What is typed to find an image.
    pub image_search: RwSignal<String>,
    /// What is typed to find a user.
    pub user_search: RwSignal<String>,
    /// Whether desktops are bought for several users at once.
    pub several: RwSignal<bool>,
    /// Whether buying was tried, so that the fields show what is wrong.
    pub tried: RwSignal<bool>,
    /// The purchase under review, and its token.
    pub attempt: RwSignal<Option<Attempt>>,
    /// Whether the review is open.
    pub reviewing: RwSignal<bool>,
    /// Whether the page was shown before.
    shown: StoredValue<bool>,
}

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
    pub v_switches: Loader<Vec<VSwitch>>,
    /// The images that fit, the first page of them.
    pub images: Loader<Images>,
    /// Images that fit and match the search; loaded only where `images` does not hold them all.
    pub found_images: Loader<Images>,
    /// The directory's users.
    pub users: Loader<Users>,
    /// Whether the type is in stock in the zone, asked for itself: it decides whether one can buy.
    pub stock: Loader<AvailableResource>,
    /// What is in stock where, to choose by. Without it everything else works.
    pub table: Loader<StockTable>,
}

/// What has been loaded at one moment.
#[derive(Clone, Default)]
struct Known {
    owner: Option<Arc<DesktopOwner>>,
    types: Option<Arc<DesktopTypeItems>>,
    zones: Option<Arc<Zones>>,
    v_switches: Option<Arc<Vec<VSwitch>>>,
    images: Option<Arc<Images>>,
    users: Option<Arc<Users>>,
}

impl Known {
    fn catalog(&self, in_stock: Option<bool>) -> Catalog<'_> {
        Catalog {
            owner: self.owner.as_deref(),
            type_items: self.types.as_ref().map(|types| types.desktop_type_items.as_slice()),
            zones: self.zones.as_ref().map(|zones| zones.zones.as_slice()),
            v_switches: self.v_switches.as_ref().map(|list| list.as_slice()),
            images: self.images.as_ref().map(|images| images.images.as_slice()),
            images_complete: self.images.as_ref().is_some_and(|images| lists::is_complete(images)),
            users: self.users.as_ref().map(|users| users.users.as_slice()),
            in_stock,
        }
    }
}

impl Lists {
    fn idle() -> Self {
        Self {
            regions: Loader::idle(),
            owner: Loader::idle(),
            types: Loader::idle(),
            zones: Loader::idle(),
            v_switches: Loader::idle(),
            images: Loader::idle(),
            found_images: Loader::idle(),
            users: Loader::idle(),
            stock: Loader::idle(),
            table: Loader::idle(),
        }
    }

    fn known(&self) -> Known {
        Known {
            owner: self.owner.ready(),
            types: self.types.ready(),
            zones: self.zones.ready(),
            v_switches: self.v_switches.ready(),
            images: self.images.ready(),
            users: self.users.ready(),
        }
    }

    /// Starts the loads. Those of the region start at once and side by side; those of a choice when it is known.
    fn follow(
        self,
        wishes: RwSignal<Form>,
        form: Memo<Form>,
        language: RwSignal<Language>,
        image_search: RwSignal<String>,
    ) {
        // Normalising leaves the region alone, so the wish is the choice.
        let region = Memo::new(move |_| wishes.with(|form| form.region.clone()));
        self.regions.follow(|| Some(api::target(None, &DescribeRegions {})), api::load::<Regions>);
        self.types.follow(
            move || Some(api::target(Some(&region.get()?), &DescribeDesktopTypeItems::default())),
            api::load::<DesktopTypeItems>,
        );
        self.owner.follow(
            move || Some(api::target(Some(&region.get()?), &DescribeDesktopOwner {})),
            api::load::<DesktopOwner>,
        );
        self.zones.follow(
            move || {
                let request = DescribeZones { accept_language: Some(lists::accept_language(language.get())) };
                Some(api::target(Some(&region.get()?), &request))
            },
            api::load::<Zones>,
        );
        self.users.follow(
            move || Some(api::target(Some(&region.get()?), &DescribeActivityDirectoryUsers::default())),
            api::load::<Users>,
        );
        self.v_switches.follow(
            move || {
                // Until the region's zones are known, the zone may be another region's.
                self.zones.current()?;
                let vpc_id = self.owner.current()?.owner_vpc_id.clone()?;
                let zone_id = form.with(|form| form.zone_id.clone())?;
                Some(lists::v_switches_target(&region.get()?, vpc_id, zone_id))
            },
            lists::v_switches,
        );
        let images_of = move |search: &str| {
            self.types.current()?;
            form.with(|form| {
                Some(lists::images_target(form.region.as_ref()?, form.type_item_id.clone()?, form.image_type, search))
            })
        };
        self.images.follow(move || images_of(""), lists::images);
        let search = lists::settled(image_search);
        self.found_images.follow(
            move || {
                let search = search.get();
                let partial = self.images.ready().is_some_and(|images| !lists::is_complete(&images));
                (partial && !search.trim().is_empty()).then(|| images_of(search.trim())).flatten()
            },
            lists::images,
        );
        self.stock.follow(
            move || {
                self.types.current()?;
                self.zones.current()?;
                form.with(|form| {
                    let request = DescribeAvailableResource {
                        type_item_id: form.type_item_id.clone()?,
                        zone_id: form.zone_id.clone()?,
                        charge_type: Some(form.charge_type),
                    };
                    Some(api::target(Some(form.region.as_ref()?), &request))
                })
            },
            api::load::<AvailableResource>,
        );
        let charge_type = Memo::new(move |_| wishes.with(|form| form.charge_type));
        self.table.follow(move || Some(api::stock(&region.get()?, charge_type.get())), api::load::<StockTable>);
        keep_fresh(self);
    }

    /// Whether something that a purchase needs is still on its way.
    pub fn is_loading(&self) -> bool {
        self.owner.is_loading()
            || self.types.is_loading()
            || self.zones.is_loading()
            || self.v_switches.is_loading()
            || self.images.is_loading()
            || self.users.is_loading()
            || self.stock.is_loading()
    }
}

/// How old stock may grow on the screen.
const STOCK_LASTS: Duration = Duration::from_secs(60);

/// Looks at the stock again from time to time, for as long as somebody sees it.
fn keep_fresh(lists: Lists) {
    let look = move || {
        if !document().hidden() {
            lists.table.refresh();
            lists.stock.refresh();
        }
    };
    if let Ok(timer) = set_interval_with_handle(look, STOCK_LASTS) {
        on_cleanup(move || timer.clear());
    }
}

impl Purchase {
    /// Begins with what the address asks for.
    pub fn new(language: RwSignal<Language>) -> Self {
        let mut asked = address::form();
        // People are in no address; they are kept for this window, so that a reload loses nothing.
        asked.user_names = read_users();
        let several = RwSignal::new(asked.user_names.len() > 1);
        let wishes = RwSignal::new(asked);
        let lists = Lists::idle();
        let normal = Memo::new(move |_| form::normalize(wishes.get(), &lists.known().catalog(None)));
        let form = Memo::new(move |_| normal.with(|(form, _)| form.clone()));
        let dropped = Memo::new(move |_| normal.with(|(_, dropped)| dropped.clone()));
        let image_search = RwSignal::new(String::new());
        lists.follow(wishes, form, language, image_search);
        Self {
            wishes,
            form,
            dropped,
            before: RwSignal::new(None),
            lists,
            image_search,
            user_search: RwSignal::new(String::new()),
            several,
            tried: RwSignal::new(false),
            attempt: RwSignal::new(None),
            reviewing: RwSignal::new(false),
            shown: StoredValue::new(false),
        }
    }

    /// Called when the page is shown: one who comes back to it, from an order perhaps, finds another stock.
    pub fn come_back(&self) {
        if self.shown.get_value() {
            self.lists.stock.reload();
            self.lists.v_switches.reload();
        }
        self.shown.set_value(true);
    }

    /// Takes a choice of the person, and shows the configuration in the address.
    pub fn choose(&self, change: impl FnOnce(&mut Form)) {
        self.before.set(Some(self.wishes.get_untracked()));
        self.wishes.update(change);
        self.form.with_untracked(|form| {
            address::show_form(form);
            keep_users(&form.user_names);
        });
    }

    /// Whether there is a choice that can be taken back.
    pub fn can_undo(&self) -> bool {
        self.before.with(Option::is_some)
    }

    /// Takes the last choice back, and with it what fell away by it.
    pub fn undo(&self) {
        if let Some(before) = self.before.get_untracked() {
            self.choose(|form| *form = before);
            self.before.set(None);
        }
    }

    /// Takes a user who was picked: instead of another one, or beside others where several may be.
    pub fn pick_user(&self, name: String) {
        let several = self.several.get_untracked();
        self.choose(|form| match form.user_names.iter().position(|chosen| *chosen == name) {
            Some(index) if several => drop(form.user_names.remove(index)),
            _ if several => form.user_names.push(name),
            _ => form.user_names = vec![name],
        });
    }

    /// Says whether several users may be picked. Of several who were, the last one stays.
    pub fn allow_several(&self, several: bool) {
        self.several.set(several);
        if !several {
            self.choose(|form| drop(form.user_names.drain(..form.user_names.len().saturating_sub(1))));
        }
    }

    /// The purchases that the form asks for, one a user, or what is wrong with it.
    pub fn check(&self, token: &ClientToken) -> Result<Vec<CreateDesktop>, Vec<FieldError>> {
        let in_stock = self.lists.stock.ready().map(|stock| stock.available);
        form::validate(&self.form.get(), &self.lists.known().catalog(in_stock), token)
    }

    /// What is wrong with the form.
    pub fn errors(&self) -> Vec<FieldError> {
        // The token plays no part in the check.
        let token = "none".parse();
        token.map_or_else(|_| Vec::new(), |token| self.check(&token).err().unwrap_or_default())
    }

    /// What is in stock in place of a sold-out choice: the same type elsewhere, and the types next to it here.
    pub fn instead(&self) -> Vec<Instead> {
        let (Some(table), Some(types), Some(zones)) =
            (self.lists.table.ready(), self.lists.types.ready(), self.lists.zones.ready())
        else {
            return Vec::new();
        };
        self.form.with(|form| form::instead(form, &table, &types.desktop_type_items, &zones.zones))
    }

    /// What fell away in a field.
    pub fn dropped_in(&self, field: Field) -> Option<Dropped> {
        self.dropped.with(|dropped| dropped.iter().find(|dropped| dropped.field == field).cloned())
    }

    /// The type chosen.
    pub fn chosen_type(&self) -> Option<DesktopTypeItem> {
        let id = self.form.with(|form| form.type_item_id.clone())?;
        self.lists.types.ready()?.desktop_type_items.iter().find(|item| item.type_item_id == id).cloned()
    }

    /// The zone chosen.
    pub fn chosen_zone(&self) -> Option<Zone> {
        let id = self.form.with(|form| form.zone_id.clone())?;
        self.lists.zones.ready()?.zones.iter().find(|zone| zone.zone_id == id).cloned()
    }

    /// The vSwitch chosen.
    pub fn chosen_v_switch(&self) -> Option<VSwitch> {
        let id = self.form.with(|form| form.v_switch_id.clone())?;
        self.lists.v_switches.ready()?.iter().find(|v_switch| v_switch.v_switch_id == id).cloned()
    }

    /// The image chosen, where it is among those loaded.
    pub fn chosen_image(&self) -> Option<Image> {
        let id = self.form.with(|form| form.image_id.clone())?;
        let find = |images: Option<Arc<Images>>| images?.images.iter().find(|image| image.image_id == id).cloned();
        find(self.lists.images.ready()).or_else(|| find(self.lists.found_images.ready()))
    }

    /// The users chosen, in the order in which they were.
    pub fn chosen_users(&self) -> Vec<UserInfo> {
        let Some(users) = self.lists.users.ready() else { return Vec::new() };
        let find = |name: &String| users.users.iter().find(|user| user.name == *name).cloned();
        self.form.with(|form| form.user_names.iter().filter_map(find).collect())
    }

    /// The name of the region chosen.
    pub fn region_name(&self) -> Option<String> {
        let id = self.form.with(|form| form.region.clone())?;
        let known = self.lists.regions.ready();
        let region = known.as_ref().and_then(|list| list.regions.iter().find(|region| region.region_id == id));
        Some(region.map_or_else(|| id.into(), super::region::region_name))
    }

    /// Takes a user who was created, or given an address, into the list, and makes the user the choice.
    pub fn take_user(&self, user: UserInfo) {
        self.user_search.set(String::new());
        self.lists.users.change(|users| {
            let mut users = Users::clone(users);
            match users.users.iter_mut().find(|known| known.name == user.name) {
                Some(known) => known.email.clone_from(&user.email),
                None => users.users.insert(0, user.clone()),
            }
            users
        });
        if !self.form.with_untracked(|form| form.user_names.contains(&user.name)) {
            self.pick_user(user.name);
        }
    }
}

/// Where the users picked are kept.
const USERS: &str = "deskbuy.users";

fn read_users() -> Vec<String> {
    let items = storage::read_list(storage::of_window(), USERS);
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Keeps who was picked, for this window.
pub fn keep_users(names: &[String]) {
    storage::write_list(storage::of_window(), USERS, names.iter().map(|name| name.as_str().into()).collect());
}
